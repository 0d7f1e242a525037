/// The place of an element, or of what a class encodes of the class that it inherits from.
struct ValueKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }

  /// What Swift's own coders call it.
  static let `super` = ValueKey(stringValue: "super")
}
