import Arrays
import Checkpoints
import HDF5
import States

extension MATLABReader {
  /// Reads an array of numbers, or of truth values.
  mutating func readNumbers(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes,
    _ original: MATLABContent.Original, _ path: String
  ) throws {
    if attributes.isEmpty {
      return try readEmpty(dataset, attributes, original, path)
    }
    guard var dtype = DType(elements: dataset.datatype.littleEndian), dataset.dataspace != .null
    else {
      return content.lose(
        .tensorDropped, path,
        dataset.dataspace == .null
          ? "it holds nothing"
          : "its type, \("\(dataset.datatype)".shortened), is not one of a tensor")
    }
    let isLogical = attributes.className == "logical"
    if isLogical {
      guard dtype == .uint8 || dtype == .int8 || dtype == .bool else {
        return content.lose(.tensorDropped, path, "it is logical, and stored as \(dtype)")
      }
      dtype = .uint8
    } else if let named = attributes.className.flatMap(DType.init(className:)),
      named != dtype.realType ?? dtype
    {
      content.note(path, "it is said to be \(named), and stored as \(dtype), which it is here")
    }
    noteElements(attributes, isLogical ? .bool : dtype, path)
    let place = CheckpointPlace(content.file.name, path)
    try content.add(dataset, as: dtype, becoming: isLogical ? .bool : dtype, at: path, original) {
      array in
      guard isLogical else { return array }
      guard let truths = array.truthValues else {
        throw place.damaged("it is logical, and holds other bytes than 0 and 1")
      }
      return truths
    }
  }

  /// Reads an array without elements, in whose place there is its size.
  private mutating func readEmpty(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes,
    _ original: MATLABContent.Original, _ path: String
  ) throws {
    let lengths = try content.emptyLengths(of: dataset, at: path)
    if attributes.python.isNone { return content.add(Value.none, at: path) }
    if let name = attributes.python.constantName {
      return content.lose(.metadataDropped, path, "it is Python's \(name)")
    }
    let usual =
      attributes.className == "logical"
      ? .bool : attributes.className.flatMap(DType.init(className:)) ?? .float64
    var dtype = usual
    // Of no elements nothing else says that they are complex.
    switch original {
    case .ballast(_, let record):
      let carrier = MATLABCarrier(of: record.dtype, holdsOddNaN: false).dtype
      if MATLABCarrier.className(of: carrier) == attributes.className { dtype = carrier }
    case .python:
      if let named = attributes.python.dtype, named.realType == usual { dtype = named }
    case .unknown, .moved: break
    }
    noteElements(attributes, dtype, path)
    content.add(
      NDArray(uninitialized: Shape(lengths.reversed()), dtype: dtype), at: path, original)
  }

  /// Tells of elements that had a type in Python that they do not have here.
  private mutating func noteElements(
    _ attributes: MATLABAttributes, _ dtype: DType, _ path: String
  ) {
    guard let name = attributes.python.elementName, name != dtype.rawValue else { return }
    content.note(
      path, "its elements were of the type \(name.shortened) in Python, and are \(dtype)")
  }
}

extension DType {
  /// The type of the numbers of a class of MATLAB's; nil if it is none of numbers.
  init?(className: String) {
    switch className {
    case "double": self = .float64
    case "single": self = .float32
    case "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
      guard let dtype = DType(rawValue: className) else { return nil }
      self = dtype
    default: return nil
    }
  }
}
