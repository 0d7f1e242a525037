import Arrays
import Checkpoints
import Files
import OrderedCollections
import Synchronization

extension DistributedSource {
  /// The tensors, each proved to be whole, and what is wrong with others.
  func bundle(
    _ access: Access
  ) throws(CheckpointError) -> (bundle: TensorBundle, problems: [CheckpointError]) {
    var works: [(key: String, dtype: DType, box: Box, item: DistributedMetadata.Item)] = []
    for (key, content) in folder.metadata.contents {
      guard case .tensor(let dtype, _, let pieces) = content else { continue }
      for (box, item) in pieces where !box.isEmpty {
        if let item { works.append((key, dtype, box, item)) }
      }
    }
    // What several keys share is opened once, and stays one tensor.
    let items = OrderedDictionary(
      works.enumerated().map { ($1.item, $0) }, uniquingKeysWith: { first, _ in first })
    let opened = try open(items.values.map { works[$0] }, access)
    var bundle = TensorBundle()
    var problems: [CheckpointError] = []
    /// What tensors that repeat their elements may still take when they are written out in full.
    var repeatedBytes = PyTorchStorages.maximumRepeatedByteCount
    for (key, content) in folder.metadata.contents {
      guard case .tensor(let dtype, let shape, let pieces) = content else { continue }
      var parts: [TensorBundle.Piece] = []
      var isWhole = true
      for (box, item) in pieces {
        guard !box.isEmpty, let item else {
          parts.append(.init(box, NDArray(uninitialized: Shape(box.sizes), dtype: dtype)))
          continue
        }
        switch items.index(forKey: item).map({ opened[$0] }) {
        case .success(let array):
          guard array.dtype == dtype, array.shape.dimensions == box.sizes else {
            problems.append(
              CheckpointError(
                .damaged, file: folder.table.path, place: key,
                reason: "its bytes are also said to be of another type or shape"))
            isWhole = false
            break
          }
          if array.elementCount > array.layout.extent.count {
            guard array.byteCount <= repeatedBytes else {
              throw CheckpointError(
                .refused, file: folder.path, place: key,
                reason: "pieces repeat few numbers so often that the tensors would take far more "
                  + "room than the files")
            }
            repeatedBytes -= array.byteCount
          }
          parts.append(.init(box, array))
        case .failure(let error):
          problems.append(error)
          isWhole = false
        case nil:
          problems.append(
            CheckpointError(
              .damaged, file: folder.table.path, place: key,
              reason: "its piece \(box) was not found"))
          isWhole = false
        }
      }
      guard isWhole else { continue }
      do throws(TensorBundle.Fault) {
        try bundle.add(key, dtype, shape: shape, pieces: parts)
      } catch {
        problems.append(
          CheckpointError(
            error.isUndecided ? .unsupported : .damaged, file: folder.table.path, place: key,
            reason: "\(error), and its shape is \(shape.listed)"
          ))
      }
    }
    return (bundle, problems)
  }

  /// Opens pieces on several threads.
  private func open(
    _ works: [(key: String, dtype: DType, box: Box, item: DistributedMetadata.Item)],
    _ access: Access
  ) throws(CheckpointError) -> [Result<NDArray, CheckpointError>] {
    let runLength = 64
    let runs = (works.count + runLength - 1) / runLength
    let found = Mutex([[Result<NDArray, CheckpointError>]](repeating: [], count: runs))
    try CheckpointError.reporting(folder.path) {
      try Parallel.forEach(runs) { run in
        let range = run * runLength..<min((run + 1) * runLength, works.count)
        let results = try works[range].map { work in
          let result = Result { () throws(CheckpointError) in
            try folder.array(work.item, work.key, work.dtype, work.box.sizes, access)
          }
          if case .failure(let error) = result, error.code != .damaged { throw error }
          return result
        }
        found.withLock { $0[run] = results }
      }
    }
    return found.withLock { $0.flatMap(\.self) }
  }
}
