import Arrays
import Checkpoints
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
    /// What the attributes say that it was.
    var record: MATLABCarrier.Record?
    /// Whether its checksum is looked for: it is not another name of one before, and Ballast did not write it
    /// under another name.
    var hasChecksum: Bool
  }

  /// A tensor that has no name yet.
  private struct Found {
    let name: String
    let path: String
    let tensor: Tensor
    /// Whether it is Ballast that gave it the name.
    let isNamed: Bool
  }

  /// What the attributes of a dataset say that the tensor was.
  enum Original {
    /// Nothing.
    case unknown
    /// Ballast wrote it there, with this name.
    case ballast(name: String, MATLABCarrier.Record)
    /// Ballast wrote it elsewhere: another program moved or copied it.
    case moved
    /// hdf5storage wrote it, with this shape.
    case python(Shape)
  }

  /// An array in memory: the dataset that it was made of, and the type.
  private struct ArrayID: Hashable {
    let address: UInt64
    let dtype: DType
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
  /// What has been read so far, and may be.
  var budget: MATLABBudget
  /// The first object that was not read, as the error that it is if there is no tensor.
  private(set) var refusal: CheckpointError?
  private var found: [Found] = []
  private var arrays: [ArrayID: NDArray] = [:]
  private var addresses: Set<UInt64> = []

  /// The deepest that structs and cells may be within each other.
  static let maximumDepth = Checkpoint.maximumNesting + 16

  /// Nothing yet of a file.
  init(_ file: HDF5Content, maps: Bool) {
    self.file = file
    self.maps = maps
    budget = MATLABBudget(file: file.name, byteCount: file.byteCount)
  }

  // MARK: - What is found

  /// Counts what a name or a cell leads to, before it is looked at or told as lost: cells may refer to each
  /// other.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - depth: How many structs and cells it is in.
  mutating func visit(_ path: String, depth: Int) throws(CheckpointError) {
    try budget.count(values: 1, at: path)
    try budget.count(textByteCount: path.utf8.count, at: path)
    guard depth <= Self.maximumDepth else {
      throw budget.refused(path, "values are nested more than \(Self.maximumDepth) deep")
    }
  }

  /// Adds the numbers of a dataset as a tensor, or tells why they are none.
  ///
  /// - Parameters:
  ///   - stored: Their type, of the size that they have in the file.
  ///   - dtype: What they are made by `change`.
  ///   - name: The name of the tensor, unless Ballast gave it one; nil if it is the path.
  ///   - original: What the attributes say that they were.
  ///   - change: What is to be made of the elements as they are stored; none of them may move. Asked once for
  ///     each dataset and type, however many names lead to it.
  mutating func add(
    _ dataset: HDF5ScannedDataset, as stored: DType, becoming dtype: DType,
    called name: String? = nil, at path: String, _ original: Original = .unknown,
    change: (NDArray) throws -> NDArray
  ) throws {
    let id = ArrayID(address: dataset.address, dtype: dtype)
    let isFirst = addresses.insert(dataset.address).inserted
    if let known = arrays[id] {
      return add(known, called: name, at: path, original, isFirst: isFirst)
    }
    if !dataset.isVirtual, !dataset.hasExternalStorage,
      dataset.filters.allSatisfy(ChunkFilters.isKnown)
    {
      // A chunk is decompressed as a whole, however few of its elements the dataset has.
      let byteCount = max(dataset.byteCount ?? .max, dataset.chunkByteCount ?? 0)
      try budget.count(arrayByteCount: byteCount, at: path)
      if stored != dtype {
        let (changed, overflow) = (byteCount / stored.itemSize)
          .multipliedReportingOverflow(by: dtype.itemSize)
        try budget.count(arrayByteCount: overflow ? .max : changed, at: path)
      }
    }
    var array: NDArray
    do {
      array = try file.tensor(dataset, as: stored, path: path, maps: maps)
    } catch let error as CheckpointError where error.code == .refused {
      return lose(.tensorDropped, path, error.reason)
    }
    array = try change(array)
    arrays[id] = array
    add(array, called: name, at: path, original, isFirst: isFirst)
  }

  /// Adds a tensor that has its axes as the file has them.
  mutating func add(
    _ stored: NDArray, called name: String? = nil, at path: String,
    _ original: Original = .unknown, isFirst: Bool = true
  ) {
    var tensor = Tensor(stored: stored, hasChecksum: isFirst)
    var key: String?
    switch original {
    case .unknown: break
    case .ballast(let known, let record):
      key = known
      tensor.record = record
      tensor.hasChecksum = true
    case .moved: tensor.hasChecksum = false
    case .python(let shape):
      tensor.record = MATLABCarrier.Record(dtype: stored.dtype, shape: shape)
    }
    found.append(
      Found(name: key ?? name ?? path, path: path, tensor: tensor, isNamed: key != nil))
  }

  /// Gives the tensors their names. Where several would have one, that which Ballast gave it has it, and of
  /// others the first.
  mutating func nameTensors() {
    var taken: Set<String> = []
    let isOwner = found.map { $0.isNamed && taken.insert($0.name).inserted }
    var next: [String: Int] = [:]
    for (tensor, isOwner) in zip(found, isOwner) {
      var key = tensor.name
      if !isOwner, !taken.insert(key).inserted {
        // Where the last one ended: counting from the start would take a file of one name for ever.
        var number = next[key] ?? 2
        repeat {
          key = "\(tensor.name)~\(number)"
          number += 1
        } while !taken.insert(key).inserted
        next[tensor.name] = number
        note(tensor.path, "another tensor is called \(tensor.name); it is \(key)")
      }
      tensors[key] = tensor.tensor
    }
    found = []
  }

  /// Takes the elements that comparing has read.
  mutating func replaceStored(by arrays: OrderedDictionary<String, NDArray>) {
    for (name, array) in arrays { tensors[name]?.stored = array }
  }

  /// Adds a value to the metadata.
  mutating func add(_ value: Value, called name: String? = nil, at path: String) {
    let name = name ?? path
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
    let text = names.prefix(Self.maximumNameCount).map(\.shortened).joined(separator: ", ")
    let rest = names.count - Self.maximumNameCount
    lose(
      .metadataDropped, path,
      "its attribute\(names.count == 1 ? "" : "s") \(text)\(rest > 0 ? " and \(rest) more" : "") "
        + (names.count == 1 ? "is" : "are") + " not kept")
  }

  private static let maximumNameCount = 16

  /// Tells what is worth knowing, and loses nothing.
  mutating func note(_ path: String, _ text: String) { notes.append("\(path): \(text)") }

  /// Tells of a size that keys do not say: that of something with several rows and columns.
  ///
  /// - Parameters:
  ///   - noun: What it is, with its article.
  ///   - lengths: As the file has them, the other way round.
  mutating func note(_ path: String, _ noun: String, ofLengths lengths: [Int]) {
    guard lengths.count(where: { $0 > 1 }) > 1 else { return }
    let size = lengths.reversed().map(String.init).joined(separator: " × ")
    note(path, "\(noun) of \(size); its elements are numbered along the columns")
  }

  /// Tells of the size of a text or cell without elements that is another than that of `''` and `{}`.
  mutating func note(_ path: String, _ noun: String, ofEmpty lengths: [Int]) {
    guard lengths.contains(where: { $0 > 1 }) else { return }
    let size = lengths.map(String.init).joined(separator: " × ")
    note(path, "\(noun) of \(size), whose size is not kept")
  }

  /// An error about an object of the file.
  func error(
    _ code: CheckpointError.Code, _ path: String, _ reason: String
  ) -> CheckpointError {
    CheckpointError(code, file: file.name, place: path, reason: reason)
  }
}
