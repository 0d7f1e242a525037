import HDF5
import LibHDF5
import Testing

@Suite struct DatasetTests {
  let file: HDF5File
  let root: HDF5Group

  init() throws {
    file = try HDF5File.createInMemory()
    root = try file.root
  }

  private func roundTrip<Element: HDF5Scalar & Equatable>(_ values: [Element]) throws {
    let dataset = try root.createDataset(
      "\(Element.self)", Element.datatype.littleEndian, shape: [values.count])
    try dataset.write(values)
    #expect(try dataset.read(as: Element.self) == values)
  }

  @Test func everyScalarTypeRoundTrips() throws {
    try roundTrip([Int8.min, -1, 0, .max])
    try roundTrip([Int16.min, -1, 0, .max])
    try roundTrip([Int32.min, -1, 0, .max])
    try roundTrip([Int64.min, -1, 0, .max])
    try roundTrip([Int.min, -1, 0, .max])
    try roundTrip([0, UInt8.max])
    try roundTrip([0, UInt16.max])
    try roundTrip([0, UInt32.max])
    try roundTrip([0, UInt64.max])
    try roundTrip([0, UInt.max])
    try roundTrip([true, false, true])
    try roundTrip([Float.pi, -.infinity, .leastNonzeroMagnitude, -0.0])
    try roundTrip([Double.pi, -.infinity, .leastNonzeroMagnitude, -0.0])
    #if !(os(macOS) && arch(x86_64))
      try roundTrip([Float16.pi, -.infinity, .leastNonzeroMagnitude, -0.0])
    #endif
  }

  @Test func structsRoundTripAsCompounds() throws {
    struct Point: HDF5Scalar, Equatable {
      var x: Float
      var label: Int32
      static let datatype = HDF5Datatype.compound(
        bytes: MemoryLayout<Point>.stride,
        members: [
          HDF5CompoundMember("x", offset: 0, Float.datatype),
          HDF5CompoundMember("label", offset: 4, Int32.datatype),
        ])
    }
    try roundTrip([Point(x: 1.5, label: -1), Point(x: 2.5, label: 7)])
  }

  @Test func scalarTypesThatLieAboutTheirSizeAreRefused() throws {
    struct Liar: HDF5Scalar {
      var value: Int32
      static let datatype = HDF5Datatype.int64
    }
    let dataset = try root.createDataset("d", .int64, shape: [])
    let error = #expect(throws: HDF5Error.self) { try dataset.read(as: Liar.self) }
    #expect(error?.code == .invalidArgument)
  }

  @Test func scalarNullAndEmptyExtentsAreApart() throws {
    let scalar = try root.createDataset("scalar", .int32, shape: [])
    try scalar.write([5] as [Int32])
    #expect(try scalar.dataspace == .scalar)
    #expect(try scalar.read(as: Int32.self) == [5])

    let null = try root.createDataset("null", .int32, .null)
    #expect(try null.dataspace == .null)
    #expect(try null.read(as: Int32.self) == [])
    try null.write([] as [Int32])

    let empty = try root.createDataset("empty", .int32, shape: [0, 3])
    #expect(try empty.shape == [0, 3])
    #expect(try empty.read(as: Int32.self) == [])
    #expect(try empty.readBytes() == [])
    try empty.write([] as [Int32])
  }

  @Test func conversionThatLosesIsRefusedUnlessAskedFor() throws {
    let dataset = try root.createDataset("d", .float64, shape: [2])
    try dataset.write([0.1, 1e300])
    let reading = #expect(throws: HDF5Error.self) { try dataset.read(as: Float.self) }
    #expect(reading?.code == .typeMismatch)
    #expect(try dataset.read(as: Float.self, conversion: .lossy) == [0.1, .infinity])

    let integers = try root.createDataset("i", .int8, shape: [2])
    let writing = #expect(throws: HDF5Error.self) { try integers.write([1, 1000] as [Int32]) }
    #expect(writing?.code == .typeMismatch)
    try integers.write([1, 1000] as [Int32], conversion: .lossy)
    #expect(try integers.read(as: Int64.self) == [1, 127])
    #expect(try integers.read(as: Float.self) == [1, 127])
    #expect(throws: HDF5Error.self) { try integers.read(as: UInt8.self) }
  }

  @Test func bigEndianIsConvertedWhenTypedAndKeptWhenRaw() throws {
    let dataset = try root.createDataset(
      "d", .integer(bytes: 2, signed: false, order: .big), shape: [2])
    try dataset.write([0x0102, 0x0304] as [UInt16])
    #expect(try dataset.readBytes() == [1, 2, 3, 4])
    #expect(try dataset.readBytes(as: .uint16) == [2, 1, 4, 3])
    #expect(try dataset.read(as: UInt16.self) == [0x0102, 0x0304])
    #expect(try dataset.readValues() == [.integer(0x0102), .integer(0x0304)])
  }

