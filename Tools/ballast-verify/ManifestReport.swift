import Arrays
import Checkpoints
import Files
import Interchange
import States
import ToolSupport

/// The digests of a file's tensors and values: printed, or held against those that were printed before.
struct ManifestReport {
  private let opened: OpenedCheckpoint

  init(_ opened: OpenedCheckpoint) { self.opened = opened }

  /// Prints a line for each tensor and value.
  func print(_ console: Console) throws -> ExitStatus {
    console.progress("Reading \(opened.path)")
    let manifest = try Manifest(opened.checkpoint)
    console.clearProgress()
    manifest.lines.forEach(console.print)
    tellLosses(console)
    console.report([
      "file": .string(opened.path),
      "manifest": .dict(
        .init(
          uniqueKeysWithValues: manifest.digests.map { (.string($0.key), .string($0.value)) })),
      "losses": LossReport(opened.losses).value,
    ])
    return .success
  }

  /// Tells what reading left out, which no digest stands for; not on standard output, where the
  /// manifest goes.
  private func tellLosses(_ console: Console) {
    for line in LossReport(opened.losses).lines { console.remark("\(opened.path): \(line)") }
  }

  /// Compares the file with a manifest.
  func check(against path: String, _ console: Console) throws -> ExitStatus {
    let file = try InputFile(path)
    guard let text = String(validating: try file.bytes(in: 0..<file.byteCount), as: UTF8.self)
    else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is not UTF-8")
    }
    let manifest = try Manifest(text: text, file: path)
    console.progress("Reading \(opened.path)")
    let differences = manifest.differences(from: try Manifest(opened.checkpoint))
    console.clearProgress()
    // A manifest has no digest of what reading left out.
    let hidden = opened.losses.contains(where: \.hidesContent)
    let isVerified = differences.isEmpty && !hidden
    let contents = CheckpointContents(opened.checkpoint)
    let valueCount = contents.userValueCount
    let values = valueCount == 0 ? "" : ", \(valueCount.of("value"))"
    let size = contents.tensors.count.of("tensor") + values
    if isVerified {
      console.print("verified: \(opened.path) is as \(path) says (\(size))")
    } else if differences.isEmpty {
      console.alert(
        "\(opened.path) is as \(path) says (\(size)), but for what no manifest has a digest of")
    } else {
      console.alert("\(opened.path) is not as \(path) says:")
      for (name, reason) in differences { console.alert("  \(name): \(reason)") }
    }
    tellLosses(console)
    console.report([
      "file": .string(opened.path), "manifest": .string(path),
      "verified": .bool(isVerified), "tensors": .int(contents.tensors.count),
      "values": .int(valueCount),
      "differences": .list(
        differences.map { ["tensor": .string($0.name), "difference": .string($0.reason)] }),
      "losses": LossReport(opened.losses).value,
    ])
    return isVerified ? .success : .checkFailed
  }
}
