import OrderedCollections
import States

/// The texts of several files as those of one.
struct SharedTexts {
  /// Each text as the first file with one of its name has it.
  private(set) var first: OrderedDictionary<String, String> = [:]
  private(set) var losses: [ConversionLoss] = []

  /// Takes a text, and records a loss if it is not the one known.
  ///
  /// - Parameter name: The file that has it, for the loss.
  mutating func add(_ text: String, _ key: String, of name: String) {
    guard let known = first[key] else {
      first[key] = text
      return
    }
    guard known != text else { return }
    losses.append(
      ConversionLoss(.metadataDropped, key, "\(name) has another text of it than a file before"))
  }
}
