import HDF5
import LibHDF5
import Testing

@Suite struct DatatypeTests {
  static let everyType: [HDF5Datatype] =
    [
      .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
      .integer(bytes: 2, signed: true, order: .big), .integer(bytes: 3, signed: false),
      .integer(bytes: 16, signed: true), .bitfield(bytes: 1), .bitfield(bytes: 8, order: .big),
      .float16, .bfloat16, .float32, .float64, .float8E5M2,
      .float(.float16.ordered(.big)), .float(.bfloat16.ordered(.big)),
      .float(.float32.ordered(.big)), .float(.float64.ordered(.big)),
      .float(HDF5FloatFormat(exponentSize: 15, mantissaSize: 112)), .float(x87),
      .boolean,
      .enumeration(
        base: .integer(bytes: 2, signed: true, order: .big),
        members: [HDF5EnumerationMember("minus", -300), HDF5EnumerationMember("ünï", 299)]),
      .enumeration(base: .uint8, members: [HDF5EnumerationMember("all", 255)]),
      .complex(.float32), .complex(.float64), .opaque(bytes: 2, tag: "V2"),
      .opaque(bytes: 5, tag: ""), .objectReference, .regionReference,
      .array(dimensions: [2, 3], element: .float16), .variableLength(element: .int32),
      .variableLength(element: .string(.variable)),
      .compound(
        bytes: 32,
        members: [
          HDF5CompoundMember("id", offset: 0, .uint16),
          HDF5CompoundMember("nested", offset: 8, .complex(.float32)),
          HDF5CompoundMember("names", offset: 16, .string(.variable)),
        ]),
    ]
    + [HDF5StringFormat.Length.fixed(bytes: 1), .fixed(bytes: 300), .variable].flatMap { length in
      [HDF5StringFormat.Padding.nullPadded, .nullTerminated, .spacePadded].flatMap { padding in
        [HDF5StringFormat.CharacterSet.ascii, .utf8].map {
          .string(HDF5StringFormat(length, padding: padding, characterSet: $0))
        }
      }
    }

  /// The 80-bit format of x86, in 16 bytes.
  static let x87 = HDF5FloatFormat(
    bytes: 16, precision: 80, order: .little, signPosition: 79, exponentPosition: 64,
    exponentSize: 15, exponentBias: 16383, mantissaPosition: 0, mantissaSize: 64,
    normalization: .none)

