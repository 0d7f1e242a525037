import Checkpoints
import Files

/// Which attributes of a TorchScript program's classes are parameters and which are buffers.
///
/// The pickle of such a program does not say it, and its code does: for each class a list
/// `__parameters__` and one `__buffers__`, as `torch/csrc/jit/serialization/python_print.cpp` of
/// PyTorch writes them. The code is searched for these lines and not otherwise interpreted.
struct ScriptClasses {
  /// The names of the attributes of a class, and whether they are parameters.
  private var attributes: [String: [String: Bool]] = [:]

  /// Code is text for a few lines per module; this is far more than any program has.
  private static let maximumByteCount = 64 << 20

  /// Searches the code of a program.
  ///
  /// - Throws: ``CheckpointError`` if a member is damaged or cannot be read.
  init(_ zip: ZipArchive, root: String) throws(CheckpointError) {
    let folder = "\(root)/code/"
    var byteCount = 0
    for entry in zip.entries where entry.name.hasPrefix(folder) && entry.name.hasSuffix(".py") {
      byteCount = byteCount.addingReportingOverflow(entry.byteCount).partialValue
      guard (0...Self.maximumByteCount).contains(byteCount) else {
        throw CheckpointError(
          .refused, file: zip.file.path, place: entry.name,
          reason: "the code of its program has more than \(Self.maximumByteCount) bytes")
      }
      let module = String(entry.name.dropFirst(folder.count).dropLast(3))
        .replacing("/", with: ".")
      let text = String(decoding: try zip.bytes(of: entry, limit: byteCount), as: UTF8.self)
      search(text, module)
    }
  }

  /// Whether an attribute of a class is a parameter; nil if the code does not say it.
  func isParameter(_ name: String, of type: String) -> Bool? { attributes[type]?[name] }

  private mutating func search(_ text: String, _ module: String) {
    var type: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("class ") {
        type = line.dropFirst(6).firstIndex(where: { "(:".contains($0) }).map {
          "\(module).\(line.dropFirst(6)[..<$0])"
        }
      } else if let type {
        for (marker, isParameter) in [("  __parameters__ = [", true), ("  __buffers__ = [", false)]
        where line.hasPrefix(marker) {
          for name in line.dropFirst(marker.count).split(separator: "\"").map(String.init)
          where !name.allSatisfy({ ", ]".contains($0) }) {
            attributes[type, default: [:]][name] = isParameter
          }
        }
      }
    }
  }
}
