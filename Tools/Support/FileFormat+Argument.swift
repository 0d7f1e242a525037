import ArgumentParser
import Checkpoints
import Interchange

extension FileFormat: ExpressibleByArgument {
  /// The format of this name, nil if there is none.
  public init?(argument: String) { self.init(id: argument) }

  /// The names of all formats.
  public static var allValueStrings: [String] { allCases.map(\.id) }
}

/// A format that can be written, as an option names it.
public struct OutputFormat: ExpressibleByArgument {
  /// The format.
  public let format: FileFormat

  /// The format of a name, nil if there is none, or it is only read.
  public init?(argument: String) {
    guard let format = FileFormat(id: argument), format.traits.isWritable else { return nil }
    self.format = format
  }

  /// The format that the name of a file implies.
  ///
  /// - Parameter advice: What to do if it implies none.
  /// - Throws: ``UsageError`` if it implies none.
  public init(fileName: String, advice: String) throws(UsageError) {
    guard let format = FileFormat(fileName: fileName) else {
      throw UsageError("the name '\(fileName)' does not say the format to write; \(advice)")
    }
    self.format = format
  }

  /// The names of the formats that can be written.
  public static var allValueStrings: [String] {
    FileFormat.allCases.filter(\.traits.isWritable).map(\.id)
  }
}
