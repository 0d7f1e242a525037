import Files
import HDF5
import LibHDF5
import TestSupport
import Testing

/// What this library writes, h5py reads, and the other way round.
@Suite(.needsPeers) struct PeerTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(arguments: ["earliest", "v108", "v110"]) func readsWhatH5pyWrites(version: String) throws {
    try Peers.run("write_sample.py", [folder.file(), version])
    let file = try HDF5File.open(folder.file())
    let root = try file.root

    func integers<T: HDF5Scalar & FixedWidthInteger>(_ name: String, _ type: T.Type) throws {
      for prefix in ["", "big_"] {
        let dataset = try root.dataset("integers/\(prefix)\(name)")
        #expect(try dataset.read(as: T.self) == [.min, 0, 1, .max])
        let order: HDF5ByteOrder = prefix.isEmpty || T.bitWidth == 8 ? .little : .big
        #expect(
          try dataset.datatype
            == .integer(bytes: T.bitWidth / 8, signed: T.isSigned, order: order))
      }
    }
    try integers("i1", Int8.self)
    try integers("i2", Int16.self)
    try integers("i4", Int32.self)
    try integers("i8", Int64.self)
    try integers("u1", UInt8.self)
    try integers("u2", UInt16.self)
    try integers("u4", UInt32.self)
    try integers("u8", UInt64.self)
    for (name, format, tiny) in [
      ("f2", HDF5FloatFormat.float16, 0x1p-14), ("f4", .float32, 0x1p-126),
      ("f8", .float64, 0x1p-1022),
    ] {
      for (prefix, order) in [("", HDF5ByteOrder.little), ("big_", .big)] {
        let dataset = try root.dataset("floats/\(prefix)\(name)")
        #expect(try dataset.datatype == .float(format.ordered(order)))
        #expect(try dataset.read(as: Double.self) == [0.5, -2, .infinity, tiny])
        #expect(
          try dataset.readValues() == [.float(0.5), .float(-2), .float(.infinity), .float(tiny)])
      }
    }
    #expect(try root.dataset("bool").datatype == .boolean)
    #expect(try root.dataset("bool").read(as: Bool.self) == [true, false, true])
    #expect(try root.dataset("complex64").datatype == .complex(.float32))
    #expect(try root.dataset("scalar").dataspace == .scalar)
    #expect(try root.dataset("empty").dataspace == .null)
    #expect(try root.dataset("nothing").shape == [0, 3])
    #expect(try root.dataset("strings").datatype == .string(.variable))
    #expect(try root.dataset("strings").readStrings() == ["", "weights", "ünïcödé", "重み 🧠"])
    #expect(try root.dataset("fixed").readStrings() == ["", "abc", "abcdef"])
    #expect(
      try root.dataset("record").readValues() == [
        .compound([
          .init("id", .integer(1)), .init("value", .float(2.5)), .init("tag", .string("x")),
        ])
      ])
    #expect(try root.dataset("opaque").readValues() == [.bytes([1, 2]), .bytes([3, 4])])
    #expect(
      try root.dataset("ragged").readValues()
        == [.array([.integer(1), .integer(2), .integer(3)]), .array([])])
    #expect(try root.dataset("enum").read(as: UInt8.self) == [2, 0])
  }

  @Test(arguments: ["earliest", "v108", "v110"]) func seesTheStructureThatH5pyMakes(version: String)
    throws
  {
    try Peers.run("write_sample.py", [folder.file(), version])
    let file = try HDF5File.open(folder.file())
    let root = try file.root

    let chunked = try root.dataset("chunked")
    #expect(try chunked.layout == .chunked([4, 30]))
    #expect(
      try chunked.filters.map(\.id)
        == [HDF5Filter.shuffleID, HDF5Filter.deflateID, HDF5Filter.fletcher32ID])
    #expect(try chunked.dataspace == .simple(dimensions: [10, 100], maximum: [nil, 100]))
    #expect(try chunked.read(as: Float.self) == (0..<1000).map { Float($0) })
    #expect(try chunked.chunks().count == 12)

    #expect(try root.group("tracked").names(order: .creation) == ["zeta", "alpha", "mid"])
    #expect(try root.dataset("tie").info == root.dataset("scalar").info)
    #expect(try root.link("soft")?.target == .soft(path: "/integers/i4"))
    #expect(try root.link("external")?.target == .external(file: "other.h5", path: "/secret"))

    let references = try root.dataset("references").read(as: HDF5ObjectReference.self)
    #expect(try file.object(references[0]).info == root.dataset("scalar").info)
    #expect(try file.path(of: references[1]) == "/integers")
    let regions = try root.dataset("region").read(as: HDF5RegionReference.self)
    let region = try file.region(try #require(regions.first))
    #expect(region.dataset.path == "/chunked")
    #expect(
      try chunked.read(as: Float.self, region.hyperslab).prefix(2) == [210, 211])

    let attributes = try root.dataset("scalar").attributes
    #expect(try attributes.value("int", as: Int64.self) == 5)
    #expect(try attributes.value("float", as: Float.self) == 0.25)
    #expect(try attributes.value("flag", as: Bool.self))
    #expect(try attributes.string("text") == "ünïcödé")
    #expect(try attributes.string("bytes") == "fixed")
    #expect(try attributes.values("list", as: UInt16.self) == [0, 1, 2])
    #expect(try attributes.strings("names") == ["a", "", "ccc"])
    #expect(try attributes.strings("fixed names") == ["a", "bb"])
    #expect(try attributes.string("schlüssel") == "value")
    #expect(try attributes.open("empty").dataspace == .null)
  }

  @Test func listsTypesThatItDoesNotRead() throws {
    try Peers.run("write_sample.py", [folder.file()])
    let root = try HDF5File.open(folder.file()).root
    for (name, type) in [
      ("time", HDF5Datatype.unsupported(bytes: 4, name: "time")),
      ("twelve bits", .unsupported(bytes: 2, name: "integer")),
    ] {
      let dataset = try root.dataset(name)
      #expect(try dataset.datatype == type)
      #expect(try dataset.shape == [2])
      let error = #expect(throws: HDF5Error.self) { try dataset.readValues() }
      #expect(error?.code == .unsupported)
      #expect(try dataset.readBytes().allSatisfy { $0 == 0 })
    }
  }

  @Test func refusesWhatLeadsToOtherFiles() throws {
    try Peers.run("write_sample.py", [folder.file()])
    let root = try HDF5File.open(folder.file()).root
    #expect(try root.dataset("virtual").isVirtual)
    #expect(try root.dataset("outside").hasExternalStorage)
    for name in ["virtual", "outside"] {
      let dataset = try root.dataset(name)
      let error = #expect(throws: HDF5Error.self) { try dataset.read(as: Int32.self) }
      #expect(error?.code == .refusedLink)
    }
    let external = #expect(throws: HDF5Error.self) { try root.dataset("external") }
    #expect(external?.code == .refusedLink)
    let lzf = try root.dataset("lzf")
    #expect(try lzf.filters.map(\.id) == [32000])
    let filter = #expect(throws: HDF5Error.self) { try lzf.read(as: Int64.self) }
    #expect(filter?.code == .unsupported)
  }

  @Test(arguments: [HDF5FileOptions.Format.earliest, .v18, .latest])
  func h5pyReadsWhatIsWritten(format: HDF5FileOptions.Format) throws {
    var options = HDF5FileOptions()
    options.format = format
    let file = try HDF5File.create(folder.file(), options: options)
    let root = try file.root
    try writeNumbers(to: root)
    try writeTextsAndRecords(to: root)
    try writeStructure(to: root)
    try file.close()
    try Peers.run("read_sample.py", [folder.file()])
  }

  private func writeNumbers(to root: HDF5Group) throws {
    let integers = try root.createGroup("integers")
    func write<T: HDF5Scalar & FixedWidthInteger>(_ name: String, _ type: T.Type) throws {
      try integers.createDataset(name, T.datatype.littleEndian, shape: [4])
        .write([.min, 0, 1, .max] as [T])
    }
    try write("int8", Int8.self)
    try write("int16", Int16.self)
    try write("int32", Int32.self)
    try write("int64", Int64.self)
    try write("uint8", UInt8.self)
    try write("uint16", UInt16.self)
    try write("uint32", UInt32.self)
    try write("uint64", UInt64.self)
    let floats = try root.createGroup("floats")
    for (name, type) in [
      ("float16", HDF5Datatype.float16), ("float32", .float32), ("float64", .float64),
      ("bfloat16", .bfloat16), ("float8_e5m2", .float8E5M2),
    ] {
      try floats.createDataset(name, type, shape: [3])
        .write([0.5, -2, .infinity], conversion: .lossy)
    }
    try root.createDataset("big", .integer(bytes: 2, signed: false, order: .big), shape: [2])
      .write([1, 258] as [UInt16])
    try root.createDataset("bool", .boolean, shape: [3]).write([true, false, true])
    let complex = try root.createDataset("complex64", .complex(.float32), shape: [2])
    try ([1, 2, 4, -3] as [Float]).withUnsafeBytes { try complex.writeBytes(from: $0) }
    try root.createDataset("scalar", .float32, shape: []).write([7] as [Float])
    try root.createDataset("null", .float32, .null)
    try root.createDataset("grid", .int32, shape: [2, 3]).write((0..<6).map { Int32($0) })
  }

  private func writeTextsAndRecords(to root: HDF5Group) throws {
    try root.createDataset("strings", .string(.variable), shape: [4])
      .writeStrings(["", "weights", "ünïcödé", "重み 🧠"])
    try root.createDataset("fixed", .string(.fixed(bytes: 6)), shape: [3])
      .writeStrings(["", "abc", "abcdef"])
    let opaque = try root.createDataset("opaque", .opaque(bytes: 2, tag: ""), shape: [2])
    try ([1, 2, 3, 4] as [UInt8]).withUnsafeBytes { try opaque.writeBytes(from: $0) }
    let colors = HDF5Datatype.enumeration(
      base: .uint8, members: [HDF5EnumerationMember("RED", 0), HDF5EnumerationMember("BLUE", 2)])
    let enumeration = try root.createDataset("enum", colors, shape: [2])
    try ([2, 0] as [UInt8]).withUnsafeBytes { try enumeration.writeBytes(from: $0) }
    let record = HDF5Datatype.compound(
      bytes: 12,
      members: [
        HDF5CompoundMember("id", offset: 0, .int32),
        HDF5CompoundMember("value", offset: 4, .float64),
      ])
    let records = try root.createDataset("record", record, shape: [1])
    try ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 64] as [UInt8]).withUnsafeBytes {
      try records.writeBytes(from: $0)
    }
    try root.createDataset(
      "filled", .int16, shape: [2], options: HDF5DatasetOptions(fillValue: [255, 255]))
  }

  private func writeStructure(to root: HDF5Group) throws {
    let chunked = try root.createDataset(
      "chunked", .float32, .simple(dimensions: [10, 100], maximum: [nil, 100]),
      options: HDF5DatasetOptions(
        layout: .chunked([4, 30]), filters: [.shuffle, .deflate(level: 4), .fletcher32]))
    try chunked.write((0..<1000).map { Float($0) })
    let direct = try root.createDataset(
      "direct", .uint8, shape: [8],
      options: HDF5DatasetOptions(layout: .chunked([4]), filters: [.deflate(level: 1)]))
    try direct.writeChunk(at: [0], filterMask: 1, bytes: [0, 1, 2, 3])
    try direct.writeChunk(at: [4], filterMask: 1, bytes: [4, 5, 6, 7])
    let tracked = try root.createGroup(
      "tracked", options: HDF5GroupOptions(tracksLinkOrder: true))
    for name in ["zeta", "alpha", "mid"] { try tracked.createGroup(name) }
    let scalar = try root.dataset("scalar")
    try root.createHardLink("tie", to: scalar)
    try root.createSoftLink("soft", to: "/integers/int32")
    try root.createGroup("ünïcödé").createDataset("重み", .int8, shape: []).write([1] as [Int8])
    try root.createDataset("references", .objectReference, shape: [2])
      .write([try scalar.makeReference(), try root.group("integers").makeReference()])
    try root.createDataset("region", .regionReference, shape: [1])
      .write([try chunked.makeReference(to: HDF5Hyperslab(2..<4, 10..<20))])
    let attributes = scalar.attributes
    try attributes.set("int", to: 5)
    try attributes.set("float", to: 0.25 as Float)
    try attributes.set("flag", to: true)
    try attributes.set("text", to: "ünïcödé")
    try attributes.set("fixed", to: "fixed", as: .fixed(bytes: 5))
    try attributes.set("list", to: [0, 1, 2] as [UInt16])
    try attributes.set("names", to: ["a", "", "ccc"])
    try attributes.set("schlüssel", to: "value")
  }
}
