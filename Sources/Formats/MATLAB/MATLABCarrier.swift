import Arrays
import Files
import HDF5

/// How a tensor is written, so that MATLAB sees the same numbers, and Ballast the same bits.
///
/// | tensor | in MATLAB |
/// |---|---|
/// | `bool` | logical |
/// | integers, `float32`, `float64` | the class of this type |
/// | `complex64`, `complex128` | complex single, complex double |
/// | `float16`, `bfloat16`, floating-point numbers of 8 bits | single, the same numbers |
/// | `complex32` | complex single, the same numbers |
/// | one of these with a NaN that conversion would not keep | uint8, uint16 or uint32, the same bits |
/// | `float4_e2m1fn_x2` | uint8, the same bits |
///
/// Everything has two dimensions at least there: a number is of size 1 × 1, a vector of size 1 × n. What it
/// was is said by attributes of the dataset.
struct MATLABCarrier {
  /// What a tensor is that MATLAB sees as something else.
  struct Record: Hashable {
    let dtype: DType
    let shape: Shape
  }

  /// The type of the elements in the file.
  let dtype: DType
  /// Whether the bits of the elements are taken as integers.
  var carriesBits = false

  /// How elements of a type are written.
  ///
  /// - Parameter holdsOddNaN: Whether there may be a NaN that conversion would not keep.
  init(of dtype: DType, holdsOddNaN: Bool) {
    guard let wide = Self.wideType(of: dtype) else {
      carriesBits = dtype == .float4E2M1FNx2
      self.dtype = carriesBits ? .uint8 : dtype
      return
    }
    carriesBits = holdsOddNaN
    self.dtype = holdsOddNaN ? Self.bits(of: dtype) : wide
  }

  /// The type that has all numbers of one that MATLAB lacks; nil if it has the type, or nothing like it.
  static func wideType(of dtype: DType) -> DType? {
    switch dtype {
    case .float16, .bfloat16, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
      .float8E8M0FNU:
      .float32
    case .complex32: .complex64
    default: nil
    }
  }

  private static func bits(of dtype: DType) -> DType {
    switch dtype.itemSize {
    case 1: .uint8
    case 2: .uint16
    default: .uint32
    }
  }

  /// The class of MATLAB's that elements of a type in the file are of.
  static func className(of dtype: DType) -> String? {
    switch dtype {
    case .bool: "logical"
    case .float32, .complex64: "single"
    case .float64, .complex128: "double"
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: dtype.rawValue
    default: nil
    }
  }

  /// The type of HDF5 as which elements of a class are stored.
  static func datatype(of dtype: DType) -> HDF5Datatype {
    switch dtype {
    case .bool: .uint8
    case .complex64: complex(.float32)
    case .complex128: complex(.float64)
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .float32: .float32
    case .float64: .float64
    default: .uint8
    }
  }

  private static func complex(_ part: HDF5FloatFormat) -> HDF5Datatype {
    .compound(
      bytes: 2 * part.bytes,
      members: [
        HDF5CompoundMember("real", offset: 0, .float(part)),
        HDF5CompoundMember("imag", offset: part.bytes, .float(part)),
      ])
  }

  /// The size in MATLAB of a shape.
  static func size(of shape: Shape) -> [Int] {
    switch shape.rank {
    case 0: [1, 1]
    case 1: [1, shape[0]]
    default: shape.dimensions
    }
  }

  // MARK: - NaN

  /// Whether there is a NaN that does not survive being converted to the wide type and back: of those with
  /// other bits than the usual ones, conversion makes a usual one.
  ///
  /// - Throws: `FileError` if the elements cannot be read.
  static func holdsOddNaN(_ array: NDArray) throws -> Bool {
    var isOdd = false
    switch array.dtype {
    case .float16, .complex32:
      try array.forEachBlock { bytes, _ in
        isOdd = isOdd || bytes.holdsNaN(above: UInt16(0x7C00), but: 0x7E00)
      }
    case .bfloat16:
      try array.forEachBlock { bytes, _ in
        isOdd = isOdd || bytes.holdsNaN(above: UInt16(0x7F80), but: 0x7FC0)
      }
    case .float8E5M2:
      try array.forEachBlock { bytes, _ in
        isOdd = isOdd || bytes.holdsNaN(above: UInt8(0x7C), but: 0x7F)
      }
    // The others have one NaN, or one of each sign.
    default: break
    }
    return isOdd
  }

  // MARK: - Reading

  /// What a tensor was; nil if it is another by now.
  ///
  /// - Parameter array: As MATLAB shows it.
  static func restored(_ array: NDArray, _ record: Record) -> NDArray? {
    let size = size(of: record.shape)
    // hdf5storage may write a vector as a column.
    let sizes = record.shape.rank == 1 ? [size, size.reversed()] : [size]
    guard sizes.contains(array.shape.dimensions) else { return nil }
    var result = array
    while result.rank > record.shape.rank {
      result = result.selected(axis: result.shape[0] == 1 ? 0 : 1, 0)
    }
    guard record.dtype != array.dtype else { return result }
    if wideType(of: record.dtype) == array.dtype {
      // Numbers that another program put there may not fit.
      guard let narrow = try? result.converted(to: record.dtype),
        let again = try? narrow.converted(to: array.dtype), again.isBitwiseEqual(to: result)
      else { return nil }
      return narrow
    }
    let carrier = MATLABCarrier(of: record.dtype, holdsOddNaN: true)
    guard carrier.carriesBits, carrier.dtype == array.dtype else { return nil }
    return NDArray(storage: result.storage, dtype: record.dtype, layout: result.layout)
  }
}

extension RawSpan {
  /// Whether one of the numbers, whose sign is the first bit, is a NaN other than a given one.
  fileprivate func holdsNaN<Bits: UnsignedInteger & FixedWidthInteger & PlainNumber>(
    above infinity: Bits, but usual: Bits
  ) -> Bool {
    let size = MemoryLayout<Bits>.size
    for place in stride(from: 0, to: byteCount, by: size) {
      let bits: Bits = load(at: place)
      let magnitude = bits & (Bits.max >> 1)
      if magnitude > infinity, magnitude != usual { return true }
    }
    return false
  }
}
