import Files

extension Storage {
  /// Reverses the bytes of each word, to turn big-endian numbers into little-endian ones.
  ///
  /// - Parameter wordSize: The bytes of a word: 2, 4 or 8; others have nothing to reverse. Bytes
  ///   at the end that make no word stay.
  package func swapBytes(ofWordsOf wordSize: Int) {
    withMutableBytes { bytes in
      switch wordSize {
      case 2: Self.swap(&bytes, UInt16.self)
      case 4: Self.swap(&bytes, UInt32.self)
      case 8: Self.swap(&bytes, UInt64.self)
      default: break
      }
    }
  }

  private static func swap<Word: FixedWidthInteger & PlainNumber>(
    _ bytes: inout MutableRawSpan, _ type: Word.Type
  ) {
    // By pointer, for the loop to be one of vectors. It goes over the whole words that there are.
    unsafe bytes.withUnsafeMutableBytes { bytes in
      let words = unsafe bytes.bindMemory(to: Word.self)
      for index in words.indices { unsafe words[index] = words[index].byteSwapped }
    }
  }
}

extension DType {
  /// The bytes of the numbers that elements are made of: of one part of a complex number.
  package var wordSize: Int { (realType ?? self).itemSize }
}
