import Arrays
import HDF5

extension CheckpointFile {
  /// What a look at every byte found.
  public struct Verification: Sendable {
    /// The names of tensors that were checked, ties counted once.
    public var tensorCount = 0
    /// The bytes of those tensors.
    public var byteCount = 0
    /// What is wrong, a sentence each; empty if the file is as it was written.
    public var problems: [CheckpointError] = []
    /// Tensors that the index does not know, so that nothing vouches for them.
    public var unknownTensors: [String] = []
  }

  /// Reads every tensor and value and holds it against its digest.
  ///
  /// Nothing is kept in memory but a block per thread.
  ///
  /// - Throws: `FileError` if the file cannot be read. What is damaged is told in the result.
  public func verify(threads: Int = Parallel.processorCount) throws -> Verification {
    var result = Verification()
    let originals = tensors.indices.filter { tensors[$0].aliasOf == nil }
    let arrays = try originals.map { number in
      (tensor: number, array: try digestible(tensors[number]))
    }
    let readable = arrays.compactMap { entry in entry.array.map { (entry.tensor, $0) } }
    let blocks = TensorBlock.blocks(of: readable.map { (tensor: $0.0, array: $0.1) })
    let digests = DigestCollector(blocks)
    try Parallel.forEach(blocks.count, threads: threads) { number in
      let block = blocks[number]
      var sum = RunningDigest()
      try readable[block.listed].1.forEachBlock(in: block.range) { bytes, _ in sum.update(bytes) }
      digests.record(sum, forBlock: number)
    }
    var found: [Int: Digest] = [:]
    for (number, digest) in digests.digests(of: readable.map { (tensor: $0.0, array: $0.1) }) {
      found[number] = digest
    }
    for number in originals {
      result.tensorCount += 1
      result.byteCount += tensors[number].byteCount
      do {
        let digest = try found[number] ?? Digest(readDataset(tensors[number]))
        try check(tensors[number], digest)
        if tensors[number].digest == nil { result.unknownTensors.append(tensors[number].path) }
      } catch let error as CheckpointError {
        result.problems.append(error)
      } catch let error as HDF5Error {
        result.problems.append(CheckpointError(error, file: path))
      }
    }
    verifyValues(&result)
    if input.byteCount != index.fileByteCount && result.unknownTensors.isEmpty {
      result.problems.append(
        CheckpointError(
          .damaged, file: path,
          reason: "the file has \(input.byteCount) bytes, and \(index.fileByteCount) were written"))
    }
    return result
  }

  /// A tensor whose bytes can be read from the file a block at a time, nil for others.
  private func digestible(_ tensor: TensorInfo) throws -> NDArray? {
    switch tensor.place {
    case .region(let region):
      NDArray(
        storage: try Storage(mapping: region), dtype: tensor.dtype, layout: Layout(tensor.shape))
    case .empty: NDArray(uninitialized: tensor.shape, dtype: tensor.dtype)
    case .dataset: nil
    }
  }

  private func verifyValues(_ result: inout Verification) {
    let placeholders = tensors.map { NDArray(zeros: [0], dtype: $0.dtype) }
    let values = ValueReader(self, arrays: placeholders, verifies: true)
    for read in [
      { _ = try values.metadata() }, { _ = try values.optimizer() },
      { _ = try values.architecture() }, { try values.checkAllWereFound() },
    ] {
      do {
        try read()
      } catch let error as HDF5Error {
        result.problems.append(CheckpointError(error, file: path))
      } catch let error as CheckpointError {
        result.problems.append(error)
      } catch {
        result.problems.append(
          CheckpointError(.inputOutput, file: path, reason: "\(error)", cause: error))
      }
    }
  }

  /// Holds a tensor's digest against the index.
  func check(_ tensor: TensorInfo, _ digest: Digest) throws {
    guard let expected = tensor.digest, expected != digest else { return }
    throw CheckpointError(
      .damaged, file: path, place: tensor.name,
      reason: "its bytes are not those that were written: their digest is \(digest), "
        + "the index says \(expected)")
  }

  /// Reads a tensor that is compressed, or in an order that libhdf5 has to convert.
  func readDataset(_ tensor: TensorInfo) throws -> NDArray {
    let dataset = try file.root.dataset(tensor.path)
    var array = NDArray(uninitialized: tensor.shape, dtype: tensor.dtype)
    try array.withMutableContiguousBytes { bytes in
      try dataset.readBytes(
        into: bytes, as: TensorDatatype(tensor.dtype).datatype)
    }
    return array
  }
}

extension TensorInfo {
  /// The name by which people know the tensor.
  public var name: String {
    switch section {
    case .parameter(let key), .buffer(let key): key
    case .optimizer(let parameter, let slot): "optimizer state of \(parameter): \(slot)"
    case .value: path
    }
  }
}
