import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

extension CheckpointFile {
  /// Reads the checkpoint: the model's tensors with their roles, the optimizer's state, the
  /// metadata, the architecture, and what is kept for other formats.
  ///
  /// Tensors come in the order of the index. Names of one tensor share one array, and views that
  /// shared a storage when they were saved share one again. With `Access.mapped` and
  /// `Access.unverified`, tensors that are in the file in one piece, uncompressed, little-endian
  /// and aligned for their type are mapped, and read when they are first touched; all others are
  /// read here, on several threads.
  ///
  /// May be called from several threads.
  ///
  /// ```swift
  /// let file = try CheckpointFile("model.h5")
  /// let checkpoint = try file.read(.verified)
  /// checkpoint.state["fc.weight"]?.shape
  /// ```
  ///
  /// - Parameter access: How tensors come into memory. `Access.mapped` compares values and what is
  ///   read here with their digests, `Access.verified` reads and compares everything,
  ///   `Access.unverified` compares nothing.
  /// - Returns: The checkpoint; its mapped tensors keep the file open.
  /// - Throws: `CheckpointError`: `inputOutput` if the file cannot be read, `damaged` if it
  ///   contradicts itself or something that is compared does not match its digest, `missing` with
  ///   `Access.verified` if something that the index lists is gone, `refused` if the
  ///   chunks of a tensor are far larger than the tensor itself.
  public func read(_ access: Access = .mapped) throws(CheckpointError) -> Checkpoint {
    try CheckpointError.reporting(path) {
      // What is vouched for and gone is no more verified than what is damaged.
      if access == .verified, let first = changes.missing.first {
        throw CheckpointError(
          .missing, file: path, place: "/" + first,
          reason: "the index lists it, and it is not in the file")
      }
      let reader = TensorReader(self, access, Threads.count)
      let arrays = try reader.arrays()
      var checkpoint = Checkpoint(state: StateDict())
      for (tensor, array) in zip(tensors, arrays) {
        switch tensor.section {
        case .parameter(let key):
          checkpoint.state.entries[key] = StateDict.Entry(array, role: .parameter)
        case .buffer(let key): checkpoint.state.entries[key] = StateDict.Entry(array, role: .buffer)
        case .optimizer, .value: break
        }
      }
      for module in index.modules {
        checkpoint.state.moduleVersions[module.path] = module.version
      }
      let values = try ValueReader(self, arrays: arrays, verifies: access != .unverified)
      checkpoint.optimizer = try values.optimizer()
      checkpoint.metadata = try values.metadata()
      checkpoint.architecture = try values.architecture()
      let origin = try values.origin()
      checkpoint.origin = origin ?? Origin()
      if origin == nil { checkpoint.moveFormerEntriesToOrigin(takesFormat: true) }
      (checkpoint.losses, checkpoint.notes) = (changes.losses, changes.notes)
      return checkpoint
    }
  }
}

/// Brings the bytes of the tensors of a checkpoint into memory.
///
/// It goes in steps, so that each can use all threads: mapped tensors are made and others get room;
/// then all chunks are read; then digests are computed and compared, contiguous tensors being read
/// in the same pass with `Access.verified`; last, views are put back into one storage.
struct TensorReader {
  /// The file, whose tensors are read.
  private let source: CheckpointFile
  /// What is mapped, and what is compared.
  private let access: Access
  /// How many threads read.
  private let threads: Int

  init(_ source: CheckpointFile, _ access: Access, _ threads: Int) {
    self.source = source
    self.access = access
    self.threads = threads
  }

  /// The tensors in the order of ``CheckpointFile/tensors``, with ties and views as they were
  /// saved.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if a tensor does not match its digest or a
  ///   view is impossible; `FileError` if the file cannot be read.
  func arrays() throws -> [NDArray] {
    let tensors = source.tensors
    var arrays: [NDArray] = []
    arrays.reserveCapacity(tensors.count)
    for tensor in tensors {
      if let original = tensor.aliasOf {
        arrays.append(arrays[original])
      } else {
        arrays.append(try array(tensor))
      }
    }
    try readChunks(&arrays)
    try compare(arrays)
    try restoreViews(&arrays)
    return arrays
  }

  /// Whether the bytes of a tensor stay in the file: they are in one piece, aligned for their type,
  /// and are not to be compared now.
  private func isMapped(_ tensor: TensorInfo) -> Bool {
    guard access != .verified, case .region(let region) = tensor.place else { return false }
    return region.isAligned(for: tensor.dtype)
  }

  /// A tensor: mapped or read, or an array that ``compare(_:)`` or ``readChunks(_:)`` fills later.
  private func array(_ tensor: TensorInfo) throws -> NDArray {
    switch tensor.place {
    case .empty:
      return NDArray(uninitialized: tensor.shape, dtype: tensor.dtype)
    case .region(let region) where isMapped(tensor):
      return NDArray(
        storage: try Storage(mapping: region), dtype: tensor.dtype, layout: Layout(tensor.shape))
    case .region(let region):
      if access != .verified {
        return NDArray(
          storage: try Storage(reading: region), dtype: tensor.dtype, layout: Layout(tensor.shape))
      }
      return NDArray(uninitialized: tensor.shape, dtype: tensor.dtype)
    case .dataset(let stored):
      // A placeholder: the chunks of all tensors are read together.
      if stored.isChunked { return NDArray(zeros: [0], dtype: tensor.dtype) }
      return try source.readDataset(tensor, threads: threads)
    }
  }

