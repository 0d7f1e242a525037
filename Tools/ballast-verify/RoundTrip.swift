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
    let copy = Self.temporaryPath()
    console.progress("Writing \(path) as HDF5")
    // The copy is thrown away: it need not survive a power cut.
    var options = SaveOptions()
    options.isDurable = false
    options.overwrite = .refuse
    // Nor is it anybody else's to read, in a folder that all may share.
    umask(0o077)
    try CheckpointWriter.write(source.checkpoint, to: copy, options: options)
    console.progress("Reading it back")
    let opened = Result { try CheckpointFile(copy) }
    // Without a name it is gone when it is closed, however this ends.
    unlink(copy)
    let file = try opened.get()
    let damage = try file.verify().problems
    let comparison = try CheckpointComparison(source.checkpoint, file.read(.mapped))
    console.clearProgress()

    let isSame = damage.isEmpty && comparison.differences.isEmpty
    if isSame {
      console.print(
        "verified: \(path) went to HDF5 and back: \(comparison.comparedCount.of("tensor")), "
          + "\(comparison.comparedByteCount.byteCountText), equal to the bit")
    } else {
      console.alert("\(path) did not survive the round trip:")
      for problem in damage { console.alert("  \(problem)") }
      for (name, difference) in comparison.differences { console.alert("  \(name): \(difference)") }
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

  /// A path where temporary files belong, under a name that nobody can have taken before.
  private static func temporaryPath() -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(folder)/ballast-\(String(UInt64.random(in: 0 ... .max), radix: 36)).h5"
  }
}
