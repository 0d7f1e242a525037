import CDeflate

/// Expands raw deflate data whose size is known beforehand.
package enum Inflate {
  /// No deflate stream is longer, expanded, than this many times its own length.
  package static let maximumRatio = 1032

  /// Fills `output` with the expansion of `input`.
  ///
  /// - Returns: False if the data is invalid, or if it expands to more or fewer bytes, or if bytes
  ///   of `input` are left over. Nothing is ever written beyond `output`.
  package static func expand(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let decompressor = libdeflate_alloc_decompressor() else { return false }
    defer { libdeflate_free_decompressor(decompressor) }
    var consumed = 0
    var produced = 0
    let result = libdeflate_deflate_decompress_ex(
      decompressor, input.baseAddress, input.count, output.baseAddress, output.count, &consumed,
      &produced)
    return result == LIBDEFLATE_SUCCESS && consumed == input.count && produced == output.count
  }
}