  @Test func booleansThatAreNeitherBecomeTrue() throws {
    let dataset = try root.createDataset("d", .boolean, shape: [3])
    try ([0, 1, 42] as [UInt8]).withUnsafeBytes { try dataset.writeBytes(from: $0) }
    #expect(try dataset.read(as: Bool.self) == [false, true, true])
    #expect(try dataset.read(as: Int8.self) == [0, 1, 42])
    #expect(try dataset.datatype.isBoolean)
  }

  @Test func bytesGoInAndOutOfMemoryOfTheCallers() throws {
    let dataset = try root.createDataset("d", .bfloat16, shape: [2, 2])
    let bytes: [UInt8] = [0x80, 0x3F, 0xC1, 0x7F, 0x00, 0xC0, 0x80, 0xFF]
    try bytes.withUnsafeBytes { try dataset.writeBytes(from: $0) }
    // Raw bytes keep the payload of a NaN.
    #expect(try dataset.readBytes() == bytes)
    var copy = [UInt8](repeating: 0, count: 8)
    try copy.withUnsafeMutableBytes { try dataset.readBytes(into: $0) }
    #expect(copy == bytes)
    let floats = try dataset.read(as: Float.self)
    #expect(floats[0] == 1 && floats[1].isNaN && floats[2] == -2 && floats[3] == -.infinity)

    var wide = [Float](repeating: 0, count: 4)
    try wide.withUnsafeMutableBytes { try dataset.readBytes(into: $0, as: Float.datatype) }
    #expect(wide[2] == -2)
    let error = #expect(throws: HDF5Error.self) {
      try copy.withUnsafeMutableBytes {
        try dataset.readBytes(into: .init(rebasing: $0.dropLast()))
      }
    }
    #expect(error?.code == .invalidArgument)
  }

  @Test func wrongNumberOfValuesIsRefused() throws {
    let dataset = try root.createDataset("d", .int32, shape: [3])
    for count in [0, 2, 4] {
      let error = #expect(throws: HDF5Error.self) {
        try dataset.write([Int32](repeating: 0, count: count))
      }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test func hyperslabsSelectParts() throws {
    let dataset = try root.createDataset("d", .int32, shape: [4, 6])
    try dataset.write((0..<24).map { Int32($0) })
    #expect(try dataset.read(as: Int32.self, HDF5Hyperslab(1..<3, 2..<4)) == [8, 9, 14, 15])
    let strided = HDF5Hyperslab(start: [0, 0], count: [2, 2], stride: [3, 4], block: [1, 2])
    #expect(try dataset.read(as: Int32.self, strided) == [0, 1, 4, 5, 18, 19, 22, 23])
    #expect(strided.shape == [2, 4])
    try dataset.write([-1, -2] as [Int32], HDF5Hyperslab(3..<4, 4..<6))
    #expect(try dataset.read(as: Int32.self, HDF5Hyperslab(3..<4, 3..<6)) == [21, -1, -2])
    #expect(try dataset.read(as: Int32.self, HDF5Hyperslab(0..<0, 0..<6)) == [])
    #expect(try dataset.readBytes(HDF5Hyperslab(0..<1, 1..<2)) == [1, 0, 0, 0])
  }

  @Test(arguments: [
    HDF5Hyperslab(0..<5, 0..<6), HDF5Hyperslab(0..<4), HDF5Hyperslab(0..<1, 0..<1, 0..<1),
    HDF5Hyperslab(start: [-1, 0], count: [1, 1]), HDF5Hyperslab(start: [0, 0], count: [1, -1]),
    HDF5Hyperslab(start: [0, 0], count: [2, 2], stride: [0, 1]),
    HDF5Hyperslab(start: [0, 0], count: [2, 2], stride: [1, 1], block: [2, 1]),
    HDF5Hyperslab(start: [0, 0], count: [2, 2], stride: [4, 1]),
    HDF5Hyperslab(start: [0, .max], count: [1, 1]),
    HDF5Hyperslab(start: [0, 0], count: [1, .max], stride: [1, .max], block: [1, 2]),
    HDF5Hyperslab(start: [0], count: [1, 1]),
  ])
  func hyperslabsBeyondTheShapeAreRefused(hyperslab: HDF5Hyperslab) throws {
    let dataset = try root.createDataset("d", .int32, shape: [4, 6])
    let error = #expect(throws: HDF5Error.self) { try dataset.read(as: Int32.self, hyperslab) }
    #expect(error?.code == .invalidArgument)
  }

  @Test func layoutsAndFiltersAreToldAsTheyWereMade() throws {
    let compact = try root.createDataset(
      "compact", .int32, shape: [3], options: HDF5DatasetOptions(layout: .compact))
    #expect(try compact.layout == .compact)
    #expect(try compact.offset == nil)

    let contiguous = try root.createDataset("contiguous", .int32, shape: [3])
    #expect(try contiguous.layout == .contiguous)
    #expect(try contiguous.offset == nil)
    #expect(try contiguous.storageSize == 0)
    try contiguous.write([1, 2, 3] as [Int32])
    #expect(try contiguous.offset != nil)
    #expect(try contiguous.storageSize == 12)

    let early = try root.createDataset(
      "early", .int32, shape: [3], options: HDF5DatasetOptions(allocationTime: .early))
    #expect(try early.offset != nil)

    let filters: [HDF5Filter] = [.shuffle, .deflate(level: 6), .fletcher32]
    let chunked = try root.createDataset(
      "chunked", .float32, shape: [100, 7],
      options: HDF5DatasetOptions(layout: .chunked([32, 7]), filters: filters))
    #expect(try chunked.layout == .chunked([32, 7]))
    let found = try chunked.filters
    #expect(found.map(\.id) == filters.map(\.id))
    #expect(found.map(\.name) == ["shuffle", "deflate", "fletcher32"])
    #expect(found.map(\.isOptional) == [true, true, false])
    #expect(found[1].parameters == [6])
    #expect(try !chunked.isVirtual)
    #expect(try !chunked.hasExternalStorage)
    #expect(try contiguous.filters == [])
    let values = (0..<700).map { Float($0 / 50) }
    try chunked.write(values)
    try file.flush()
    #expect(try chunked.read(as: Float.self) == values)
    #expect(try chunked.storageSize < 700 * 4)
  }

  @Test func storageThatCannotBeIsRefused() throws {
    let wrong: [(HDF5DatasetOptions, HDF5Dataspace)] = [
      (.init(layout: .chunked([4, 4])), .shape([8])), (.init(layout: .chunked([0])), .shape([8])),
      (.init(layout: .chunked([4])), .scalar), (.init(filters: [.shuffle]), .shape([8])),
      (.init(layout: .chunked([1 << 33])), .simple(dimensions: [8], maximum: [nil])),
      (.init(), .simple(dimensions: [8], maximum: [4])),
      (.init(), .simple(dimensions: [-8])), (.init(), .shape(Array(repeating: 1, count: 33))),
      (.init(), .shape([1 << 40, 1 << 40])), (.init(fillValue: [1, 2]), .shape([8])),
      (.init(layout: .compact), .shape([100_000])),
      (.init(layout: .chunked([8]), filters: [.deflate(level: 10)]), .shape([8])),
    ]
    for (options, space) in wrong {
      #expect(throws: HDF5Error.self, "\(options) \(space)") {
        try root.createDataset("d", .float32, space, options: options)
      }
    }
    let error = #expect(throws: HDF5Error.self) {
      try root.createDataset(
        "d", .float32, shape: [1], options: HDF5DatasetOptions(layout: .virtual))
    }
    #expect(error?.code == .unsupported)
    #expect(try root.names() == [])
  }

  @Test func unwrittenElementsAreTheFillValue() throws {
    let filled = try root.createDataset(
      "filled", .int16, shape: [2], options: HDF5DatasetOptions(fillValue: [7, 0]))
    #expect(try filled.read(as: Int16.self) == [7, 7])
    #expect(try filled.fillValue == [7, 0])
    let plain = try root.createDataset("plain", .int16, shape: [2])
    #expect(try plain.read(as: Int16.self) == [0, 0])
    #expect(try plain.fillValue == nil)
    let never = try root.createDataset(
      "never", .int64, shape: [1000],
      options: HDF5DatasetOptions(allocationTime: .late, fillTime: .never))
    #expect(try never.read(as: Int64.self).allSatisfy { $0 == 0 })
    let sparse = try root.createDataset(
      "sparse", .int64, shape: [1000],
      options: HDF5DatasetOptions(layout: .chunked([10]), fillTime: .never))
    try sparse.write([5], HDF5Hyperslab(500..<501))
    let values = try sparse.read(as: Int64.self)
    #expect(values[500] == 5 && values[..<500].allSatisfy { $0 == 0 })
  }

  @Test func datasetsGrowAndShrinkWithinTheirMaximum() throws {
    let dataset = try root.createDataset(
      "d", .int32, .simple(dimensions: [2, 3], maximum: [nil, 4]),
      options: HDF5DatasetOptions(layout: .chunked([2, 2])))
    #expect(try dataset.dataspace == .simple(dimensions: [2, 3], maximum: [nil, 4]))
    try dataset.write([1, 2, 3, 4, 5, 6] as [Int32])
    try dataset.setExtent([3, 4])
    #expect(try dataset.shape == [3, 4])
    #expect(try dataset.read(as: Int32.self) == [1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0])
    try dataset.setExtent([1, 2])
    #expect(try dataset.read(as: Int32.self) == [1, 2])
    #expect(throws: HDF5Error.self) { try dataset.setExtent([1, 5]) }
    #expect(throws: HDF5Error.self) { try dataset.setExtent([1]) }
    #expect(throws: HDF5Error.self) { try dataset.setExtent([1, -1]) }
  }
}
