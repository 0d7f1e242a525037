/// A text that equals another only if both are the same code points.
///
/// Swift has "é" equal to "e" with a combining accent. For Python they are two keys, and for most systems two
/// names of files.
package struct ExactString: Hashable, Sendable {
  /// The text.
  package let string: String

  /// Takes a text.
  package init(_ string: String) { self.string = string }

  /// Whether both have the same bytes.
  package static func == (lhs: ExactString, rhs: ExactString) -> Bool {
    var (lhs, rhs) = (lhs.string, rhs.string)
    // Both are read while they are lent.
    return lhs.withUTF8 { lhs in rhs.withUTF8 { rhs in unsafe lhs.elementsEqual(rhs) } }
  }

  /// Feeds the bytes to a hasher.
  package func hash(into hasher: inout Hasher) {
    var string = string
    // The hasher reads the text while it is lent.
    string.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
