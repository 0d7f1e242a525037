import Foundation
import TestSupport
import Testing

/// What a source imports, its target depends on: it would else be found or not by the order in which
/// the targets happen to be built.
@Suite struct ImportTests {
  /// What `swift package dump-package` gives.
  private struct Manifest: Decodable {
    struct Target: Decodable {
      let name: String
      let path: String?
      let type: String
      let dependencies: [[String: [Name?]]]
    }

    /// A name, or something else that a dependency has, such as its condition.
    enum Name: Decodable {
      case text(String)
      case other

      init(from decoder: any Decoder) throws {
        let text = try? decoder.singleValueContainer().decode(String.self)
        self = text.map { .text($0) } ?? .other
      }
    }

    let targets: [Target]
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized.path

  /// The modules that come with Swift or the system.
  private static let system: Set<String> = [
    "Foundation", "Synchronization", "Testing", "Glibc", "Musl", "Darwin", "Dispatch",
    "PackageDescription",
  ]

  private func manifest() throws -> Manifest {
    let scratch = try TemporaryFolder()
    let command = try Command.run(
      "/usr/bin/env",
      [
        "swift", "package", "--package-path", Self.root, "--scratch-path", scratch.file("build"),
        "dump-package",
      ])
    try #require(command.status == 0, "\(command.errors)")
    return try JSONDecoder().decode(Manifest.self, from: Data(command.output.utf8))
  }

  /// The modules that a source imports.
  private static func imports(_ text: String) -> Set<String> {
    let kinds: Set = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
    var modules: Set<String> = []
    for line in text.split(separator: "\n") {
      var words = line.split(separator: " ").drop {
        $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0)
      }
      guard words.popFirst() == "import", let first = words.popFirst() else { continue }
      let path = kinds.contains(String(first)) ? words.first ?? "" : first
      modules.insert(String(path.split(separator: ".").first ?? ""))
    }
    return modules
  }

  @Test func importsAreTold() {
    let text = "import A\n  @_exported import B\n@testable public import struct C.D\n// import E\n"
    #expect(Self.imports(text) == ["A", "B", "C"])
  }

  @Test func targetsDependOnWhatTheyImport() throws {
    let manifest = try manifest()
    var direct: [String: Set<String>] = [:]
    for target in manifest.targets {
      // The name comes first, whatever the kind of the dependency.
      direct[target.name] = Set(
        target.dependencies.flatMap(\.values).compactMap {
          guard case .text(let name)?? = $0.first else { return nil }
          return name
        })
    }
    func all(_ name: String, _ found: inout Set<String>) {
      for other in direct[name] ?? [] where found.insert(other).inserted { all(other, &found) }
    }
    var count = 0
    for target in manifest.targets where target.type != "system" {
      let name = target.name
      let path = target.path ?? "\(target.type == "test" ? "Tests" : "Sources")/\(name)"
      var known: Set = [name]
      all(name, &known)
      known = Set(known.map { $0.replacing("-", with: "_") })
      let files = FileManager.default.enumerator(atPath: "\(Self.root)/\(path)")
      for case let file as String in files ?? .init() where file.hasSuffix(".swift") {
        // A package of its own, which a test builds.
        guard !file.hasPrefix("Consumer/") else { continue }
        count += 1
        let text = try String(contentsOfFile: "\(Self.root)/\(path)/\(file)", encoding: .utf8)
        let unknown = Self.imports(text).subtracting(known).subtracting(Self.system)
        #expect(
          unknown.isEmpty,
          "\(path)/\(file) imports \(unknown.sorted()), on which \(name) does not depend")
      }
    }
    #expect(count > 500)
  }
}
