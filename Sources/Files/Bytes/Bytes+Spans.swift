import Platform

// How memory becomes spans, whose bounds the language checks. `Array.span` would do for arrays, but
// macOS has it from version 26 on only.
//
// All are sound for the same reason: a span is lent to a closure and cannot leave it, while the
// pointer that it is made from is valid, and for writing exclusive, for as long as that.

extension Array where Element: BitwiseCopyable {
  /// Lends the bytes of the elements.
  @inlinable
  package func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeBufferPointer { (elements) throws(Failure) in
      try body(unsafe UnsafeRawBufferPointer(elements).bytes)
    }
  }
}

extension ArraySlice where Element: BitwiseCopyable {
  /// Lends the bytes of the elements.
  @inlinable
  package func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeBufferPointer { (elements) throws(Failure) in
      try body(unsafe UnsafeRawBufferPointer(elements).bytes)
    }
  }
}

extension [UInt8] {
  /// Lends the bytes for writing.
  @inlinable
  package mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeMutableBufferPointer { (elements) throws(Failure) in
      var bytes = unsafe UnsafeMutableRawBufferPointer(elements).mutableBytes
      return try body(&bytes)
    }
  }

  /// As many bytes as `fill` writes: all of them.
  package init<Failure: Error>(
    count: Int, filling fill: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try unsafe self.init(unsafeUninitializedCapacity: count) { (memory, written) throws(Failure) in
      var bytes = unsafe UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: count)
        .mutableBytes
      try fill(&bytes)
      written = count
    }
  }
}

extension Array where Element: PlainNumber {
  /// The elements that bytes are, in the byte order of this machine.
  ///
  /// - Parameter bytes: The bytes of whole elements, aligned or not; what is left over is not copied.
  @inlinable
  package init(copying bytes: RawSpan) {
    // As many bytes are written as the elements have.
    let count = bytes.byteCount / MemoryLayout<Element>.stride
    unsafe self.init(unsafeUninitializedCapacity: count) { memory, initializedCount in
      unsafe bytes.extracting(first: count * MemoryLayout<Element>.stride).withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(memory).copyMemory(from: $0)
      }
      initializedCount = count
    }
  }

  /// Appends the elements that bytes are, in the byte order of this machine.
  ///
  /// - Parameter bytes: As for ``init(copying:)``.
  @inlinable
  package mutating func append(copying bytes: RawSpan) {
    guard MemoryLayout<Element>.size == 1 else {
      append(contentsOf: [Element](copying: bytes))
      return
    }
    unsafe bytes.withUnsafeBytes { source in
      unsafe source.withMemoryRebound(to: Element.self) { unsafe append(contentsOf: $0) }
    }
  }
}

extension RawSpan {
  /// Whether two runs of bytes have the same bytes.
  package func isEqual(to other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    // As many bytes of each as both have.
    return unsafe withUnsafeBytes { mine in
      unsafe other.withUnsafeBytes { theirs in
        guard let first = mine.baseAddress, let second = theirs.baseAddress else { return true }
        return unsafe memcmp(first, second, mine.count) == 0
      }
    }
  }
}

extension MutableRawSpan {
  /// Lends a part of the bytes.
  ///
  /// - Precondition: The range is within them.
  @inlinable
  package mutating func withBytes<Result, Failure: Error>(
    in range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeMutableBytes { (bytes) throws(Failure) in
      require(
        range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range is not within its bytes")
      var part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range]).mutableBytes
      return try body(&part)
    }
  }

  /// Makes all bytes zero.
  package mutating func clear() {
    unsafe withUnsafeMutableBytes { bytes in
      _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// Copies bytes to an offset.
  ///
  /// - Precondition: There is room for all of them.
  @inlinable
  package mutating func copy(_ source: RawSpan, at offset: Int = 0) {
    let (room, count) = (byteCount, source.byteCount)
    require(offset >= 0 && count <= room - offset, "there is no room for the bytes")
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count])
          .copyMemory(from: source)
      }
    }
  }
}

extension String {
  /// Lends the text as UTF-8.
  package func withUTF8Bytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    var copy = self
    return copy.withUTF8 { body(unsafe UnsafeRawBufferPointer($0).bytes) }
  }
}

extension MutableRawSpan {
  /// Copies bytes to an offset from so far before it, one after the other: a copy may overlap what it
  /// makes, and then repeats it.
  ///
  /// - Precondition: The bytes, and those that they are copied from, are within the span.
  package mutating func repeatBytes(at offset: Int, count: Int, from distance: Int) {
    let room = byteCount
    precondition(
      distance > 0 && distance <= offset && offset <= room && count >= 0 && count <= room - offset)
    unsafe withUnsafeMutableBytes { bytes in
      for place in offset..<offset + count { unsafe bytes[place] = bytes[place - distance] }
    }
  }
}

/// Lends the bytes of a value, in the byte order of this machine.
@inlinable
package func withBytes<Value: BitwiseCopyable, Result, Failure: Error>(
  of value: Value, _ body: (RawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
  try unsafe withUnsafeBytes(of: value) { (bytes) throws(Failure) in try body(unsafe bytes.bytes) }
}

/// Lends memory, aligned as memory of a `Storage` is, and takes it back.
///
/// - Parameters:
///   - byteCount: How many bytes.
///   - body: Receives the bytes, whatever they are: it fills them before it reads them.
package func withTemporaryBytes<Result, Failure: Error>(
  _ byteCount: Int, _ body: (inout MutableRawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
  defer { unsafe memory.deallocate() }
  var bytes = unsafe memory.mutableBytes
  return try body(&bytes)
}
