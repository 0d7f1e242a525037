/// A `.npy` file whose elements are Python objects: `numpy.save` of a dictionary, or of an array of them.
///
/// Behind the header of the format is the array as a pickle: see `write_array` of `numpy.lib.format`.
enum ObjectArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Where the pickle begins, nil if it is no such file.
  ///
  /// - Parameter head: The beginning of the file.
  static func start(_ head: [UInt8]) -> Int? {
    guard head.starts(with: magic), head.count >= 12, (1...3).contains(head[6]) else { return nil }
    let first = head[6] == 1 ? 10 : 12
    let length = head[8..<first].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= head.count - first else { return nil }
    let header = String(decoding: head[first..<(first + length)], as: UTF8.self)
    return header.contains("'descr': '|O'") ? first + length : nil
  }

  /// The object of which the array was made, which has no axes then; or its elements, as a list. Of more
  /// axes than one a list would not say the lengths: nil.
  static func content(of root: PickleValue) -> PickleValue? {
    guard case .numpyArray(let array) = root, array.shape.count < 2,
      let elements = array.content.elements
    else {
      return nil
    }
    return array.shape.isEmpty && elements.count == 1 ? elements[0] : array.content
  }
}
