import Foundation

/// The folder of a test target, in which `Fixtures` and `Peers` are.
public enum TestTarget {
  /// The folder below `Tests` in which a source file is, however deep.
  ///
  /// - Parameter file: The path of the source; that of the caller by default.
  public static func folder(of file: String = #filePath) -> URL {
    var folder = URL(filePath: file).deletingLastPathComponent()
    while folder.pathComponents.count > 2,
      folder.deletingLastPathComponent().lastPathComponent != "Tests"
    {
      folder.deleteLastPathComponent()
    }
    return folder
  }
}