  @Test(arguments: everyType) func everyTypeIsReadBackAsItWasWritten(type: HDF5Datatype) throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset("d", type, shape: [2])
    #expect(try dataset.datatype == type)
    #expect(try root.createDatatype("t", type).datatype == type)
    let attribute = try root.attributes.create("a", type)
    #expect(try attribute.datatype == type)
  }

  @Test func sizesAreThoseInMemory() {
    #expect(HDF5Datatype.bfloat16.byteCount == 2)
    #expect(HDF5Datatype.boolean.byteCount == 1)
    #expect(HDF5Datatype.complex(.float64).byteCount == 16)
    #expect(HDF5Datatype.array(dimensions: [2, 3], element: .float16).byteCount == 12)
    #expect(HDF5Datatype.string(.variable).byteCount == 8)
    #expect(HDF5Datatype.variableLength(element: .int8).byteCount == 16)
    #expect(HDF5Datatype.array(dimensions: [1 << 40, 1 << 40], element: .int8).byteCount == nil)
    #expect(HDF5Datatype.variableLength(element: .int8).hasVariableLength)
    #expect(
      HDF5Datatype.compound(
        bytes: 8, members: [HDF5CompoundMember("s", offset: 0, .string(.variable))]
      ).hasVariableLength)
    #expect(!HDF5Datatype.complex(.float32).hasVariableLength)
  }

  @Test(
    arguments: [
      .integer(bytes: 0, signed: true), .integer(bytes: 17, signed: true), .bitfield(bytes: 3),
      .opaque(bytes: 0, tag: ""), .string(.fixed(bytes: 0)), .array(dimensions: [], element: .int8),
      .array(dimensions: [0], element: .int8), .enumeration(base: .float32, members: []),
      .compound(bytes: 4, members: []),
      .compound(bytes: 4, members: [HDF5CompoundMember("x", offset: -1, .int8)]),
      .compound(bytes: 4, members: [HDF5CompoundMember("x", offset: 2, .int32)]),
      .float(HDF5FloatFormat(exponentSize: 40, mantissaSize: 23)),
    ] as [HDF5Datatype])
  func typesThatCannotBeAreRefused(type: HDF5Datatype) throws {
    let root = try HDF5File.createInMemory().root
    let error = #expect(throws: HDF5Error.self) { try root.createDataset("d", type, shape: []) }
    #expect(error?.code == .invalidArgument)
    #expect(try root.names() == [])
  }

  @Test func deepTypesAreRefusedOnReading() throws {
    var type = HDF5Datatype.int8
    for _ in 0..<40 { type = .array(dimensions: [1], element: type) }
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset("deep", type, shape: [])
    let error = #expect(throws: HDF5Error.self) { try dataset.datatype }
    #expect(error?.code == .limitExceeded)
  }

  @Test func conversionsThatKeepEveryValueAreTold() {
    let exact: [(HDF5Datatype, HDF5Datatype)] = [
      (.int8, .int64), (.uint8, .int16), (.uint32, .int64), (.int16, .float32),
      (.uint16, .float32), (.int32, .float64), (.uint8, .float16), (.float16, .float32),
      (.bfloat16, .float32), (.float32, .float64), (.float8E5M2, .float16), (.boolean, .int32),
      (.float32, .float(.float32.ordered(.big))), (.boolean, .int8),
      (.complex(.float32), .complex(.float64)),
      (.array(dimensions: [2], element: .int8), .array(dimensions: [2], element: .int16)),
    ]
    for (from, to) in exact { #expect(from.converts(exactlyTo: to), "\(from) to \(to)") }
    let lossy: [(HDF5Datatype, HDF5Datatype)] = [
      (.int64, .int32), (.int8, .uint8), (.int8, .uint64), (.uint64, .int64), (.int32, .float32),
      (.int64, .float64), (.uint16, .float16), (.float64, .float32), (.float32, .float16),
      (.float16, .bfloat16), (.bfloat16, .float16), (.float32, .int64), (.uint8, .boolean),
      (.int8, .float8E5M2), (.string(.variable), .int8), (.complex(.float64), .complex(.float32)),
      (.array(dimensions: [2], element: .int8), .array(dimensions: [3], element: .int8)),
      (.opaque(bytes: 2, tag: "a"), .opaque(bytes: 2, tag: "b")),
    ]
    for (from, to) in lossy { #expect(!from.converts(exactlyTo: to), "\(from) to \(to)") }
  }

  @Test(
    arguments: [
      (.float16, 0x3C00, 1), (.float16, 0xC248, -3.140625), (.float16, 0x7BFF, 65504),
      (.float16, 0x0001, 0x1p-24), (.float16, 0x7C00, .infinity), (.float16, 0xFC00, -.infinity),
      (.float16, 0x8000, -0.0), (.bfloat16, 0x3F80, 1), (.bfloat16, 0x4049, 3.140625),
      (.bfloat16, 0x7F7F, 0x1.FEp127), (.bfloat16, 0x0001, 0x1p-133), (.float8E5M2, 0x7B, 57344),
      (.float8E5M2, 0x01, 0x1p-16), (.float32, 0x40490FDA, Double(Float.pi)),
      (.float64, 0x4009_21FB_5444_2D18, .pi),
    ] as [(HDF5FloatFormat, Int, Double)])
  func floatFormatsAreDecoded(format: HDF5FloatFormat, bits: Int, value: Double) throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset("d", .float(format), shape: [])
    let bytes = withUnsafeBytes(of: bits.littleEndian) { Array($0.prefix(format.bytes)) }
    try bytes.withUnsafeBytes { try dataset.writeBytes(from: $0) }
    #expect(try dataset.readValues() == [.float(value)])
    // The library agrees on what the type means.
    #expect(try dataset.read(as: Double.self) == [value])
  }

  @Test func typesDescribeThemselves() {
    #expect(HDF5Datatype.uint16.description == "uint16")
    #expect(HDF5Datatype.float(.float32.ordered(.big)).description == "float32 (big-endian)")
    #expect(HDF5Datatype.boolean.description == "boolean")
    #expect(HDF5Datatype.complex(.float32).description == "compound of r: float32, i: float32")
  }
}
