import Arrays
import Checkpoints
import OrderedCollections
import States

/// What tensors are that GGUF has no type or no shape for, and how it carries them.
///
/// | tensor | other programs see |
/// |---|---|
/// | `bool` | I8 |
/// | `uint8`, `uint16`, `uint32` | I16, I32, I64, the same numbers |
/// | `uint64` | I64, the same bits |
/// | complex | its parts, in a last dimension of two |
/// | floating-point numbers of 8 bits or less | I8, the same bits |
/// | of more than four dimensions | one dimension |
/// | without elements | nothing: the loader of llama.cpp would divide by its length |
///
/// A file has them as JSON under ``GGUFMetadata/carriersKey``, so that Ballast sees what was there:
///
/// ```json
/// {"bn.mask": ["bool", [3, 4]]}
/// ```
struct GGUFCarriers {
  /// A tensor that another carries.
  struct Record: Equatable {
    let dtype: DType
    let shape: Shape
  }

  /// What each of the carried tensors is, by its name in the file.
  private(set) var records: OrderedDictionary<String, Record> = [:]

  /// No carried tensors.
  init() {}

  /// What the metadata of a file say.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for what Ballast does not write: tensors would come out as
  ///   what carries them.
  init(_ file: GGUFFile) throws(CheckpointError) {
    guard let pair = file.header.pairs[GGUFMetadata.carriersKey] else { return }
    let damaged = CheckpointError(
      .damaged, file: file.path, place: GGUFMetadata.carriersKey,
      reason: "it is not the table of types and shapes that Ballast writes")
    guard let text = pair.value.stringValue, let json = try? Value(json: Array(text.utf8)),
      let rows = json.dictionary
    else { throw damaged }
    for (name, row) in rows {
      guard let parts = row.elements, parts.count == 2,
        let dtype = parts[0].stringValue.flatMap(DType.init(rawValue:)),
        let lengths = parts[1].elements, case let dimensions = lengths.compactMap(\.intValue),
        dimensions.count == lengths.count, let shape = Shape(validating: dimensions)
      else { throw damaged }
      records[name.text] = Record(dtype: dtype, shape: shape)
    }
  }

  /// Adds a tensor.
  mutating func add(_ name: String, _ dtype: DType, _ shape: Shape) {
    records[name] = Record(dtype: dtype, shape: shape)
  }

  /// The text in the metadata.
  var json: String {
    let rows = records.map { name, record in
      let row: Value = [
        .string(record.dtype.rawValue), .list(record.shape.dimensions.map(Value.int)),
      ]
      return (Value.Key.string(name), row)
    }
    return Value.dict(OrderedDictionary(uniqueKeysWithValues: rows)).json()
  }

  /// How a tensor is written.
  struct Carrier {
    /// The type in the file.
    let type: GGUFTensorType
    /// The lengths in the file, the outermost first.
    let dimensions: [Int]
    /// The type to which elements are converted; that of the tensor where their bytes stay.
    let writtenAs: DType
  }

  /// The most dimensions that the loader of llama.cpp takes.
  static let maximumRank = 4

  /// How a tensor is written as a type, whatever GGUF has for it.
  static func carrier(of dtype: DType, _ shape: Shape) -> Carrier {
    var dimensions = shape.dimensions
    var writtenAs = dtype
    let type: GGUFTensorType?
    if let plain = GGUFTensorType(dtype) {
      type = plain
    } else if let part = dtype.realType {
      type = GGUFTensorType(part)
      dimensions.append(2)
    } else {
      switch dtype {
      case .uint8: writtenAs = .int16
      case .uint16: writtenAs = .int32
      case .uint32: writtenAs = .int64
      default: break
      }
      type = GGUFTensorType(dtype == .uint64 ? .int64 : writtenAs == dtype ? .int8 : writtenAs)
    }
    if dimensions.count > maximumRank { dimensions = [dimensions.reduce(1, *)] }
    // There is a type for each of these.
    return Carrier(type: type ?? .i8, dimensions: dimensions, writtenAs: writtenAs)
  }

  // MARK: - Reading

  /// Gives the tensors of a file the types and shapes that they had.
  ///
  /// A tensor that is another by now stays as it is.
  ///
  /// - Returns: The sentences to be told.
  func restore(_ tensors: inout OrderedDictionary<String, NDArray>) -> [String] {
    var notes: [String] = []
    for (name, record) in records {
      guard let array = tensors[name] else {
        if record.shape.dimensions.contains(0) {
          tensors[name] = NDArray(zeros: record.shape, dtype: record.dtype)
        }
        continue
      }
      if let restored = Self.restored(array, record) {
        tensors[name] = restored
      } else {
        notes.append(
          "\(name): it was \(record.dtype) of shape \(record.shape), and is \(array.dtype) of shape "
            + "\(array.shape) now")
      }
    }
    return notes
  }

  private static func restored(_ array: NDArray, _ record: Record) -> NDArray? {
    // An element takes a byte at least; so what is claimed is far from overflowing, too.
    guard record.shape.elementCount <= array.byteCount else { return nil }
    let carrier = carrier(of: record.dtype, record.shape)
    guard array.dtype == carrier.type.dtype, array.shape.dimensions == carrier.dimensions else {
      return nil
    }
    if carrier.writtenAs == record.dtype {
      // The same bytes, of a type whose elements are as large, or made of two of these.
      if record.dtype == .bool, !array.holdsTruthValues { return nil }
      let (place, rest) = (array.layout.offset * array.dtype.itemSize)
        .quotientAndRemainder(dividingBy: record.dtype.itemSize)
      guard rest == 0 else { return nil }
      return NDArray(
        storage: array.storage, dtype: record.dtype, layout: Layout(record.shape, offset: place))
    }
    // Numbers that another program put there may not fit.
    guard let narrow = try? array.converted(to: record.dtype),
      let again = try? narrow.converted(to: array.dtype), again.isBitwiseEqual(to: array)
    else { return nil }
    return NDArray(storage: narrow.storage, dtype: record.dtype, layout: Layout(record.shape))
  }
}

extension GGUFTensorType {
  /// Eight-bit integers.
  static let i8 = all[4]
}

extension NDArray {
  /// Whether all bytes are 0 or 1.
  fileprivate var holdsTruthValues: Bool {
    withContiguousBytes { bytes in
      for place in 0..<bytes.byteCount where bytes[place] > 1 { return false }
      return true
    }
  }
}
