import Arrays
import Checkpoints
import Files
import HDF5
import States

extension CheckpointFile {
  /// Reads every tensor and value and compares it with its digest in the index.
  ///
  /// Tensors are read a block at a time on several threads, so that a file may be larger than
  /// memory; only tensors that cannot be used as they are stored (compressed, in chunks,
  /// big-endian, or within an object header) are decoded whole, one after the other. If the list of
  /// tensors comes from the index, the datasets are compared with it too, since other programs read
  /// those.
  ///
  /// Metadata, the optimizer's options, the architecture and the origin are compared with digests
  /// of their own. So is the length of the file with that in the index, unless another program
  /// added tensors.
  ///
  /// ```swift
  /// let result = try CheckpointFile("model.h5").verify()
  /// for problem in result.problems { print(problem) }
  /// ```
  ///
  /// - Parameters:
  ///   - known: The checksums of what was read of the file before, which is not read again.
  ///   - decoded: What ``read(_:)`` returned, whose tensors need not be decoded again.
  /// - Returns: The number and bytes of the tensors, everything that is damaged or gone, and a note
  ///   for everything that the index does not list, which another program must have added.
  /// - Throws: `CheckpointError` with code `inputOutput`, or `FileError`, if the file cannot be
  ///   read. Damage is not thrown but reported in `Verification.problems`.
  public func verify(
    known: ReadChecksums? = nil, of decoded: Checkpoint? = nil
  ) throws -> Verification {
    let threads = Threads.count
    var result = Verification()
    if isListedByIndex { try result.record(path) { try checkDatasets() } }
    let originals = tensors.indices.filter { tensors[$0].aliasOf == nil }
    let digests = try digestsInPlace(originals, known, threads)
    var added: [Digest: String] = [:]
    for number in originals {
      let tensor = tensors[number]
      result.tensorCount += 1
      result.byteCount += tensor.byteCount
      try result.record(path) {
        let array = decoded?.array(of: tensor)
        let digest = try digests[number] ?? Digest(array ?? readDataset(tensor, threads: threads))
        try check(tensor, digest)
        if tensor.digest == nil { added[digest] = tensor.path }
      }
    }
    try verifyValues(&result)
    // A program that changed the structures gave the file another size.
    if try input.byteCount != index.fileByteCount && (isSealed || !hasSeal) {
      result.problems.append(
        CheckpointError(
          .damaged, file: path,
          reason: "the file has \(input.byteCount) bytes, and \(index.fileByteCount) were written"))
    }
    let listed = Dictionary(
      index.tensors.map { ($0.path, $0.digest) }, uniquingKeysWith: { first, _ in first })
    result.problems += changes.missing.map { path in
      missing(path, renamed: listed[path].flatMap { added[$0] })
    }
    result.notes =
      changes.notes
      + changes.passedOver.values.joined().map {
        "\($0.description); nothing vouches for it"
      }
    if try !isSealed && hasSeal && changes.isEmpty && result.problems.isEmpty {
      result.notes.append("another program wrote the file anew, and what it holds is the same")
    }
    return result
  }

  private var hasSeal: Bool {
    get throws { try scan.root().group("index").link(IndexSeal.name) != nil }
  }

  /// What is said of something that the index lists and another program took out.
  private func missing(_ place: String, renamed: String?) -> CheckpointError {
    CheckpointError(
      .missing, file: path, place: "/" + place,
      reason: "the index lists it, and it is not in the file"
        + (renamed.map { "; what another tool added as \($0) has its type, shape and bytes" } ?? "")
    )
  }

  /// Compares the list of tensors, when it came from the index alone, with the datasets.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if they differ in where the bytes are, or in
  ///   number.
  private func checkDatasets() throws {
    let datasets = try TensorLister(path, input, scan, index).list(scan.root()).tensors
    for (tensor, dataset) in zip(tensors, datasets)
    where tensor.fileRange != dataset.fileRange || tensor.aliasOf != dataset.aliasOf {
      throw CheckpointError(
        .damaged, file: path, place: tensor.name,
        reason: "the index and its dataset do not agree on where its bytes are")
    }
    if datasets.count > tensors.count {
      throw CheckpointError(
        .damaged, file: path, place: datasets[tensors.count].name,
        reason: "the index does not list this tensor, though it says that it lists all")
    }
    if tensors.count > datasets.count {
      throw CheckpointError(
        .damaged, file: path, place: tensors[datasets.count].name,
        reason: "the index lists this tensor, and no dataset holds it")
    }
  }

