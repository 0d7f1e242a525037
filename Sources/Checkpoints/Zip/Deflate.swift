import Arrays
import CDeflate
import Files

/// Compresses data as raw deflate.
package enum Deflate {
  /// The compression of `content`.
  ///
  /// - Parameter level: 1 is fast, 9 is small.
  /// - Throws: `FileError` if there is no memory for it.
  package static func compress(_ content: [UInt8], level: Int) throws(FileError) -> [UInt8] {
    // The library writes within the capacity, and says how much.
    guard let compressor = unsafe libdeflate_alloc_compressor(Int32(level)) else {
      throw FileError("compress", path: "a member", reason: "there is no memory")
    }
    defer { unsafe libdeflate_free_compressor(compressor) }
    let bound = unsafe libdeflate_deflate_compress_bound(compressor, content.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      count = unsafe libdeflate_deflate_compress(
        compressor, content, content.count, buffer.baseAddress, buffer.count)
    }
  }
}
