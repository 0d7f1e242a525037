import CDeflate

/// What libdeflate needs to expand one stream after the other, on one thread at a time.
@safe
final class Decompressor {
  // The library reads and writes within the counts that it is given, which are those of spans.
  private let decompressor: OpaquePointer

  /// nil if there is no memory for it.
  init?() {
    guard let decompressor = unsafe libdeflate_alloc_decompressor() else { return nil }
    unsafe self.decompressor = decompressor
  }

  deinit { unsafe libdeflate_free_decompressor(decompressor) }

  /// Expands a zlib stream (RFC 1950).
  ///
  /// - Returns: How many bytes it makes; nil if it is invalid, or there is no room for them.
  func expand(zlib input: RawSpan, into output: inout MutableRawSpan) -> Int? {
    var produced = 0
    let result = unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        unsafe libdeflate_zlib_decompress(
          decompressor, input.baseAddress, input.count, output.baseAddress, output.count, &produced)
      }
    }
    return result == LIBDEFLATE_SUCCESS ? produced : nil
  }

  /// Expands raw deflate data (RFC 1951).
  ///
  /// - Returns: How many bytes it takes and makes; nil if it is invalid, or there is no room.
  func expand(
    deflate input: RawSpan, into output: inout MutableRawSpan
  ) -> (consumed: Int, produced: Int)? {
    var (consumed, produced) = (0, 0)
    let result = unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        unsafe libdeflate_deflate_decompress_ex(
          decompressor, input.baseAddress, input.count, output.baseAddress, output.count,
          &consumed, &produced)
      }
    }
    return result == LIBDEFLATE_SUCCESS ? (consumed, produced) : nil
  }
}
