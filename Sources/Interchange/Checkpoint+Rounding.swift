import Arrays
import Checkpoints
import Files
import States
import Synchronization

extension Checkpoint {
  /// Finds what would be lost by writing the model's tensors as another type: for each tensor whose
  /// values the type cannot all hold, a loss for every sort of change that occurs, or one of kind
  /// `dtypeChanged` if all values happen to stay the same.
  ///
  /// Only tensors whose type is not contained in the new one are read, on several threads.
  ///
  /// - Parameters:
  ///   - options: The options for writing, which name the type.
  ///   - input: The check of the file that the tensors come from, which records what is read here;
  ///     nil for none.
  /// - Returns: The losses in the order of the tensors.
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
        saturating: options.saturates, recording: input?.seen)
      losses.withLock { $0[number] = mine }
    }
    return losses.withLock { Array($0.joined()) }
  }
}
