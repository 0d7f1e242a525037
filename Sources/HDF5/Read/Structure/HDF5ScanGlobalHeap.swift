/// A collection of the global heap, where elements of variable length lie (specification, III.E).
struct HDF5ScanCollection: Sendable {
  private let objects: [UInt16: HDF5ScanCursor]

  /// The number of objects.
  var count: Int { objects.count }

  init(at address: Int, in file: HDF5ScanFile) throws(HDF5ScanFault) {
    let headerCount = 8 + file.format.lengthBytes
    var header = try file.cursor(at: address, count: headerCount)
    try header.expect("GCOL", version: 1, "collection of the heap")
    try header.skip(3)
    let size = try header.length()
    var cursor = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: HDF5ScanFile.shared)
    try cursor.skip(headerCount)
    var objects: [UInt16: HDF5ScanCursor] = [:]
    // The prefix of an object is as long as that of the collection.
    while cursor.remaining >= headerCount {
      let index = try cursor.uint16()
      // References, and reserved bytes.
      try cursor.skip(6)
      let count = try cursor.length()
      // Object 0 is the free space, up to the end.
      guard index != 0 else { break }
      let content = try cursor.split(count)
      try cursor.skip(min((8 - count % 8) % 8, cursor.remaining))
      guard objects.updateValue(content, forKey: index) == nil else {
        throw cursor.fault("the heap has two objects \(index)")
      }
    }
    self.objects = objects
  }

  /// The content of an object.
  func object(
    _ index: UInt32, _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    guard let key = UInt16(exactly: index), let content = objects[key] else {
      throw place.fault("an element refers to the object \(index), which the heap does not have")
    }
    return content
  }
}

extension HDF5ScanFile {
  /// Reads what an element of variable length refers to: a count, and a place in the heap (IV.B).
  ///
  /// - Parameter elementBytes: The size of each of the things counted.
  func heapContent(
    _ reference: inout HDF5ScanCursor, elementBytes: Int
  ) throws(HDF5ScanFault) -> (count: Int, content: HDF5ScanCursor)? {
    let count = Int(try reference.uint32())
    let address = try reference.optionalAddress()
    let index = try reference.uint32()
    // What was never written, or is empty, lies nowhere.
    guard count > 0, let address, address > 0 || index > 0 else { return nil }
    var content = try collection(at: address).object(index, reference)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: elementBytes)
    guard !overflow, bytes <= content.remaining else {
      throw reference.fault("an element has more bytes than its place in the heap")
    }
    return (count, try content.split(bytes))
  }
}
