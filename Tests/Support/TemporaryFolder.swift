import Foundation

/// A folder of its own for one test, removed with everything in it when the test lets go of it.
public final class TemporaryFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// Makes a new folder.
  public init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "ballast-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  public func file(_ name: String = "test.h5") -> String { "\(path)/\(name)" }

  /// The bytes of a file in the folder.
  public func bytes(_ name: String = "test.h5") throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: file(name))))
  }

  /// The text of a file in the folder, nil if there is none.
  public func text(of name: String) -> String? {
    try? String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// Writes bytes to a file in the folder and gives its path.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }

  /// The names of all files in the folder, sorted.
  public var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
  }
}
