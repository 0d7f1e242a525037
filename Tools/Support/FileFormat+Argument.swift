import ArgumentParser
import Interchange

extension FileFormat: ExpressibleByArgument {
  /// The names of the formats that can be written, for messages.
  public static var writableNames: String {
    allCases.filter(\.isWritable).map(\.rawValue).joined(separator: ", ")
  }
}
