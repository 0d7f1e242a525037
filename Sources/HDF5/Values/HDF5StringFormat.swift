/// How a text is stored: with fixed length in its place (class 3 of the specification, IV.A.2.d),
/// or with variable length in a heap of the file (class 9; the global heap, III.E).
public struct HDF5StringFormat: Hashable, Sendable {
  /// How long a text may be.
  public enum Length: Hashable, Sendable {
    /// Always this many bytes, at least 1. They count bytes of UTF-8, not characters.
    case fixed(bytes: Int)
    /// As long as it is, stored apart in the file's heap. Such texts end with NUL for programs in
    /// C, so none contains one.
    case variable
  }

  /// How a text that is shorter than its place ends.
  public enum Padding: Hashable, Sendable {
    /// With a NUL, which is always there.
    case nullTerminated
    /// Filled up with NUL.
    case nullPadded
    /// Filled up with spaces.
    case spacePadded
  }

  /// A character set.
  public enum CharacterSet: Hashable, Sendable {
    /// ASCII. Readers have to expect anything here, for many writers never say UTF-8.
    case ascii
    /// UTF-8.
    case utf8
  }

  /// How long a text may be.
  public var length: Length
  /// How a shorter text ends.
  public var padding: Padding
  /// The character set.
  public var characterSet: CharacterSet

  /// A format.
  public init(_ length: Length, padding: Padding, characterSet: CharacterSet) {
    self.length = length
    self.padding = padding
    self.characterSet = characterSet
  }

  /// Texts of any length in UTF-8, as h5py stores `str`.
  public static let variable = HDF5StringFormat(
    .variable, padding: .nullTerminated, characterSet: .utf8)

  /// Texts of at most so many bytes of UTF-8, filled up with NUL. A text that itself ends with NUL
  /// cannot be stored so.
  public static func fixed(bytes: Int) -> HDF5StringFormat {
    HDF5StringFormat(.fixed(bytes: bytes), padding: .nullPadded, characterSet: .utf8)
  }
}

extension HDF5StringFormat {
  /// The text in a place of fixed length, without what fills it up.
  package func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    switch padding {
    case .nullTerminated:
      return bytes.prefix { $0 != 0 }
    case .nullPadded, .spacePadded:
      let filler = padding == .nullPadded ? 0 : UInt8(ascii: " ")
      let end = bytes.lastIndex { $0 != filler }.map { $0 + 1 } ?? bytes.startIndex
      return bytes[..<end]
    }
  }

  /// The bytes that fill a place of fixed length, or `nil` if reading would not give back the text.
  package func pad(_ text: [UInt8], to length: Int) -> [UInt8]? {
    let filler = padding == .spacePadded ? UInt8(ascii: " ") : 0
    let room = padding == .nullTerminated ? length - 1 : length
    guard text.count <= room, text.last != filler,
      padding != .nullTerminated || !text.contains(0)
    else { return nil }
    return text + Array(repeating: filler, count: length - text.count)
  }
}
