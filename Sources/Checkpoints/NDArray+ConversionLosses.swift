import Arrays
import Files
import States

extension NDArray {
  /// What becomes of the elements when they are converted to a type that cannot hold them all: a
  /// loss for every kind of change, or one of kind `dtypeChanged` if there is none.
  ///
  /// - Parameters:
  ///   - key: The tensor's key.
  ///   - what: What is done to the tensor, as the beginning of a clause.
  ///   - saturates: Whether what is too large becomes the type's largest number.
  ///   - seen: Takes the checksums of what is read.
  /// - Throws: `FileError` if the elements cannot be read.
  package func conversionLosses(
    as type: DType, of key: String, _ what: String, saturating saturates: Bool = false,
    recording seen: ReadChecksums? = nil
  ) throws -> [ConversionLoss] {
    guard dtype.isFloatingPoint && type.isFloatingPoint else {
      return [
        ConversionLoss(.valueRounded, key, "\(what), which does not have all values of the other")
      ]
    }
    return try changes(as: type, saturating: saturates, recording: seen)
      .losses(of: key, what, elementCount)
  }

  private func changes(
    as type: DType, saturating saturates: Bool, recording seen: ReadChecksums?
  ) throws -> ValueChanges {
    let infinity = try NDArray([Float.infinity]).converted(to: type).converted(to: .float64)
    let limit = saturates ? type.largestFinite : nil
    var changes = ValueChanges(limit: limit ?? infinity.item(as: Double.self).magnitude)
    try forEachBlock(as: dtype, recording: seen) { bytes, _ in
      let block = NDArray(
        storage: Storage(copying: bytes), dtype: dtype,
        layout: Layout([bytes.byteCount / dtype.itemSize]))
      let before = try block.converted(to: .float64)
      let narrow = try saturates ? block.saturated(as: type) : block.converted(to: type)
      let after = try narrow.converted(to: .float64)
      before.withContiguousBytes { before in
        after.withContiguousBytes { after in
          for place in stride(from: 0, to: before.byteCount, by: MemoryLayout<Double>.size) {
            changes.count(before.load(at: place), after.load(at: place))
          }
        }
      }
    }
    return changes
  }
}

/// What became of numbers that were converted to a type that cannot hold them all.
private struct ValueChanges {
  /// A sort of change.
  enum Change: Int, CaseIterable {
    case rounded, infinite, saturated, invalid, flushed, raised, unsigned

    var kind: ConversionLoss.Kind {
      switch self {
      case .rounded: .valueRounded
      case .infinite, .saturated, .invalid: .valueOverflowed
      case .flushed, .raised: .valueUnderflowed
      case .unsigned: .signLost
      }
    }

    /// What became of so many values, as the rest of a clause.
    var text: String {
      switch self {
      case .rounded: "rounded"
      case .infinite: "too large and infinite now"
      case .saturated: "too large and the type's largest number now"
      case .invalid: "too large and NaN now"
      case .flushed: "too small and zero now"
      case .raised: "too small and the type's smallest number now"
      case .unsigned: "without their sign now"
      }
    }
  }

  private var counts = [Int](repeating: 0, count: Change.allCases.count)
  /// What the type makes of infinity, which is finite where it has neither infinity nor a NaN in
  /// the place of what is too large.
  private let limit: Double

  init(limit: Double) { self.limit = limit }

  /// Counts what became of a number.
  mutating func count(_ before: Double, _ after: Double) {
    if before == after && before.sign == after.sign || before.isNaN && after.isNaN { return }
    counts[change(before, after).rawValue] += 1
  }

  private func change(_ before: Double, _ after: Double) -> Change {
    // All types have NaN, and infinity or else what is larger than any number is too large.
    if after.isNaN { return .invalid }
    if after.isInfinite { return .infinite }
    if before.magnitude > limit { return .saturated }
    if after == 0 && before != 0 { return .flushed }
    // Rounding never doubles a number.
    if before.magnitude < after.magnitude / 2 { return .raised }
    return before.sign == after.sign ? .rounded : .unsigned
  }

  /// A loss for each kind of change.
  func losses(of key: String, _ what: String, _ elementCount: Int) -> [ConversionLoss] {
    let found = Change.allCases.filter { counts[$0.rawValue] > 0 }
    guard !found.isEmpty else {
      return [ConversionLoss(.dtypeChanged, key, "\(what); no value changed")]
    }
    return Dictionary(grouping: found, by: \.kind).values.sorted { $0[0].rawValue < $1[0].rawValue }
      .map { changes in
        let parts = changes.map { "\(counts[$0.rawValue]) of \(elementCount) \($0.text)" }
        return ConversionLoss(changes[0].kind, key, "\(what), \(parts.joined(separator: ", "))")
      }
  }
}
