import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// What the reader of a dialect finds in a file: tensors as they are stored, texts, and what is lost.
///
/// A tensor is kept as the file has it, which checksums are of, and shown with its axes the other way
/// round: the same elements, looked at in another order. Nothing is moved before somebody asks for the
/// elements, and then in tiles.
struct MATLABContent {
  /// A tensor of the file.
  struct Tensor {
    /// As the file has it: the last axis first.
    var stored: NDArray
    /// What the attributes say that it was, if Ballast wrote it.
    var record: MATLABCarrier.Record?
  }

  let file: HDF5Content
  let maps: Bool
  private(set) var tensors: OrderedDictionary<String, Tensor> = [:]
  private(set) var metadata: OrderedDictionary<String, Value> = [:]
  private(set) var losses: [ConversionLoss] = []
  private(set) var notes: [String] = []
  /// The JSON of a `CheckpointOutline`.
  var outline: String?
  /// The JSON of a `ChecksumTable`.
  var checksums: String?
  /// The first object that was not read, as the error that it is if there is no tensor.
  private var refusal: CheckpointError?
  private var byAddress: [UInt64: NDArray] = [:]
  private var expandedByteCount = 0
  private var visitCount = 0

  /// What has to be read into memory may be so much, or a hundred times the file.
  private static let harmlessByteCount = 256 << 20
  private static let maximumExpansion = 100
  private static let maximumTextByteCount = 1 << 24
  /// Objects, counted whenever a name or a cell leads to one.
  private static let maximumVisitCount = 1 << 18
  /// The deepest that structs and cells may be within each other.
  static let maximumDepth = Checkpoint.maximumNesting + 16

  /// Nothing yet of a file.
  init(_ file: HDF5Content, _ scan: HDF5Scan, maps: Bool) {
    self.file = file
    self.maps = maps
  }

  // MARK: - What is found

  /// Counts an object, and refuses what leads on without end: cells may refer to each other.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - depth: How many structs and cells it is in.
  mutating func visit(_ path: String, depth: Int) throws(CheckpointError) {
    visitCount += 1
    guard visitCount <= Self.maximumVisitCount else {
      throw error(.refused, path, "with it there are more than \(Self.maximumVisitCount) values")
    }
    guard depth <= Self.maximumDepth else {
      throw error(.refused, path, "values are nested more than \(Self.maximumDepth) deep")
    }
  }

  /// Adds the numbers of a dataset as a tensor, or tells why they are none.
  ///
  /// - Parameters:
  ///   - dtype: What they are, of the size that they have in the file.
  ///   - record: What the attributes say that they were.
  ///   - change: What is to be made of the elements as they are stored; none of them may move.
  mutating func add(
    _ dataset: HDF5ScannedDataset, as dtype: DType, _ name: String, at path: String,
    record: MATLABCarrier.Record? = nil, change: (NDArray) throws -> NDArray = { $0 }
  ) throws {
    if let known = byAddress[dataset.address], known.dtype == dtype {
      return add(try change(known), name, at: path, record: record)
    }
    try countExpansion(dataset, path)
    let array: NDArray
    do {
      array = try file.tensor(dataset, as: dtype, path: path, maps: maps)
    } catch let error as CheckpointError where error.code == .refused {
      return lose(.tensorDropped, path, error.reason)
    }
    byAddress[dataset.address] = array
    add(try change(array), name, at: path, record: record)
  }

  /// Adds a tensor that has its axes as the file has them.
  mutating func add(
    _ stored: NDArray, _ name: String, at path: String, record: MATLABCarrier.Record? = nil
  ) {
    var key = name
    var number = 2
    while tensors[key] != nil {
      key = "\(name)~\(number)"
      number += 1
    }
    if key != name { notes.append("\(path): another tensor is called \(name); it is \(key)") }
    tensors[key] = Tensor(stored: stored, record: record)
  }

  /// Adds a value to the metadata.
  mutating func add(_ value: Value, _ name: String, at path: String) {
    guard metadata[name] == nil else {
      return lose(.metadataDropped, path, "another value is called \(name)")
    }
    metadata[name] = value
  }

  /// Tells what is not kept. What would have been a tensor is the reason why a file without any other is
  /// refused.
  mutating func lose(_ kind: ConversionLoss.Kind, _ path: String, _ reason: String) {
    losses.append(ConversionLoss(kind, path, reason))
    if kind == .tensorDropped { refusal = refusal ?? error(.refused, path, reason) }
  }

  /// Tells of attributes that are not kept.
  mutating func lose(attributes names: [String], of path: String) {
    guard !names.isEmpty else { return }
    lose(
      .metadataDropped, path,
      "its attribute\(names.count == 1 ? "" : "s") \(names.joined(separator: ", ")) "
        + (names.count == 1 ? "is" : "are") + " not kept")
  }