  /// The digests of the tensors that need not be decoded, by their numbers.
  ///
  /// - Parameters:
  ///   - numbers: The tensors to be considered. Those that have to be decoded are left out.
  ///   - known: The checksums of what was read before.
  ///   - threads: How many threads read.
  /// - Returns: The digests, by the indices of the tensors in ``CheckpointFile/tensors``.
  /// - Throws: `FileError` if the file cannot be read.
  private func digestsInPlace(
    _ numbers: [Int], _ known: ReadChecksums?, _ threads: Int
  ) throws -> [Int: Digest] {
    var digests: [Int: Digest] = [:]
    var placed: [(tensor: Int, region: FileRegion)] = []
    for number in numbers {
      switch tensors[number].place {
      case .region(let region): placed.append((number, region))
      case .empty:
        digests[number] = Digest(emptyOf: tensors[number].dtype, tensors[number].shape)
      case .dataset: continue
      }
    }
    let checksums = try ReadChecksums.checksums(
      of: placed.map(\.region), known: known, threads: threads)
    for ((number, region), checksum) in zip(placed, checksums) {
      var sum = RunningDigest(dtype: tensors[number].dtype, shape: tensors[number].shape)
      sum.append(checksum, byteCount: region.range.count)
      digests[number] = sum.digest
    }
    return digests
  }

  /// Compares the metadata, the optimizer, the architecture and what is kept for other formats with
  /// their digests.
  private func verifyValues(_ result: inout Verification) throws {
    let placeholders = tensors.map { NDArray(zeros: [0], dtype: $0.dtype) }
    let values = try ValueReader(self, arrays: placeholders, verifies: true)
    try result.record(path) { _ = try values.metadata() }
    try result.record(path) { _ = try values.optimizer() }
    try result.record(path) { _ = try values.architecture() }
    try result.record(path) { _ = try values.origin() }
  }

  /// Compares the digest of a tensor with that in the index, if there is one.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if they differ.
  func check(_ tensor: TensorInfo, _ digest: Digest) throws {
    guard let expected = tensor.digest, expected != digest else { return }
    throw CheckpointError(
      .damaged, file: path, place: tensor.name,
      reason: "its bytes are not those that were written: their digest is \(digest), "
        + "the index says \(expected)")
  }

  /// Decodes a tensor that cannot be used as it is stored: compressed, within an object header, or
  /// big-endian. Of any other tensor zeros are returned.
  func readDataset(_ tensor: TensorInfo, threads: Int) throws -> NDArray {
    guard case .dataset(let stored) = tensor.place else {
      return NDArray(zeros: tensor.shape, dtype: tensor.dtype)
    }
    return try stored.array(in: HDF5Content(input), maps: false, threads: threads)
  }
}

extension Checkpoint {
  /// The array that a tensor of the model or the optimizer became when it was read, if it still has
  /// the type and shape that the file gives it.
  fileprivate func array(of tensor: TensorInfo) -> NDArray? {
    let array =
      switch tensor.section {
      case .parameter(let key), .buffer(let key): state[key]
      case .optimizer(let parameter, let slot): optimizer?.state[parameter]?[slot]?.tensor
      case .value: nil as NDArray?
      }
    guard let array, array.dtype == tensor.dtype, array.shape == tensor.shape else { return nil }
    return array
  }
}

extension Verification {
  /// Runs a check, and records what it throws as a problem.
  ///
  /// - Throws: The error, if it is that the file could not be read.
  fileprivate mutating func record(
    _ path: String, _ check: () throws -> Void
  ) throws(CheckpointError) {
    let error = CheckpointError.caught(in: path, check)
    guard let error else { return }
    guard error.code != .inputOutput else { throw error }
    problems.append(error)
  }
}

extension TensorInfo {
  /// The name by which reports and errors know the tensor: its key in the model, `optimizer state
  /// of KEY: SLOT`, or for other values the path of the dataset.
  public var name: String {
    switch section {
    case .parameter(let key), .buffer(let key): key
    case .optimizer(let parameter, let slot): "optimizer state of \(parameter): \(slot)"
    case .value: path
    }
  }
}
