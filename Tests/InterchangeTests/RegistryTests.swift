import Foundation
import Interchange
import Testing

/// The registry is the one list of formats.
@Suite struct RegistryTests {
  @Test func namesAndEndingsAreEachOneFormats() {
    let formats = FileFormat.allCases
    #expect(Set(formats.map(\.id)).count == formats.count)
    let endings = formats.flatMap(\.endings)
    #expect(Set(endings).count == endings.count)
    for format in formats {
      #expect(FileFormat(id: format.id) == format)
      for ending in format.endings {
        #expect(FileFormat(fileName: "a.\(ending)") == format, "\(ending)")
      }
    }
  }

  /// Whoever wants to know what a format can do asks its traits: no source outside the formats' rooms
  /// and the registry compares with one, or chooses by it.
  @Test func noSourceOutsideTheRoomsChoosesByFormat() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let constants = [
      "ballast", "pytorch", "pyTorchDistributed", "deepSpeed", "safetensors", "numpy", "gguf",
      "onnx", "keras", "kerasWeights", "kerasLegacy", "matlab", "octave", "jld2", "hdf5",
    ].joined(separator: "|")
    let choice = try Regex("(case|==|!=|\\[)\\s*\\.(\(constants))\\b")
    var count = 0
    var found: [String] = []
    for folder in ["Sources", "Tools"] {
      let files = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
      while let name = files?.nextObject() as? String {
        guard name.hasSuffix(".swift"), !name.hasPrefix("Formats/"),
          name != "Interchange/FormatRegistry.swift"
        else { continue }
        count += 1
        let path = root.appending(path: folder).appending(path: name)
        for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        where line.contains(choice) {
          found.append("\(name): \(line)")
        }
      }
    }
    #expect(count > 300)
    #expect(found == [])
  }
}
