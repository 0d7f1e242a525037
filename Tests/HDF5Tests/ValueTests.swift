import HDF5
import LibHDF5
import Testing

@Suite struct ValueTests {
  let file: HDF5File
  let root: HDF5Group

  init() throws {
    file = try HDF5File.createInMemory()
    root = try file.root
  }

  private func values(_ type: HDF5Datatype, _ bytes: [UInt8]) throws -> [HDF5Value] {
    let name = "d\(try root.linkCount)"
    let dataset = try root.createDataset(name, type, shape: [])
    try bytes.withUnsafeBytes { try dataset.writeBytes(from: $0) }
    return try dataset.readValues()
  }

  @Test func numbersAreDecodedByTheirType() throws {
    #expect(try values(.int8, [0xFF]) == [.integer(-1)])
    #expect(try values(.uint8, [0xFF]) == [.integer(255)])
    #expect(try values(.integer(bytes: 3, signed: true), [0xFE, 0xFF, 0xFF]) == [.integer(-2)])
    #expect(
      try values(.integer(bytes: 3, signed: true, order: .big), [0, 1, 0]) == [.integer(256)])
    #expect(
      try values(.uint64, Array(repeating: 0xFF, count: 8)) == [.unsigned(.max)])
    #expect(try values(.bitfield(bytes: 2), [1, 2]) == [.integer(0x0201)])
    #expect(try values(.boolean, [1]) == [.boolean(true)])
    #expect(
      try values(
        .enumeration(base: .uint8, members: [HDF5EnumerationMember("red", 3)]), [3])
        == [.integer(3)])
    let wide = [UInt8](0..<16)
    #expect(try values(.integer(bytes: 16, signed: false), wide) == [.bytes(wide)])
    #expect(try values(.opaque(bytes: 3, tag: "raw"), [1, 2, 3]) == [.bytes([1, 2, 3])])
  }

  @Test func recordsAndGridsAreDecodedWithinElements() throws {
    let type = HDF5Datatype.compound(
      bytes: 16,
      members: [
        HDF5CompoundMember("id", offset: 1, .uint8),
        HDF5CompoundMember("pair", offset: 4, .array(dimensions: [2], element: .int16)),
        HDF5CompoundMember("z", offset: 8, .complex(.float32)),
      ])
    let bytes: [UInt8] = [9, 7, 9, 9, 1, 0, 2, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
    #expect(
      try values(type, bytes) == [
        .compound([
          .init("id", .integer(7)), .init("pair", .array([.integer(1), .integer(2)])),
          .init("z", .compound([.init("r", .float(1)), .init("i", .float(-2))])),
        ])
      ])
  }

  @Test func sequencesThatWereNeverWrittenAreEmpty() throws {
    let dataset = try root.createDataset("d", .variableLength(element: .int32), shape: [2])
    #expect(try dataset.readValues() == [.array([]), .array([])])
  }

  @Test func oneMemberOfACompoundIsReadByName() throws {
    struct Imaginary: HDF5Scalar, Equatable {
      var i: Float
      static let datatype = HDF5Datatype.compound(
        bytes: 4, members: [HDF5CompoundMember("i", offset: 0, Float.datatype)])
    }
    let dataset = try root.createDataset("d", .complex(.float32), shape: [2])
    try ([1, 2, 3, 4] as [Float]).withUnsafeBytes { try dataset.writeBytes(from: $0) }
    #expect(try dataset.read(as: Imaginary.self) == [Imaginary(i: 2), Imaginary(i: 4)])
  }

  @Test func referencesLeadToObjects() throws {
    let group = try root.createGroup("group")
    let data = try group.createDataset("data", .int32, shape: [4, 4])
    let stored = try root.createDataset("references", .objectReference, shape: [3])
    try stored.write([
      try group.makeReference(), try data.makeReference(), HDF5ObjectReference(rawValue: 0),
    ])
    let references = try stored.read(as: HDF5ObjectReference.self)
    #expect(try file.path(of: references[0]) == "/group")
    #expect(try file.object(references[0]) is HDF5Group)
    #expect(try file.object(references[1]).path == "/group/data")
    let empty = #expect(throws: HDF5Error.self) { try file.object(references[2]) }
    #expect(empty?.code == .notFound)
    #expect(throws: HDF5Error.self) { try file.object(HDF5ObjectReference(rawValue: 12345)) }
    #expect(try stored.readValues().first == .objectReference(references[0]))
  }

  @Test func regionReferencesLeadToPartsOfDatasets() throws {
    let data = try root.createDataset("data", .int32, shape: [4, 4])
    let part = HDF5Hyperslab(start: [0, 1], count: [2, 1], stride: [2, 1], block: [1, 3])
    let stored = try root.createDataset("regions", .regionReference, shape: [1])
    let reference = try data.makeReference(to: part)
    #expect(reference != HDF5RegionReference())
    try stored.write([reference])
    let read = try stored.read(as: HDF5RegionReference.self)
    #expect(read == [reference])
    let region = try file.region(read[0])
    #expect(region.dataset.path == "/data")
    #expect(region.hyperslab == part)
    #expect(throws: HDF5Error.self) { try file.region(HDF5RegionReference()) }
  }
}
