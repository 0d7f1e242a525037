/// Expands raw deflate data whose size is known beforehand.
package enum Inflate {
  /// No deflate stream is longer, expanded, than this many times its own length.
  package static let maximumRatio = 1032

  /// Fills `output` with the expansion of `input`.
  ///
  /// - Returns: False if the data is invalid, or if it expands to more or fewer bytes, or if bytes
  ///   of `input` are left over. Nothing is ever written beyond `output`.
  package static func expand(
    _ input: RawSpan, into output: inout MutableRawSpan
  ) -> Bool {
    guard let (consumed, produced) = Decompressor()?.expand(deflate: input, into: &output) else {
      return false
    }
    return consumed == input.byteCount && produced == output.byteCount
  }
}
