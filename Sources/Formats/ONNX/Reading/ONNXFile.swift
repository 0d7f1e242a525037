import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// An ONNX file, open, with the files beside it that have elements of its tensors.
///
/// Opening reads the structure. Tensors are mapped where they are aligned for their type; others, and those
/// whose elements are decoded, are read.
struct ONNXFile: Sendable {
  /// The path of the file, as the caller named it.
  let path: String
  let file: InputFile
  let model: ONNXModel
  /// The tensors by their keys. Packed elements that arrays have no type for are held as bytes.
  let tensors: OrderedDictionary<String, NDArray>
  /// The tensors of what the model is trained by.
  let trainingTensors: OrderedDictionary<String, NDArray>
  /// The files beside it, by their paths from its folder.
  let externalFiles: [ExactString: InputFile]

  /// Reads the structure of a file that is open.
  ///
  /// - Throws: As `ONNXModelReader.read(_:)`; `damaged` for elements beyond the end of a file.
  init(_ file: InputFile) throws(CheckpointError) {
    path = file.path
    self.file = file
    model = try ONNXModelReader.read(file)
    var elements = ONNXElements(file)
    try elements.checkRanges(of: model)
    tensors = try elements.arrays(model.tensors)
    trainingTensors = try elements.arrays(model.trainingTensors)
    externalFiles = elements.external.files
  }

  /// The checksums that Ballast wrote into the metadata.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if they are none.
  func checksums() throws(CheckpointError) -> ChecksumTable {
    try ChecksumTable(json: model.metadata[ChecksumTable.key], file: path)
  }

  /// The tensors, compared with their checksums.
  ///
  /// - Parameters:
  ///   - reading: What is read for it.
  ///   - known: What was read of the files before.
  /// - Throws: `FileError` if a file cannot be read, `CheckpointError` if the checksums are damaged.
  func compared(
    _ reading: ChecksumComparison.Reading, known: ReadChecksums? = nil
  ) throws -> ChecksumComparison {
    let table = try checksums()
    return try ChecksumComparison(tensors, reading, known: known) { name, _ in
      model.tensors[name].flatMap { table.crc32(of: name, $0.type.name, $0.dimensions) }
    }
  }
}

/// Makes arrays of the tensors of a model.
private struct ONNXElements {
  private(set) var external: ONNXExternalFiles
  private let file: InputFile
  private let reader: ProtobufReader
  /// What was made of the parts of other files: tensors of one part are one.
  private var storages: [Part: Storage] = [:]
  private var known: [Whole: NDArray] = [:]

  private struct Part: Hashable {
    let place: ONNXExternalRange.Place
    let isMapped: Bool
  }

  private struct Whole: Hashable {
    let place: ONNXExternalRange.Place
    let type: ONNXTensorType
    let dimensions: [Int]
  }

  init(_ file: InputFile) {
    self.file = file
    reader = ProtobufReader(file)
    external = ONNXExternalFiles(file.path)
  }

  /// Looks whether all parts of other files are within them, and do not overlap.
  ///
  /// Tensors of which each has bytes of the others would take memory that no file justifies.
  mutating func checkRanges(of model: ONNXModel) throws(CheckpointError) {
    var parts: OrderedDictionary<ExactString, [(range: Range<Int>, name: String)]> = [:]
    for (name, external) in model.externalRanges {
      parts[external.place.location, default: []].append((external.place.range, name))
    }
    for (location, list) in parts {
      let other = try external.file(location, of: list[0].name)
      let shown = ProtobufReader.short(location.string)
      let sorted = list.sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
      var last = 0..<0
      for (range, name) in sorted {
        guard range.upperBound <= other.byteCount else {
          throw damaged(
            name,
            "its elements end at byte \(range.upperBound) of \(shown), which has \(other.byteCount): it was cut "
              + "short, or the record is damaged")
        }
        guard range.isEmpty || range.lowerBound >= last.upperBound || range == last else {
          throw damaged(name, "its bytes in \(shown) are in part another tensor's too")
        }
        if !range.isEmpty { last = range }
      }
    }
  }

  private func damaged(_ name: String, _ reason: String) -> CheckpointError {
    CheckpointError(
      .damaged, file: file.path, place: ProtobufReader.short(name), reason: reason)
  }

  /// The arrays of tensors.
  mutating func arrays(
    _ tensors: OrderedDictionary<String, ONNXTensor>
  ) throws(CheckpointError) -> OrderedDictionary<String, NDArray> {
    var arrays: OrderedDictionary<String, NDArray> = [:]
    for (name, tensor) in tensors { arrays[name] = try array(tensor, name) }
    return arrays
  }

  private mutating func array(
    _ tensor: ONNXTensor, _ name: String
  ) throws(CheckpointError) -> NDArray {
    guard let held = tensor.type.held(tensor.dimensions),
      let shape = Shape(validating: held.dimensions)
    else { throw damaged(name, "its shape is impossible") }
    let storage: Storage
    switch tensor.content {
    case .numbers(let bytes): storage = Storage(copying: bytes)
    case .typed(let message):
      var inner = reader.message(in: message)
      inner.place = name
      storage = try tensor.decoded(inner)
    case .raw(let range):
      storage = try Self.storage(file, range, alignment: held.dtype.alignment, name)
    case .external(let part):
      let whole = Whole(place: part.place, type: tensor.type, dimensions: tensor.dimensions)
      if let array = known[whole] { return array }
      let other = try external.file(part.place.location, of: name)
      let alignment = held.dtype.alignment
      let range = part.place.range
      let key = Part(place: part.place, isMapped: range.lowerBound.isMultiple(of: alignment))
      if let known = storages[key] {
        storage = known
      } else {
        storage = try Self.storage(other, range, alignment: alignment, name)
        storages[key] = storage
      }
      let array = NDArray(storage: storage, dtype: held.dtype, layout: Layout(shape))
      known[whole] = array
      return array
    }
    return NDArray(storage: storage, dtype: held.dtype, layout: Layout(shape))
  }

  private static func storage(
    _ file: InputFile, _ range: Range<Int>, alignment: Int, _ name: String
  ) throws(CheckpointError) -> Storage {
    try reportingFileErrors(place: name) { () throws(FileError) in
      let region = try FileRegion(file, range)
      return try range.lowerBound.isMultiple(of: alignment)
        ? Storage(mapping: region) : Storage(reading: region)
    }
  }
}

extension DType {
  /// Of what the places of elements in memory are multiples.
  var alignment: Int { min(itemSize, 8) }
}
