import Arrays

/// The type of the elements of a tensor in a GGUF file: a plain one, or blocks of quantised numbers.
///
/// Numbers and sizes are those of `GGMLQuantizationType` and `GGML_QUANT_SIZES` in `gguf` 0.19.
struct GGUFTensorType: Hashable, Sendable {
  /// The number that stands in a file.
  let number: UInt32
  /// The name, as ggml has it: `Q4_K`.
  let name: String
  /// How many elements a block has, which never crosses a row; 1 for a plain type.
  let blockElementCount: Int
  /// The bytes of a block.
  let blockByteCount: Int
  /// The type that arrays have for it; nil for blocks.
  let dtype: DType?

  /// Whether elements are blocks.
  var isBlocks: Bool { dtype == nil }

  /// The bits that an element takes.
  var bitsPerElement: Double { Double(8 * blockByteCount) / Double(blockElementCount) }

  private init(_ number: UInt32, _ name: String, _ elements: Int, _ bytes: Int, _ dtype: DType?) {
    self.number = number
    self.name = name
    blockElementCount = elements
    blockByteCount = bytes
    self.dtype = dtype
  }

  /// The type of a number; nil if there is none.
  init?(number: UInt32) {
    guard let type = Self.all.first(where: { $0.number == number }) else { return nil }
    self = type
  }

  /// The type of a name; nil if there is none.
  init?(name: String) {
    guard let type = Self.all.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// The plain type of arrays of a type; nil if GGUF has none.
  init?(_ dtype: DType) {
    guard let type = Self.all.first(where: { $0.dtype == dtype }) else { return nil }
    self = type
  }

  /// Types that ggml had once, and took out: Q4_2, Q4_3, the repacked variants of Q4_0 and IQ4_NL.
  static let removedNumbers: Set<UInt32> = [4, 5, 31, 32, 33, 36, 37, 38]

  private static let plain: [GGUFTensorType] = [
    .init(0, "F32", 1, 4, .float32), .init(1, "F16", 1, 2, .float16),
    .init(30, "BF16", 1, 2, .bfloat16), .init(28, "F64", 1, 8, .float64),
    .init(24, "I8", 1, 1, .int8), .init(25, "I16", 1, 2, .int16),
    .init(26, "I32", 1, 4, .int32), .init(27, "I64", 1, 8, .int64),
  ]

  private static let blocks: [GGUFTensorType] = [
    .init(2, "Q4_0", 32, 18, nil), .init(3, "Q4_1", 32, 20, nil), .init(6, "Q5_0", 32, 22, nil),
    .init(7, "Q5_1", 32, 24, nil), .init(8, "Q8_0", 32, 34, nil), .init(9, "Q8_1", 32, 40, nil),
    .init(10, "Q2_K", 256, 84, nil), .init(11, "Q3_K", 256, 110, nil),
    .init(12, "Q4_K", 256, 144, nil), .init(13, "Q5_K", 256, 176, nil),
    .init(14, "Q6_K", 256, 210, nil), .init(15, "Q8_K", 256, 292, nil),
    .init(16, "IQ2_XXS", 256, 66, nil), .init(17, "IQ2_XS", 256, 74, nil),
    .init(18, "IQ3_XXS", 256, 98, nil), .init(19, "IQ1_S", 256, 50, nil),
    .init(20, "IQ4_NL", 32, 18, nil), .init(21, "IQ3_S", 256, 110, nil),
    .init(22, "IQ2_S", 256, 82, nil), .init(23, "IQ4_XS", 256, 136, nil),
    .init(29, "IQ1_M", 256, 56, nil), .init(34, "TQ1_0", 256, 54, nil),
    .init(35, "TQ2_0", 256, 66, nil), .init(39, "MXFP4", 32, 17, nil),
    .init(40, "NVFP4", 64, 36, nil), .init(41, "Q1_0", 128, 18, nil),
  ]

  /// All types.
  static let all = plain + blocks

  /// The blocks of eight-bit numbers, which `--quantize q8_0` makes.
  static let q80 = blocks[4]
  /// The blocks of four-bit numbers, which `--quantize q4_0` makes.
  static let q40 = blocks[0]
}

extension GGUFTensorType {
  /// The shape of a tensor whose blocks are held as bytes, as the array of those bytes has it; nil if
  /// a row is no whole number of blocks.
  func byteShape(ofElements dimensions: [Int]) -> [Int]? {
    guard let last = dimensions.last, last.isMultiple(of: blockElementCount) else { return nil }
    let (bytes, overflow) = (last / blockElementCount).multipliedReportingOverflow(
      by: blockByteCount)
    return overflow ? nil : dimensions.dropLast() + [bytes]
  }

  /// The shape of the elements in blocks that are held as bytes of a shape; nil if a row is no whole
  /// number of blocks.
  func elementShape(ofBytes dimensions: [Int]) -> [Int]? {
    guard let last = dimensions.last, last.isMultiple(of: blockByteCount) else { return nil }
    let (elements, overflow) = (last / blockByteCount).multipliedReportingOverflow(
      by: blockElementCount)
    return overflow ? nil : dimensions.dropLast() + [elements]
  }
}
