/// The global heap of a new file, where texts of variable length lie: collections of objects, to
/// which elements refer by the address of a collection and a number in it ("HDF5 File Format
/// Specification" 3.0, III.E).
///
/// ```
/// "GCOL" | version 1, 3 reserved | bytes of the collection |
///   number 1 | references 0, 4 reserved | bytes | the text, filled up to a multiple of 8 |
///   number 2 | …
///   number 0 | references 0, 4 reserved | free bytes, these 16 counted | …
/// ```
///
/// No collection is smaller than libhdf5's `H5HG_MINSIZE`: it reads as many bytes before it knows
/// how many there are.
enum HDF5GlobalHeap {
  /// The bytes of an element of variable length (IV.B): a count, an address and a number.
  static let elementByteCount = 16

  /// What a collection, or an object in it, begins with.
  private static let headerByteCount = 16
  private static let minimumByteCount = 4096
  /// Where a collection ends and another begins. A text that is longer has one for itself. So the
  /// numbers in it, of 16 bits, never run out.
  private static let wantedByteCount = 1 << 16

  /// Adds texts to the structures.
  ///
  /// - Parameters:
  ///   - texts: Of less than 4 GiB each.
  ///   - bytes: A multiple of eight; and so afterwards.
  /// - Returns: The element that stands for each text, and where the text is among the structures.
  static func append(
    _ texts: [String], to bytes: inout [UInt8]
  ) -> (elements: [[UInt8]], places: [Range<Int>]) {
    var elements: [[UInt8]] = []
    var places: [Range<Int>] = []
    elements.reserveCapacity(texts.count)
    places.reserveCapacity(texts.count)
    var start = bytes.count
    var number: UInt16 = 0
    for text in texts {
      let byteCount = text.utf8.count
      if number > 0, bytes.count - start + headerByteCount + byteCount > wantedByteCount {
        finish(at: start, &bytes)
        number = 0
      }
      if number == 0 {
        start = bytes.count
        bytes.append(contentsOf: "GCOL".utf8)
        bytes += [1, 0, 0, 0]
        // The size, when it is known.
        bytes.append(UInt64(0))
      }
      number += 1
      bytes.appendObject(number, byteCount: byteCount)
      places.append(bytes.count..<bytes.count + byteCount)
      bytes.append(contentsOf: text.utf8)
      bytes.pad()
      var element: [UInt8] = []
      element.append(UInt32(byteCount))
      element.append(UInt64(start))
      element.append(UInt32(number))
      elements.append(element)
    }
    if number > 0 { finish(at: start, &bytes) }
    return (elements, places)
  }

  /// Fills a collection up to the minimum size, and says how large it is.
  private static func finish(at start: Int, _ bytes: inout [UInt8]) {
    let free = minimumByteCount - (bytes.count - start)
    if free > 0 {
      let end = start + minimumByteCount
      // What has no room for a header is free without one.
      if free >= headerByteCount { bytes.appendObject(0, byteCount: free) }
      bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
    }
    bytes.replace(at: start + 8, with: UInt64(bytes.count - start))
  }
}

extension [UInt8] {
  /// The header of an object. Elements are not counted as references to it.
  fileprivate mutating func appendObject(_ number: UInt16, byteCount: Int) {
    append(number)
    append(UInt16(0))
    append(UInt32(0))
    append(UInt64(byteCount))
  }
}
