import Files

/// Undoes the compression of liblzf, which h5py brings along as the filter 32,000.
///
/// The format is a sequence of runs. A first byte below 32 means that so many bytes and one more
/// follow as they are. Otherwise its upper three bits are the length of a copy less two, 7 meaning
/// that another byte adds to it, and its lower five bits with the byte that follows how far back the
/// copy begins, less one.
enum LZF {
  /// Fills `target` from `bytes`.
  ///
  /// - Returns: How many bytes were made; nil if `bytes` are not of this format, or make more than
  ///   `target` has room for.
  static func decompress(
    _ bytes: RawSpan, into target: inout MutableRawSpan
  ) -> Int? {
    var input = 0
    var output = 0
    while input < bytes.byteCount {
      let control = Int(bytes[input])
      input += 1
      if control < 32 {
        let count = control + 1
        guard count <= bytes.byteCount - input, count <= target.byteCount - output else {
          return nil
        }
        target.copy(bytes.extracting(input..<(input + count)), at: output)
        input += count
        output += count
        continue
      }
      var count = control >> 5
      if count == 7 {
        guard input < bytes.byteCount else { return nil }
        count += Int(bytes[input])
        input += 1
      }
      count += 2
      guard input < bytes.byteCount else { return nil }
      let distance = (control & 31) << 8 + Int(bytes[input]) + 1
      input += 1
      guard distance <= output, count <= target.byteCount - output else { return nil }
      target.repeatBytes(at: output, count: count, from: distance)
      output += count
    }
    return output
  }
}
