import Arrays
import Checkpoints
import States
import Synchronization

extension FileFormat {
  /// Whether a file of the format says of a tensor whether it is a parameter or a buffer, so that
  /// a guess would be kept in it as a fact.
  public var keepsRoles: Bool {
    switch self {
    case .pytorch: false
    case .ballast, .safetensors, .numpy, .keras, .kerasWeights, .kerasLegacy, .hdf5: true
    }
  }
}

extension OpenedCheckpoint {
  /// What reading lost, as far as it matters for a file of a format: roles that were guessed count
  /// where the format keeps roles.
  public func losses(for format: FileFormat) -> [Loss] {
    guard format.keepsRoles else { return losses }
    let guesses = checkpoint.state.entries.compactMap { key, entry -> Loss? in
      let kind = entry.role?.rawValue ?? "tensor"
      return switch roleRules[key] {
      case .default: Loss(.roleGuessed, key, "nothing says what it is; taken as a \(kind)")
      case .dtypeOrName:
        Loss(.roleGuessed, key, "taken as a \(kind) for its type or its name")
      default: nil
      }
    }
    return losses + guesses
  }
}

extension Checkpoint {
  /// The tensors of the model that are written as another type that cannot hold all their values,
  /// and how many of these were rounded.
  ///
  /// Reads the tensors that the type does not hold whatever their values are.
  ///
  /// - Throws: `FileError` if a tensor cannot be read.
  public func roundingLosses(_ options: SaveOptions) throws -> [Loss] {
    let narrowed = state.entries.filter {
      !$0.value.array.dtype.isLosslesslyConvertible(
        to: options.type(for: $0.value.array.dtype))
    }
    let losses = Mutex([Loss?](repeating: nil, count: narrowed.count))
    try Parallel.forEach(narrowed.count, threads: options.threads) { number in
      let (key, entry) = narrowed.elements[number]
      let type = options.type(for: entry.array.dtype)
      let count = try entry.array.countRounded(as: type, recording: options.readChecksums)
      let detail =
        "written as \(type) instead of \(entry.array.dtype), "
        + (count == 0 ? "no value rounded" : "\(count) of \(entry.array.elementCount) rounded")
      losses.withLock { $0[number] = Loss(.dtypeChanged, key, detail) }
    }
    return losses.withLock { $0.compactMap(\.self) }
  }
}

extension NDArray {
  /// How many elements change their value when they are converted to a type.
  fileprivate func countRounded(as type: DType, recording seen: ReadChecksums?) throws -> Int {
    var count = 0
    let wide: DType = dtype.isComplex || type.isComplex ? .complex128 : .float64
    try forEachBlock(as: dtype, recording: seen) { bytes, _ in
      let block = NDArray(
        storage: Storage(copying: bytes), dtype: dtype,
        layout: Layout([bytes.count / dtype.itemSize]))
      let before = try block.converted(to: wide)
      let after = try block.converted(to: type).converted(to: wide)
      count += before.withContiguousBytes { before in
        after.withContiguousBytes { after in
          zip(
            before.assumingMemoryBound(to: Double.self), after.assumingMemoryBound(to: Double.self)
          ).count { $0 != $1 && !($0.isNaN && $1.isNaN) }
        }
      }
    }
    return count
  }
}
