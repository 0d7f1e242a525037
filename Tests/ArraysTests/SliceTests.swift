import Arrays
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// Parts of arrays that are read from files, against the same parts of those in memory.
@Suite struct SliceTests {
  /// Bytes that are made as they are asked for, by a source that notes which were.
  private final class Watched: ByteSource {
    let byteCount: Int
    private let noted = Mutex<[Range<Int>]>([])
    /// The ranges that were read, in order.
    var ranges: [Range<Int>] { noted.withLock { $0 } }
    var files: [InputFile] { [] }

    init(byteCount: Int) { self.byteCount = byteCount }

    static func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place &* 167 >> 3 ^ place) }

    func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
      let range = offset..<offset + bytes.byteCount
      precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
      noted.withLock { $0.append(range) }
      for index in 0..<bytes.byteCount { bytes[index] = Self.byte(offset + index) }
    }
  }

  private func bytes(_ array: NDArray) -> [UInt8] {
    array.withContiguousBytes { [UInt8](copying: $0) }
  }

  /// A layout of any order: axes turned, repeated, walked backwards, with steps between elements.
  private func layout(_ itemSize: Int, _ generator: inout SeededGenerator) -> Layout {
    let rank = Int.random(in: 0...4, using: &generator)
    let lengths = (0..<rank).map { _ in Int.random(in: 1...6, using: &generator) }
    var strides = [Int](repeating: 0, count: rank)
    var next = Int.random(in: 1...3, using: &generator)
    for axis in (0..<rank).shuffled(using: &generator) {
      strides[axis] = next
      // Now and then far apart, so that each is read by itself.
      next *= lengths[axis] + Int.random(in: 0...1, using: &generator)
      if Int.random(in: 0..<4, using: &generator) == 0 { next += 5000 / itemSize }
    }
    var offset = Int.random(in: 0...5, using: &generator)
    for axis in strides.indices {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: strides[axis] = 0
      case 1:
        offset += (lengths[axis] - 1) * strides[axis]
        strides[axis] = -strides[axis]
      default: break
      }
    }
    return Layout(shape: Shape(lengths), strides: strides, offset: offset)
  }

  @Test(arguments: [DType.uint8, .int16, .float32, .float64, .complex128], 0..<8)
  func theElementsAreThoseOfTheWhole(_ dtype: DType, _ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<60 {
      let layout = layout(dtype.itemSize, &generator)
      let byteCount = (layout.extent.upperBound + 2) * dtype.itemSize
      let source = Watched(byteCount: byteCount)
      let memory = Storage(copying: (0..<byteCount).map(Watched.byte))
      let read = NDArray(storage: Storage(assembling: source), dtype: dtype, layout: layout)
      let known = NDArray(storage: memory, dtype: dtype, layout: layout)
      var part = known
      var ranges: [Range<Int>] = []
      for axis in layout.shape.indices {
        let start = Int.random(in: 0...layout.shape[axis], using: &generator)
        let end = Int.random(in: start...layout.shape[axis], using: &generator)
        ranges.append(start..<end)
        part = part.sliced(axis: axis, start..<end)
      }
      for array in [known, read] {
        let slice =
          switch ranges.count {
          case 0: try array.slice()
          case 1: try array.slice(ranges[0])
          case 2: try array.slice(ranges[0], ranges[1])
          case 3: try array.slice(ranges[0], ranges[1], ranges[2])
          default: try array.slice(ranges[0], ranges[1], ranges[2], ranges[3])
          }
        #expect(slice.isBitwiseEqual(to: part.copied()), "\(layout) \(ranges)")
        #expect(slice.storage.isWritable)
        #expect(slice.isContiguous)
      }
      // Any elements that follow each other.
      let first = Int.random(in: 0...known.elementCount, using: &generator)
      let last = Int.random(in: first...known.elementCount, using: &generator)
      let found = try [UInt8](count: (last - first) * dtype.itemSize) {
        try read.read(first..<last, into: &$0)
      }
      #expect(found == Array(bytes(known)[first * dtype.itemSize..<last * dtype.itemSize]))
    }
  }

  @Test func rangesAreSwifts() throws {
    let array = NDArray((0..<24).map(Int32.init), shape: [2, 3, 4])
    #expect(try array.slice().elements(as: Int32.self) == array.elements())
    #expect(try array.slice(1...).elements(as: Int32.self) == Array(12..<24))
    #expect(try array.slice(..<1, 1...1, 2..<4).elements(as: Int32.self) == [6, 7])
    #expect(try array.slice(0..<2, ...0).shape == [2, 1, 4])
    #expect(try array.slice(0..<0, 1..<2).shape == [0, 1, 4])
    #expect(try NDArray(Float(3)).slice().item(as: Float.self) == 3)
  }

  /// What a row is long, no more is read; gaps of a page or less are read with what is around them.
  @Test func noMoreIsReadThanIsNeeded() throws {
    let source = Watched(byteCount: 64 * 8192 * 4)
    let matrix = NDArray(
      storage: Storage(assembling: source), dtype: .float32, layout: Layout([64, 8192]))
    _ = try matrix.slice(2..<5, 16..<4112)
    #expect(
      source.ranges == (2..<5).map { $0 * 32768 + 64..<$0 * 32768 + 64 + 4096 * 4 })
    // Whole rows follow each other.
    let rows = Watched(byteCount: source.byteCount)
    let other = matrix.over(rows)
    _ = try other.slice(7..<40)
    #expect(rows.ranges == [7 * 32768..<40 * 32768])
    // Between rows of 8192 elements 1024 are left out, which are a page.
    let gaps = Watched(byteCount: source.byteCount)
    _ = try matrix.over(gaps).slice(0..<3, 0..<7168)
    #expect(gaps.ranges == [0..<2 * 32768 + 7168 * 4])
    let larger = Watched(byteCount: source.byteCount)
    _ = try matrix.over(larger).slice(0..<3, 0..<7167)
    #expect(larger.ranges.count == 3)
  }

  /// A column of a large matrix comes by a buffer of a few mebibytes, whatever lies between its elements.
  @Test func aBufferIsBounded() throws {
    let source = Watched(byteCount: 20_000 * 1000 * 4)
    let matrix = NDArray(
      storage: Storage(assembling: source), dtype: .float32, layout: Layout([20_000, 1000]))
    let column = try matrix.slice(0..<20_000, 3..<4)
    #expect(column.elementCount == 20_000)
    #expect(source.ranges.allSatisfy { $0.count <= 4 << 20 })
    #expect(source.ranges.reduce(0) { $0 + $1.count } <= source.byteCount)
    // Of many columns each row has a run.
    let turned = Watched(byteCount: source.byteCount)
    _ = try matrix.over(turned).transposed(0, 1).slice(100..<150)
    #expect(turned.ranges.count == 20_000)
    #expect(turned.ranges.allSatisfy { $0.count == 200 })
    column.withContiguousBytes { bytes in
      for row in stride(from: 0, to: 20_000, by: 997) {
        for byte in 0..<4 {
          #expect(bytes[row * 4 + byte] == Watched.byte((row * 1000 + 3) * 4 + byte))
        }
      }
    }
  }

  @Test func transposedElementsAreReadInRuns() throws {
    let source = Watched(byteCount: 3000 * 4096 * 2)
    let matrix = NDArray(
      storage: Storage(assembling: source), dtype: .int16, layout: Layout([3000, 4096])
    ).transposed(0, 1)
    _ = try matrix.slice(8..<72)
    #expect(source.ranges.count == 3000)
    #expect(source.ranges[1] == 8192 + 16..<8192 + 144)
  }

  /// What is gone of a mapped file is an error, and no signal.
  @Test(arguments: [false, true]) func aFileThatIsCutShortIsAnError(_ isTransposed: Bool) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([UInt8](repeating: 7, count: 1 << 18), to: "elements")
    let file = try InputFile(path)
    var array = NDArray(
      storage: try Storage(mapping: FileRegion(file, 0..<1 << 18)), dtype: .float32,
      layout: Layout([256, 256]))
    if isTransposed { array = array.transposed(0, 1) }
    #expect(try array.slice(1..<2, 3...).elementCount == 253)
    try folder.write([7, 7], to: "elements")
    #expect(throws: FileError.self) { try array.slice(1..<2, 3...) }
  }

  /// Elements of a file that was written to meanwhile are none of the checkpoint that was opened.
  @Test func aFileThatChangedIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([UInt8](repeating: 7, count: 64), to: "elements")
    let file = try InputFile(path)
    let array = NDArray(
      storage: try Storage(mapping: FileRegion(file, 0..<64)), dtype: .float32, layout: Layout([16])
    )
    // Times of files are those of the last tick.
    Thread.sleep(forTimeInterval: 0.05)
    try folder.write([UInt8](repeating: 8, count: 128), to: "elements")
    #expect(throws: FileError.self) { try array.slice(0..<4) }
  }

  @Test func whatIsNotThereTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = try NDArray([1, 2] as [Float]).slice(0..<3)
    }
    await #expect(processExitsWith: .failure) {
      _ = try NDArray([1, 2] as [Float]).slice(0..<2, 0..<1)
    }
  }
}

extension NDArray {
  /// The same layout over other bytes.
  fileprivate func over(_ source: any ByteSource) -> NDArray {
    NDArray(storage: Storage(assembling: source), dtype: dtype, layout: layout)
  }
}
