import Files
import HDF5
import LibHDF5
import TestSupport
import Testing

/// Files that are damaged or made to harm: typed errors, in bounded memory and time.
@Suite struct HostileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Reads all that can be reached, as far as it can be.
  private func readEverything(_ group: HDF5Group, depth: Int = 0) throws {
    guard depth < 10 else { return }
    for name in try group.attributes.names() {
      _ = try group.attributes.open(name).readValues()
    }
    for link in try group.links() {
      guard case .hard(let info) = link.target else { continue }
      switch info.kind {
      case .group: try readEverything(try group.group(link.name), depth: depth + 1)
      case .dataset:
        let dataset = try group.dataset(link.name)
        _ = try (dataset.layout, dataset.filters, dataset.offset, dataset.storageSize)
        _ = try dataset.readValues()
      case .namedDatatype: _ = try group.namedDatatype(link.name).datatype
      case .unknown: break
      }
    }
  }

  private func makeSample(_ format: HDF5FileOptions.Format) throws -> [UInt8] {
    var options = HDF5FileOptions()
    options.format = format
    let file = try HDF5File.createInMemory(options: options)
    let group = try file.root.createGroup("layer")
    try group.createDataset("weight", .float32, shape: [8, 8]).write(
      (0..<64).map { Float($0) })
    let chunked = HDF5DatasetOptions(
      layout: .chunked([16]), filters: [.shuffle, .deflate(level: 6), .fletcher32])
    try group.createDataset("index", .int64, shape: [100], options: chunked).write(
      (0..<100).map { $0 })
    try group.createDataset("names", .string(.variable), shape: [3]).writeStrings(["a", "b", "c"])
    try group.attributes.set("note", to: "text")
    try file.root.attributes.set("list", to: [1, 2, 3])
    try file.root.createDatatype("type", .complex(.float32))
    return try file.image()
  }

  @Test(arguments: [HDF5FileOptions.Format.earliest, .v18, .latest])
  func truncatedFilesAreErrors(format: HDF5FileOptions.Format) throws {
    let sample = try makeSample(format)
    try readEverything(try HDF5File.open(image: sample, name: "sample").root)
    for length in stride(from: 0, to: sample.count, by: 512) {
      let path = try folder.write(Array(sample.prefix(length)), to: "truncated.h5")
      let error = #expect(throws: HDF5Error.self, "\(length) bytes") {
        try readEverything(try HDF5File.open(path).root)
      }
      #expect(error?.code == (length == 0 ? .notHDF5 : .truncated), "\(length) bytes: \(error)")
      #expect(error?.file == path)
    }
  }

  @Test func checksumsTellDamagedChunks() throws {
    let file = try HDF5File.create(folder.file())
    let dataset = try file.root.createDataset(
      "d", .uint8, shape: [64],
      options: HDF5DatasetOptions(layout: .chunked([64]), filters: [.fletcher32]))
    try dataset.write([UInt8](repeating: 3, count: 64))
    try file.flush()
    let address = try #require(try dataset.chunk(at: [0])?.address)
    try file.close()
    var bytes = try folder.bytes()
    bytes[address + 10] ^= 1
    let path = try folder.write(bytes, to: "flipped.h5")
    let error = #expect(throws: HDF5Error.self) {
      try HDF5File.open(path).root.dataset("d").read(as: UInt8.self)
    }
    #expect(error?.code == .corrupt)
    #expect(error?.path == "/d")
  }

  @Test func checksumsTellDamagedMetadata() throws {
    var bytes = try makeSample(.v18)
    // Within the superblock, whose checksum follows at byte 44.
    bytes[13] ^= 1
    let error = #expect(throws: HDF5Error.self) { try HDF5File.open(image: bytes, name: "x") }
    #expect(error?.code == .corrupt)
  }

  @Test func layoutsThatContradictTheShapeAreErrors() throws {
    let file = try HDF5File.create(folder.file())
    let dataset = try file.root.createDataset("d", .float32, shape: [8, 8])
    try dataset.write((0..<64).map { Float($0) })
    let offset = try #require(try dataset.offset)
    try file.close()
    let whole = try folder.bytes()
    // The layout message: version 3, class 1 (contiguous), the address, the size of 256 bytes.
    let message =
      [3, 1] + withUnsafeBytes(of: UInt64(offset).littleEndian, Array.init)
      + withUnsafeBytes(of: UInt64(256).littleEndian, Array.init)
    let start = try #require(
      (0..<whole.count - message.count).first {
        whole[$0..<$0 + message.count].elementsEqual(message)
      })
    let damages: [(Int, [UInt8])] = [
      // Compact, an address beyond the end, an undefined address, sizes too small and too large.
      (1, [0]), (2, [0, 0, 0, 1]), (2, Array(repeating: 255, count: 8)), (10, [4, 0]),
      (10, [0, 2]),
      (10, Array(repeating: 255, count: 8)),
    ]
    for (place, bytes) in damages {
      var damaged = whole
      damaged.replaceSubrange(start + place..<start + place + bytes.count, with: bytes)
      do {
        let dataset = try HDF5File.open(image: damaged, name: "damaged").root.dataset("d")
        // An undefined address means that nothing was written, which is no damage.
        #expect(try dataset.read(as: Float.self) == [Float](repeating: 0, count: 64))
      } catch {
        #expect(error.code == .corrupt, "\(error) \(error.stackDescription)")
      }
    }
  }

  @Test func hugeDeclarationsWithoutDataAreRefusedBeforeAllocation() throws {
    let file = try HDF5File.create(folder.file())
    let late = HDF5DatasetOptions(allocationTime: .late, fillTime: .never)
    let chunked = HDF5DatasetOptions(layout: .chunked([1 << 20]), filters: [.deflate(level: 1)])
    try file.root.createDataset("contiguous", .uint8, shape: [1 << 50], options: late)
    try file.root.createDataset("chunked", .float64, shape: [1 << 50], options: chunked)
    try file.root.createDataset(
      "texts", .string(.variable), shape: [1 << 45],
      options: HDF5DatasetOptions(layout: .chunked([1024])))
    try file.root.createDataset(
      "growing", .float32, .simple(dimensions: [4], maximum: [nil]),
      options: HDF5DatasetOptions(layout: .chunked([(1 << 30) - 1])))
    try file.close()

    let root = try HDF5File.open(folder.file()).root
    for name in ["contiguous", "chunked", "texts"] {
      let dataset = try root.dataset(name)
      let failures: [() throws -> Void] = [
        { _ = try dataset.readBytes() }, { _ = try dataset.readValues() },
        { _ = try dataset.read(as: UInt8.self, conversion: .lossy) },
        { _ = try dataset.readStrings() },
      ]
      for failure in failures {
        let error = #expect(throws: HDF5Error.self) { try failure() }
        #expect([.limitExceeded, .typeMismatch, .unsupported].contains(error?.code), "\(error)")
      }
      #expect(throws: HDF5Error.self) { try dataset.readBytes(maximumBytes: 1 << 30) }
    }
    // One element of a part is small, but libhdf5 would allocate the 4 GiB of its chunk.
    let error = #expect(throws: HDF5Error.self) { try root.dataset("growing").read(as: Float.self) }
    #expect(error?.code == .limitExceeded)
    let part = try root.dataset("chunked").read(as: Double.self, HDF5Hyperslab(0..<2))
    #expect(part == [0, 0])
  }

  @Test func honestCompressionIsNotTakenForALie() throws {
    let file = try HDF5File.create(folder.file())
    let count = 100 << 20
    let dataset = try file.root.createDataset(
      "zeros", .uint8, shape: [count],
      options: HDF5DatasetOptions(layout: .chunked([1 << 20]), filters: [.deflate(level: 9)]))
    try dataset.write([UInt8](repeating: 0, count: count))
    try file.flush()
    #expect(try dataset.readBytes().count == count)
    #expect(throws: HDF5Error.self) { try dataset.readBytes(maximumBytes: count - 1) }
  }

  @Test func elementCountsThatOverflowAreErrors() {
    #expect(HDF5Dataspace.shape([1 << 32, 1 << 32]).elementCount == nil)
    #expect(HDF5Dataspace.shape([1 << 32, 1 << 32, 0]).elementCount == 0)
    #expect(HDF5Dataspace.shape([-1]).elementCount == nil)
    #expect(HDF5Dataspace.scalar.elementCount == 1)
    #expect(HDF5Dataspace.null.elementCount == 0)
  }

  @Test func unknownFiltersAreListedAndReadingSaysWhichIsMissing() throws {
    let image = try HDF5File.createInMemory(name: "x")
    let lzf = HDF5Filter(id: 32000, name: "lzf", parameters: [4], isOptional: true)
    let dataset = try image.root.createDataset(
      "d", .uint8, shape: [8], options: HDF5DatasetOptions(layout: .chunked([8]), filters: [lzf]))
    try dataset.writeChunk(at: [0], bytes: [1, 2, 3])
    let copy = try HDF5File.open(image: try image.image(), name: "copy").root.dataset("d")
    #expect(try copy.filters.map(\.id) == [32000])
    let error = #expect(throws: HDF5Error.self) { try copy.read(as: UInt8.self) }
    #expect(error?.code == .unsupported, "\(error?.stackDescription)")
  }
}
