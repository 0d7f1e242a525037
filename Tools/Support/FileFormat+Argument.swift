import ArgumentParser
import Interchange

extension FileFormat: ExpressibleByArgument {
  /// The names of all formats, for messages.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
