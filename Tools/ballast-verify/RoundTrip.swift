import Arrays
import Checkpoints
import Interchange
import States
import ToolSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The conversion of a file to HDF5 and back into memory, compared with the file.
struct RoundTrip {
  private let path: String

  init(_ path: String) { self.path = path }

  func verify(_ console: Console) throws -> ExitStatus {
    let source = try OpenedCheckpoint(path)
    let folder = try Self.temporaryFolder()
    let copy = folder + "/round-trip.h5"
    defer {
      unlink(copy)
      rmdir(folder)
    }
    console.progress("Writing \(path) as HDF5")
    // The copy is thrown away: it need not survive a power cut.
    var options = SaveOptions()
    options.isDurable = false
    try CheckpointWriter.write(source.checkpoint, to: copy, options: options)
    console.progress("Reading it back")
    let file = try CheckpointFile(copy)
    let damage = try file.verify().problems
    let comparison = try CheckpointComparison(source.checkpoint, file.read(.mapped))
    console.clearProgress()

    let isSame = damage.isEmpty && comparison.differences.isEmpty
    if isSame {
      console.print(
        "verified: \(path) went to HDF5 and back: \(comparison.comparedCount.of("tensor")), "
          + "\(comparison.comparedByteCount.byteCountText), equal to the bit")
    } else {
      console.print("\(path) did not survive the round trip:")
      for problem in damage { console.print("  \(problem)") }
      for (name, difference) in comparison.differences { console.print("  \(name): \(difference)") }
    }
    console.report([
      "file": .string(path), "verified": .bool(isSame), "tensors": .int(comparison.comparedCount),
      "bytes": .int(comparison.comparedByteCount),
      "problems": .list(
        damage.map { .string($0.description) }
          + comparison.differences.map { .string("\($0.name): \($0.difference)") }),
    ])
    return isSame ? .success : .checkFailed
  }

  /// A folder of our own, where temporary files belong.
  private static func temporaryFolder() throws -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/ballast-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FileError("create", path: "\(parent)/ballast-XXXXXX", errno: errno)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
