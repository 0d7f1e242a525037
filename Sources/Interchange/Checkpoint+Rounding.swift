import Arrays
import Checkpoints
import Files
import States
import Synchronization

extension Checkpoint {
  /// What becomes of the tensors of the model that are written as another type that cannot hold all
  /// their values: for each, a loss for every sort of change that there is, or one of kind
  /// `dtypeChanged` if all values happen to be the same.
  ///
  /// Reads the tensors that the type does not hold whatever their values are.
  ///
  /// - Parameter input: The file from which they are read, if it is being checked.
  /// - Throws: `FileError` if a tensor cannot be read.
  public func roundingLosses(
    _ options: WriteOptions, checking input: InputCheck? = nil
  ) throws -> [ConversionLoss] {
    let narrowed = state.entries.filter {
      !$0.value.array.dtype.isLosslesslyConvertible(
        to: options.type(for: $0.value.array.dtype))
    }
    let losses = Mutex([[ConversionLoss]](repeating: [], count: narrowed.count))
    try Parallel.forEach(narrowed.count, threads: options.threads) { number in
      let (key, entry) = narrowed.elements[number]
      let type = options.type(for: entry.array.dtype)
      let mine = try entry.array.conversionLosses(
        as: type, of: key, "written as \(type) instead of \(entry.array.dtype)",
        recording: input?.seen)
      losses.withLock { $0[number] = mine }
    }
    return losses.withLock { Array($0.joined()) }
  }
}
