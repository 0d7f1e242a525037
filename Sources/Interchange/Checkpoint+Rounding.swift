import Arrays
import Checkpoints
import Files
import States
import Synchronization

extension Checkpoint {
  /// The tensors of the model that are written as another type that cannot hold all their values,
  /// and what became of these: how many were rounded, overflowed to infinity, were flushed to zero,
  /// lost their sign, or became NaN.
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
    let losses = Mutex([ConversionLoss?](repeating: nil, count: narrowed.count))
    try Parallel.forEach(narrowed.count, threads: options.threads) { number in
      let (key, entry) = narrowed.elements[number]
      let type = options.type(for: entry.array.dtype)
      let changes = try entry.array.changes(as: type, recording: input?.seen)
      let detail =
        "written as \(type) instead of \(entry.array.dtype), "
        + changes.description(of: entry.array.elementCount)
      losses.withLock { $0[number] = ConversionLoss(.dtypeChanged, key, detail) }
    }
    return losses.withLock { $0.compactMap(\.self) }
  }
}

/// What became of numbers that were converted to a type that cannot hold them all.
private struct ValueChanges {
  var rounded = 0
  var overflowed = 0
  var bounded = 0
  var flushed = 0
  var unsigned = 0
  var invalid = 0

  /// Counts what became of a number.
  mutating func count(_ before: Double, _ after: Double) {
    if before == after || before.isNaN && after.isNaN { return }
    if after.isNaN {
      invalid += 1
    } else if after.isInfinite {
      overflowed += 1
    } else if before.isInfinite {
      bounded += 1
    } else if after == 0 {
      flushed += 1
    } else if (before < 0) != (after < 0) {
      unsigned += 1
    } else {
      rounded += 1
    }
  }

  func description(of elementCount: Int) -> String {
    let parts = [
      (rounded, "rounded"), (overflowed, "overflowed to infinity"),
      (bounded, "infinite before and finite now"), (flushed, "flushed to zero"),
      (unsigned, "without their sign"), (invalid, "turned into NaN"),
    ].filter { $0.0 > 0 }
    guard let first = parts.first else { return "no value rounded" }
    let others = parts.dropFirst().map { ", \($0.0) \($0.1)" }.joined()
    return "\(first.0) of \(elementCount) \(first.1)\(others)"
  }
}

extension NDArray {
  /// What becomes of the elements when they are converted to a type.
  fileprivate func changes(
    as type: DType, recording seen: ReadChecksums?
  ) throws -> ValueChanges {
    var changes = ValueChanges()
    let wide: DType = dtype.isComplex || type.isComplex ? .complex128 : .float64
    try forEachBlock(as: dtype, recording: seen) { bytes, _ in
      let block = NDArray(
        storage: Storage(copying: bytes), dtype: dtype,
        layout: Layout([bytes.count / dtype.itemSize]))
      let before = try block.converted(to: wide)
      let after = try block.converted(to: type).converted(to: wide)
      before.withContiguousBytes { before in
        after.withContiguousBytes { after in
          for (before, after) in zip(
            before.assumingMemoryBound(to: Double.self), after.assumingMemoryBound(to: Double.self))
          {
            changes.count(before, after)
          }
        }
      }
    }
    return changes
  }
}
