import Arrays
import Checkpoints
import Files
import Synchronization
import TestSupport
import Testing

/// Tensors of pieces, against the elements that the pieces were cut from.
@Suite struct TensorBundleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Numbers that differ, each two bytes.
  private func elements(_ shape: Shape) -> NDArray {
    NDArray((0..<shape.elementCount).map { Int16(truncatingIfNeeded: $0 &* 31) }, shape: shape)
  }

  private func part(_ array: NDArray, _ box: Box) -> NDArray {
    var view = array
    for axis in box.offsets.indices {
      let start = box.offsets[axis]
      view = view.sliced(axis: axis, start..<start + box.sizes[axis])
    }
    return view.copied()
  }

  /// Writes boxes of a tensor one behind the other into a file.
  private func pieces(_ array: NDArray, _ boxes: [Box]) throws -> [TensorBundle.Piece] {
    let parts = boxes.map { part(array, $0) }
    let bytes = parts.map { $0.withContiguousBytes { [UInt8](copying: $0) } }
    let file = try InputFile(folder.write(bytes.flatMap(\.self) + [0], to: "pieces"))
    var end = 0
    return try zip(boxes, bytes).map { box, bytes in
      defer { end += bytes.count }
      return TensorBundle.Piece(box, try FileRegion(file, end..<end + bytes.count))
    }
  }

  private static let tilings: [(shape: [Int], boxes: [Box])] = [
    ([7, 4], [Box([0, 0], [3, 4]), Box([3, 0], [4, 4])]),
    ([3, 8], [Box([0, 0], [3, 3]), Box([0, 3], [3, 3]), Box([0, 6], [3, 2])]),
    ([2, 3, 5], [Box([0, 0, 2], [2, 3, 3]), Box([0, 0, 0], [2, 3, 2])]),
    ([2, 3, 5], [Box([0, 0, 0], [2, 1, 5]), Box([0, 1, 0], [2, 2, 5])]),
    (
      [3, 3],
      [
        Box([0, 0], [1, 2]), Box([0, 2], [2, 1]), Box([2, 1], [1, 2]), Box([1, 0], [2, 1]),
        Box([1, 1], [1, 1]),
      ]
    ),
    ([5], [Box([4], [1]), Box([0], [0]), Box([0], [4])]),
    // The first reaches beyond those that begin behind it.
    (
      [5, 4],
      [
        Box([0, 1], [1, 3]), Box([1, 1], [1, 3]), Box([0, 0], [5, 1]), Box([2, 1], [1, 3]),
        Box([3, 1], [1, 2]), Box([3, 3], [1, 1]), Box([4, 1], [1, 3]),
      ]
    ),
    ([], [Box([], [])]),
    ([4, 0], [Box([0, 0], [2, 0]), Box([2, 0], [2, 0])]),
  ]

  @Test(arguments: tilings.indices) func theElementsAreThoseOfTheWhole(_ index: Int) throws {
    let (shape, boxes) = Self.tilings[index]
    let whole = elements(Shape(shape))
    var bundle = TensorBundle()
    try bundle.add("w", .int16, shape: shape, pieces: pieces(whole, boxes))
    let array = try #require(bundle.tensors["w"]?.array)
    // As it is visited, in blocks of every size, and as a whole.
    for size in 2..<12 {
      var bytes: [UInt8] = []
      try array.forEachBlock(ofByteCount: size) { block, place in
        #expect(place == bytes.count)
        bytes += [UInt8](copying: block)
      }
      #expect(bytes == whole.withContiguousBytes { [UInt8](copying: $0) })
    }
    #expect(array.isBitwiseEqual(to: whole))
    if shape.count == 2 {
      #expect(
        array.transposed(0, 1).elements(as: Int16.self)
          == whole.transposed(0, 1).elements(as: Int16.self))
    }
    var changed = array
    changed.withMutableElements(as: Int16.self) { for index in $0.indices { $0[index] = 1 } }
    #expect(array.isBitwiseEqual(to: whole))
  }

  /// What is read of the files, by a source that notes it.
  private final class Watched: ByteSource {
    let byteCount: Int
    private let noted = Mutex<[Range<Int>]>([])
    /// The ranges that were read, in order.
    var ranges: [Range<Int>] { noted.withLock { $0 } }
    var files: [InputFile] { [] }

    init(byteCount: Int) { self.byteCount = byteCount }

    func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError) {
      let range = offset..<offset + bytes.byteCount
      noted.withLock { $0.append(range) }
      for index in 0..<bytes.byteCount { bytes[index] = UInt8(truncatingIfNeeded: offset + index) }
    }
  }

  /// Elements in another order are not copied: those of one piece stay in it, and of several they are gathered
  /// where they belong.
  @Test(arguments: tilings.indices) func piecesMayBeInAnotherOrder(_ index: Int) throws {
    let (shape, boxes) = Self.tilings[index]
    let whole = elements(Shape(shape))
    let turned = Array(shape.indices.reversed())
    let pieces = boxes.map { box in
      let array = part(whole, box).permuted(turned).copied().permuted(turned)
      return TensorBundle.Piece(box, array)
    }
    var bundle = TensorBundle()
    try bundle.add("w", .int16, shape: shape, pieces: pieces)
    let array = try #require(bundle.tensors["w"]?.array)
    for size in 2..<12 {
      var bytes: [UInt8] = []
      try array.forEachBlock(ofByteCount: size) { block, _ in bytes += [UInt8](copying: block) }
      #expect(bytes == whole.withContiguousBytes { [UInt8](copying: $0) })
    }
    // Of any bytes, be it parts of elements.
    if let source = array.storage.source {
      for start in 0..<source.byteCount {
        var bytes = [UInt8](repeating: 0, count: min(3, source.byteCount - start))
        try bytes.withMutableBytes { (span) throws(FileError) in
          try source.read(into: &span, at: start)
        }
        let expected = whole.withContiguousBytes { [UInt8](copying: $0) }
        #expect(bytes == Array(expected[start..<start + bytes.count]))
      }
    }
  }

  @Test func aSolePieceIsTakenAsItIs() throws {
    let array = elements([4, 3]).transposed(0, 1)
    var bundle = TensorBundle()
    try bundle.add("w", .int16, shape: [3, 4], pieces: [.init(Box(all: [3, 4]), array)])
    let found = try #require(bundle.tensors["w"]?.array)
    #expect(found.storage === array.storage)
    #expect(found.layout.strides == [1, 3])
  }

  /// Of a tensor that repeats one number, a block takes the memory of a block.
  @Test func whatIsRepeatedIsNotWrittenOut() throws {
    let one = elements([1]).expanded(to: [1, 1 << 40])
    var bundle = TensorBundle()
    try bundle.add(
      "w", .int16, shape: [2, 1 << 40],
      pieces: (0..<2).map {
        TensorBundle.Piece(Box([$0, 0], [1, 1 << 40]), one)
      })
    let array = try #require(bundle.tensors["w"]?.array)
    try array.forEachBlock(in: (1 << 40) - 2..<(1 << 40) + 2) { block, _ in
      #expect(block.byteCount == 8)
    }
  }

  /// Bytes that lie across, so that they cannot be mapped as elements, are gathered from the mapping.
  @Test func elementsThatLieAcrossAreGathered() throws {
    let whole = elements([5, 7])
    let bytes = whole.withContiguousBytes { [UInt8](copying: $0) }
    let file = try InputFile(folder.write([9] + bytes, to: "across"))
    let storage = Storage(assembling: try FileRegion(file, 1..<1 + bytes.count))
    let array = NDArray(storage: storage, dtype: .int16, layout: Layout([5, 7])).transposed(0, 1)
    var found: [UInt8] = []
    try array.forEachBlock(ofByteCount: 6) { block, _ in found += [UInt8](copying: block) }
    #expect(
      found == whole.transposed(0, 1).withContiguousBytes { [UInt8](copying: $0) })
  }

  /// A box that is cut along many axes has many corners: a bundle looks at as many as its pieces may have.
  @Test func cornersAreInProportionToPieces() throws {
    let axes = 18
    let shape = [Int](repeating: 2, count: axes)
    let source = Watched(byteCount: 1)
    var bundle = TensorBundle()
    let few = #expect(throws: TensorBundle.Fault.self) {
      try bundle.add(
        "w", .uint8, shape: shape,
        pieces: [.init(Box(shape.map { _ in 0 }, shape.map { _ in 1 }), source)])
    }
    #expect(few?.description == "its pieces have 1 elements, and it has 262144")
    #expect(few?.isUndecided == false)
    let boxes = (0...axes).map { number in
      Box(
        (0..<axes).map { $0 < number ? 1 : 0 },
        (0..<axes).map { $0 < number || $0 == number ? 1 : 2 })
    }
    let many = #expect(throws: TensorBundle.Fault.self) {
      try bundle.add("w", .uint8, shape: shape, pieces: boxes.map { .init($0, source) })
    }
    #expect(many?.isUndecided == true)
    #expect(many?.description.contains("cut along 18 axes") == true)
  }

  /// A block takes what it needs of each piece at once, and no more.
  @Test func aBlockReadsItsPartOfEachPiece() throws {
    let sources = [Watched(byteCount: 300), Watched(byteCount: 700)]
    var bundle = TensorBundle()
    try bundle.add(
      "w", .uint8, shape: [100, 10],
      pieces: [
        .init(Box([0, 0], [100, 3]), sources[0]), .init(Box([0, 3], [100, 7]), sources[1]),
      ])
    let array = try #require(bundle.tensors["w"]?.array)
    try array.forEachBlock(in: 500..<700, ofByteCount: 100) { _, _ in }
    #expect(sources[0].ranges == [150..<180, 180..<210])
    #expect(sources[1].ranges == [350..<420, 420..<490])
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let source = Watched(byteCount: 6)
    func fault(_ shape: [Int], _ boxes: [Box]) -> String? {
      var bundle = TensorBundle()
      do throws(TensorBundle.Fault) {
        try bundle.add("w", .int16, shape: shape, pieces: boxes.map { .init($0, source) })
        return nil
      } catch {
        return error.description
      }
    }
    #expect(fault([3], [Box([0], [3])]) == nil)
    #expect(
      fault([4], [Box([0], [4])]) == "its piece [0:4] has 6 bytes, and should have 8")
    #expect(fault([6], [Box([0], [3])]) == "no piece has its element [3]")
    #expect(fault([3], [Box([0], [3]), Box([0], [3])]) == "2 pieces have its element [0]")
    #expect(fault([3], [Box([1], [3])]) == "the piece [1:4] is not within it")
    #expect(
      fault([Int.max], [Box([0], [Int.max])]) == "[9223372036854775807] is the shape of no tensor")
    #expect(fault([-1], []) == "[-1] is the shape of no tensor")
    var bundle = TensorBundle()
    try bundle.add("w", .int16, shape: [3], pieces: [.init(Box([0], [3]), source)])
    #expect(throws: TensorBundle.Fault.self) {
      try bundle.add("w", .int16, shape: [3], pieces: [.init(Box([0], [3]), source)])
    }
  }

  /// A file that is cut short while it is read is an error and no zeros.
  @Test func aFileThatIsCutShortIsAnError() throws {
    let whole = elements([64, 64])
    let boxes = [Box([0, 0], [64, 32]), Box([0, 32], [64, 32])]
    var bundle = TensorBundle()
    try bundle.add("w", .int16, shape: [64, 64], pieces: pieces(whole, boxes))
    let array = try #require(bundle.tensors["w"]?.array)
    try folder.write([1, 2, 3], to: "pieces")
    #expect(throws: FileError.self) { try array.forEachBlock { _, _ in } }
    #expect(throws: FileError.self) { try [array].checkMappedFiles() }
  }

  /// So it is where the elements of the pieces are in another order: they are read, not touched in a mapping.
  @Test func aFileOfTurnedPiecesThatIsCutShortIsAnError() throws {
    let whole = elements([64, 64])
    let boxes = [Box([0, 0], [64, 32]), Box([0, 32], [64, 32])]
    let turned = boxes.map { part(whole, $0).transposed(0, 1).copied() }
    let bytes = turned.flatMap { $0.withContiguousBytes { [UInt8](copying: $0) } }
    let file = try InputFile(folder.write(bytes, to: "turned"))
    var bundle = TensorBundle()
    try bundle.add(
      "w", .int16, shape: [64, 64],
      pieces: boxes.enumerated().map { number, box in
        let region = try FileRegion(file, number * 4096..<(number + 1) * 4096)
        let array = NDArray(
          storage: try Storage(mapping: region), dtype: .int16, layout: Layout([32, 64]))
        return TensorBundle.Piece(box, array.transposed(0, 1))
      })
    let array = try #require(bundle.tensors["w"]?.array)
    #expect(try array.readIntoMemory().isBitwiseEqual(to: whole))
    #expect(
      try array.slice(3..<60, 30...).isBitwiseEqual(
        to: part(whole, Box([3, 30], [57, 34]))))
    try folder.write([1, 2, 3], to: "turned")
    #expect(throws: FileError.self) { try array.forEachBlock { _, _ in } }
    #expect(throws: FileError.self) { try array.slice(1..<2) }
  }

  /// A part of a tensor is read of the pieces that have it alone.
  @Test func aSliceReadsItsPartOfEachPiece() throws {
    let sources = (0..<3).map { _ in Watched(byteCount: 40 * 9000) }
    var bundle = TensorBundle()
    try bundle.add(
      "w", .uint8, shape: [120, 9000],
      pieces: sources.enumerated().map { .init(Box([$0 * 40, 0], [40, 9000]), $1) })
    let array = try #require(bundle.tensors["w"]?.array)
    _ = try array.slice(38..<42, 10..<20)
    #expect(sources[0].ranges == [342_010..<342_020, 351_010..<351_020])
    #expect(sources[1].ranges == [10..<20, 9010..<9020])
    #expect(sources[2].ranges.isEmpty)
  }

  /// A piece may be some of the elements of an array, rows of it that follow each other or any that do.
  @Test func piecesAreOfPartsOfArrays() throws {
    let whole = elements([12, 5])
    var bundle = TensorBundle()
    try bundle.add(
      "rows", .int16, shape: [4, 5],
      pieces: [
        .init(Box([0, 0], [1, 5]), whole.sliced(axis: 0, 7..<8)),
        .init(Box([1, 0], [3, 5]), whole.sliced(axis: 0, 8..<11)),
      ])
    try bundle.add(
      "elements", .int16, shape: [2, 7],
      pieces: [
        .init(Box([0, 0], [1, 7]), 13..<20, of: whole),
        .init(Box([1, 0], [1, 7]), 20..<27, of: whole),
      ])
    #expect(
      bundle.tensors["rows"]?.array.isBitwiseEqual(to: whole.sliced(axis: 0, 7..<11)) == true)
    #expect(
      bundle.tensors["elements"]?.array.elements(as: Int16.self)
        == Array(whole.elements(as: Int16.self)[13..<27]))
  }

  /// The type is the one that the bundle was told, whichever the array has.
  @Test func bytesAreOfTheTypeOfTheTensor() throws {
    var bundle = TensorBundle()
    try bundle.add(
      "w", .uint16, shape: [3],
      pieces: [.init(Box(all: [3]), NDArray([-1, 2, -3] as [Int16]))])
    let array = try #require(bundle.tensors["w"]?.array)
    #expect(array.dtype == .uint16)
    #expect(array.elements(as: UInt16.self) == [65535, 2, 65533])
  }

  /// What one tensor's corners took is gone for the next.
  @Test func tensorsShareTheCornersThatAreLookedAt() throws {
    let axes = 12
    let boxes = (0...axes).map { number in
      Box(
        (0..<axes).map { $0 < number ? 1 : 0 },
        (0..<axes).map { $0 < number || $0 == number ? 1 : 2 })
    }
    let pieces = boxes.map { box in
      TensorBundle.Piece(box, Watched(byteCount: box.sizes.reduce(1, *)))
    }
    var bundle = TensorBundle()
    let shape = [Int](repeating: 2, count: axes)
    try bundle.add("first", .uint8, shape: shape, pieces: pieces)
    let second = #expect(throws: TensorBundle.Fault.self) {
      try bundle.add("second", .uint8, shape: shape, pieces: pieces)
    }
    #expect(second?.isUndecided == true)
    #expect(Array(bundle.tensors.keys) == ["first"])
  }
}