  /// Reads all tensors that are stored in chunks, those of several tensors at the same time, and
  /// puts them in the place of the placeholders that ``array(_:)`` left.
  ///
  /// - Throws: `CheckpointError` or `HDF5Error` if a chunk is damaged or its filter is not known;
  ///   `FileError` if the file cannot be read.
  private func readChunks(_ arrays: inout [NDArray]) throws {
    let content = try HDF5Content(source.input)
    var chunked: [(number: Int, stored: StoredTensor, reader: ChunkReader)] = []
    for (number, tensor) in source.tensors.enumerated() where tensor.aliasOf == nil {
      guard case .dataset(let stored) = tensor.place,
        let reader = try ChunkReader(stored, in: content)
      else { continue }
      chunked.append((number, stored, reader))
    }
    try ChunkReader.readAll(chunked.map(\.reader), threads: threads)
    for (number, stored, reader) in chunked { arrays[number] = stored.array(of: reader.storage) }
    for (number, tensor) in source.tensors.enumerated() {
      if let original = tensor.aliasOf { arrays[number] = arrays[original] }
    }
  }

  /// Compares what is in memory with the digests in the index. With `Access.verified` that is
  /// everything, and tensors that are in one piece are read here, in the same pass.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for the first tensor that does not match.
  private func compare(_ arrays: [NDArray]) throws {
    guard access != .unverified else { return }
    let tensors = source.tensors
    let originals = tensors.indices
      .filter { tensors[$0].aliasOf == nil && !isMapped(tensors[$0]) }
      .map { (tensor: $0, array: arrays[$0]) }
    let blocks = TensorBlock.blocks(of: originals)
    let digests = DigestCollector(blocks)
    let units = TensorBlock.units(of: blocks) { tensors[$0].dtype }
    try Parallel.forEach(units.count, threads: threads) { unit in
      for number in units[unit] {
        let block = blocks[number]
        let array = originals[block.listed].array
        let digest = try read(
          tensors[block.tensor], block.range, into: array)
        digests.record(digest, forBlock: number)
      }
    }
    for (number, digest) in digests.digests(of: originals) {
      try source.check(tensors[number], digest)
    }
  }

  /// Computes the digest of a part of a tensor, after reading it if it is not in memory yet.
  ///
  /// - Parameters:
  ///   - tensor: The tensor.
  ///   - range: Which of its elements.
  ///   - array: Where it is, or is read to. It has the tensor's type and no gaps.
  /// - Returns: The digest of the elements in `range` alone, without type and shape.
  private func read(
    _ tensor: TensorInfo, _ range: Range<Int>, into array: NDArray
  ) throws -> RunningDigest {
    let itemSize = tensor.dtype.itemSize
    let start = range.lowerBound * itemSize
    let end = range.upperBound * itemSize
    var sum = RunningDigest()
    // Nobody else has seen these arrays yet, and no two blocks overlap.
    for position in stride(from: start, to: end, by: 1 << 18) {
      try array.storage.withMutableBytes(in: position..<min(position + 1 << 18, end)) { piece in
        if access == .verified, case .region(let region) = tensor.place {
          try region.read(into: &piece, at: position)
        }
        sum.update(piece.bytes)
      }
    }
    return sum
  }

  /// Puts tensors that shared a storage when they were saved back into one storage,
  /// unless that would be much larger than what the views show of it: see `ViewRestoration`.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if the index places a view outside its
  ///   storage.
  private func restoreViews(_ arrays: inout [NDArray]) throws {
    let groups = OrderedDictionary(
      grouping: source.tensors.indices.filter {
        source.tensors[$0].view != nil && source.tensors[$0].aliasOf == nil
      }
    ) { source.tensors[$0].view?.storage ?? 0 }
    for numbers in groups.values {
      let members = numbers.compactMap { number in
        source.tensors[number].view.map { (number: number, array: arrays[number], view: $0) }
      }
      guard let restoration = ViewRestoration(members) else {
        throw CheckpointError(
          .damaged, file: source.path, place: "/" + source.tensors[numbers[0]].path,
          reason: "the index describes an impossible view")
      }
      for (number, array) in restoration.restored() ?? [] { arrays[number] = array }
    }
    for number in source.tensors.indices {
      if let original = source.tensors[number].aliasOf { arrays[number] = arrays[original] }
    }
  }
}

extension FileRegion {
  /// Whether elements of a type can be used in place: the region begins at a multiple of their
  /// size, or of 8 for larger ones.
  fileprivate func isAligned(for dtype: DType) -> Bool {
    range.lowerBound.isMultiple(of: min(dtype.itemSize, 8))
  }
}
