import Arrays
import Files

/// The bytes of a tensor in row-major order, put together from pieces as they are asked for.
///
/// A range is read piece by piece. Of each piece what is needed lies in one range of its own bytes, and is
/// read at once, into a buffer from which its rows go to their places; a long run goes there directly.
struct AssembledTensor: ByteSource {
  let byteCount: Int
  let files: [InputFile]

  /// A piece and where it is.
  private struct Part: Sendable {
    let bytes: any ByteSource
    let runs: BoxRuns
    let start: Int
  }

  /// The pieces in the order in which they begin in the tensor.
  private let parts: [Part]
  /// How far the pieces up to one reach.
  private let reach: [Int]

  /// What is put together at once.
  private static let windowByteCount = 4 << 20
  /// Runs from this size on are read where they belong.
  private static let longRunByteCount = 64 << 10

  /// - Precondition: The pieces tile the tensor, and each has the bytes of its box.
  init(_ pieces: [TensorBundle.Piece], shape: Shape, itemSize: Int) {
    byteCount = shape.elementCount * itemSize
    let parts = pieces.filter { !$0.box.isEmpty }.map { piece in
      let runs = BoxRuns(piece.box, of: shape.dimensions, itemSize: itemSize)
      return Part(bytes: piece.bytes, runs: runs, start: runs.start(of: 0))
    }.sorted { $0.start < $1.start }
    self.parts = parts
    var end = 0
    reach = parts.map { part in
      end = max(end, part.runs.end)
      return end
    }
    var known: Set<ObjectIdentifier> = []
    files = parts.flatMap { part in
      part.bytes.files.filter { known.insert(ObjectIdentifier($0)).inserted }
    }
  }

  func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
    precondition(offset >= 0 && bytes.byteCount <= byteCount - offset)
    for start in stride(from: 0, to: bytes.byteCount, by: Self.windowByteCount) {
      let end = min(start + Self.windowByteCount, bytes.byteCount)
      try bytes.withBytes(in: start..<end) { (window) throws(FileError) in
        try readWindow(into: &window, at: offset + start)
      }
    }
  }

  private func readWindow(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
    let range = offset..<offset + bytes.byteCount
    var index = firstPart(reaching: range.lowerBound)
    while index < parts.count, parts[index].start < range.upperBound {
      try read(parts[index], range, into: &bytes)
      index += 1
    }
  }

  /// The first piece that may reach beyond a place: all before end there.
  private func firstPart(reaching place: Int) -> Int {
    var (low, high) = (0, parts.count)
    while low < high {
      let middle = low + (high - low) / 2
      if reach[middle] > place { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func read(
    _ part: Part, _ range: Range<Int>, into bytes: inout MutableRawSpan
  ) throws(FileError) {
    let runs = part.runs
    let wanted = runs.runs(in: range)
    guard !wanted.isEmpty else { return }
    /// What of a run is in the range: its bytes in the tensor, and where the first is in the piece.
    func overlap(_ run: Int) -> (range: Range<Int>, place: Int) {
      let start = runs.start(of: run)
      let common = max(start, range.lowerBound)..<min(start + runs.byteCount, range.upperBound)
      return (common, run * runs.byteCount + common.lowerBound - start)
    }
    if wanted.count == 1 || runs.byteCount >= Self.longRunByteCount {
      for run in wanted {
        let (common, place) = overlap(run)
        let target = common.lowerBound - range.lowerBound..<common.upperBound - range.lowerBound
        try bytes.withBytes(in: target) { (target) throws(FileError) in
          try part.bytes.read(into: &target, at: place)
        }
      }
      return
    }
    let first = overlap(wanted.lowerBound).place
    let last = overlap(wanted.upperBound - 1)
    let count = last.place + last.range.count - first
    try withTemporaryBytes(count) { (buffer) throws(FileError) in
      try part.bytes.read(into: &buffer, at: first)
      for run in wanted {
        let (common, place) = overlap(run)
        bytes.copy(
          buffer.bytes.extracting(place - first..<place - first + common.count),
          at: common.lowerBound - range.lowerBound)
      }
    }
  }
}

/// The elements of an array in row-major order, which is not theirs, gathered as they are asked for: read from
/// where they are, so that a file that was cut short is an error and no signal.
struct GatheredBytes: ByteSource {
  let array: NDArray

  var byteCount: Int { array.byteCount }
  var files: [InputFile] { array.storage.source?.files ?? [] }

  func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
    let itemSize = array.dtype.itemSize
    let count = bytes.byteCount
    // Whole elements, of which the first and the last may be needed in part.
    let elements = offset / itemSize..<(offset + count + itemSize - 1) / itemSize
    guard elements.count * itemSize > count else { return try array.read(elements, into: &bytes) }
    try withTemporaryBytes(elements.count * itemSize) { (whole) throws(FileError) in
      try array.read(elements, into: &whole)
      let start = offset - elements.lowerBound * itemSize
      bytes.copy(whole.bytes.extracting(start..<start + count))
    }
  }
}

/// Bytes that are in memory already.
struct StorageBytes: ByteSource {
  let storage: Storage
  let start: Int
  let byteCount: Int

  var files: [InputFile] { [] }

  func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
    let first = start + offset
    let count = bytes.byteCount
    storage.withBytes { bytes.copy($0.extracting(first..<first + count)) }
  }
}

/// A part of what another source has.
struct SourceBytes: ByteSource {
  let source: any ByteSource
  let start: Int
  let byteCount: Int

  var files: [InputFile] { source.files }

  func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
    try source.read(into: &bytes, at: start + offset)
  }
}