  /// Tells what is worth knowing, and loses nothing.
  mutating func note(_ path: String, _ text: String) { notes.append("\(path): \(text)") }

  /// An error about an object of the file.
  func error(
    _ code: CheckpointError.Code, _ path: String, _ reason: String
  ) -> CheckpointError {
    CheckpointError(code, file: file.name, place: path, reason: reason)
  }

  /// Refuses a file that was made to fill the memory, before the dataset is read.
  private mutating func countExpansion(_ dataset: HDF5ScannedDataset, _ path: String) throws {
    guard dataset.contiguousRange == nil, !dataset.isVirtual, !dataset.hasExternalStorage,
      dataset.filters.allSatisfy(ChunkFilters.isKnown)
    else { return }
    // A chunk is decompressed as a whole, however few of its elements the dataset has.
    let byteCount = max(dataset.byteCount ?? .max, dataset.chunkByteCount ?? 0)
    let (sum, overflow) = expandedByteCount.addingReportingOverflow(byteCount)
    expandedByteCount = sum
    guard !overflow,
      sum <= Self.harmlessByteCount || sum / Self.maximumExpansion <= file.byteCount
    else {
      throw error(
        .refused, path,
        "with this dataset a file of \(file.byteCount) bytes claims to hold more than "
          + "\(Self.maximumExpansion) times that")
    }
  }

  // MARK: - Small datasets

  /// The bytes of a dataset that is small by its meaning: a text, sizes, references.
  func bytes(
    of dataset: HDF5ScannedDataset, at path: String, maximumBytes: Int? = nil
  ) throws -> [UInt8] {
    guard !dataset.hasExternalStorage, !dataset.isVirtual else {
      throw error(.refused, path, "its bytes are in another file")
    }
    return try file.bytes(
      of: dataset, path: path, maximumBytes: maximumBytes ?? Self.maximumTextByteCount)
  }

  /// The numbers of a dataset of lengths; nil if it does not hold such.
  func lengths(of dataset: HDF5ScannedDataset, at path: String) throws -> [Int]? {
    guard case .integer(8, _, _) = dataset.datatype else { return nil }
    let bytes = try bytes(of: dataset, at: path, maximumBytes: 1 << 12)
    let numbers = try dataset.values(decoding: bytes).map { value -> Int? in
      if case .integer(let number) = value, number >= 0 { Int(number) } else { nil }
    }
    let lengths = numbers.compactMap(\.self)
    return lengths.count == numbers.count ? lengths : nil
  }

  // MARK: - The result

  /// Compares the tensors with the checksums that Ballast wrote.
  func compared(
    _ reading: ChecksumComparison.Reading, known: ReadChecksums? = nil
  ) throws -> ChecksumComparison {
    let table = try ChecksumTable(json: checksums, file: file.name)
    return try ChecksumComparison(tensors.mapValues(\.stored), reading, known: known) {
      name, array in
      table.crc32(of: name, array.dtype.rawValue, array.shape.dimensions)
    }
  }

  /// Takes the elements that comparing has read.
  mutating func replaceStored(by arrays: OrderedDictionary<String, NDArray>) {
    for (name, array) in arrays { tensors[name]?.stored = array }
  }

  /// The checkpoint.
  ///
  /// - Throws: `CheckpointError` if nothing could be read, or the outline contradicts itself.
  func result() throws -> ReadResult {
    if tensors.isEmpty, let refusal { throw refusal }
    var notes = notes
    var shown: OrderedDictionary<String, NDArray> = [:]
    for (name, tensor) in tensors {
      let array = tensor.stored.reversed
      if let record = tensor.record {
        if let original = MATLABCarrier.restored(array, record) {
          shown[name] = original
        } else {
          notes.append(
            "\(name): it was \(record.dtype) of shape \(record.shape), and is \(array.dtype) of "
              + "shape \(array.shape) now")
        }
      }
      shown[name] = shown[name] ?? array
    }
    var result = try ArrayCollection(file: file.name, tensors: shown, outline: outline)
      .checkpoint()
    for (name, value) in metadata {
      if let known = result.checkpoint.metadata[name], known != value {
        notes.append("the metadata \(name): the outline has another value than the file")
      }
      result.checkpoint.metadata[name] = value
    }
    result.losses += losses
    result.notes += notes
    return result
  }
}

extension NDArray {
  /// The same elements with the axes the other way round: nothing is moved.
  var reversed: NDArray { permuted(Array((0..<rank).reversed())) }
}
