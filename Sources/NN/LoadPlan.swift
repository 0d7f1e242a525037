import Arrays
import Autograd
import Kernels
import States

/// What a load would do: which value goes to which tensor, and a report.
///
/// Complete before anything is written.
struct LoadPlan {
  var report = LoadReport()
  private var assignments: [(target: Tensor, array: NDArray)] = []
  private var assigned: [ObjectIdentifier: NDArray] = [:]

  /// Matches a state with the tensors of a module.
  ///
  /// - Parameter skipping: Whether tensors of other shapes are left out, rather than a problem. If no
  ///   tensor fits, they are a problem all the same.
  init(_ state: StateDict, for targets: [StateTensor], assign: Bool, skipping: Bool) {
    var expected: Set<String> = []
    for target in targets {
      expected.insert(target.key)
      guard let array = state[target.key] else {
        report.missing.append(target.key)
        continue
      }
      match(target, array, assign: assign)
    }
    if skipping && !report.matched.isEmpty { skipMismatched(targets) }
    report.unexpected = state.keys.filter { !expected.contains($0) }
    let shapes = Dictionary(targets.map { ($0.key, $0.tensor.shape) }) { first, _ in first }
    report.suggestions = NearMisses.suggestions(
      for: report.missing.compactMap { key in shapes[key].map { (key, $0) } },
      among: report.unexpected.compactMap { key in state[key].map { (key, $0.shape) } })
  }

  /// Leaves out what has another shape; of one tensor with several names all have to.
  private mutating func skipMismatched(_ targets: [StateTensor]) {
    let tensors = Dictionary(targets.map { ($0.key, $0.tensor) }) { first, _ in first }
    for mismatch in report.shapeMismatches {
      if let tensor = tensors[mismatch.key], assigned[ObjectIdentifier(tensor)] != nil {
        report.tieConflicts.append(mismatch.key)
      } else {
        report.skipped.append(mismatch)
      }
    }
    report.shapeMismatches = []
  }

  private mutating func match(_ target: StateTensor, _ found: NDArray, assign: Bool) {
    let tensor = target.tensor
    var array = found
    // Versions of PyTorch before 0.4 had no scalars.
    if tensor.rank == 0 && array.shape == [1] { array = array.reshaped(to: .scalar) }
    guard array.shape == tensor.shape else {
      report.shapeMismatches.append(
        .init(key: target.key, checkpointShape: array.shape, modelShape: tensor.shape))
      return
    }
    if array.dtype != tensor.dtype && !assign {
      let change = LoadReport.Narrowing(
        key: target.key, checkpointType: array.dtype, modelType: tensor.dtype)
      if array.dtype == .float4E2M1FNx2 || tensor.dtype == .float4E2M1FNx2
        || array.dtype.isComplex && !tensor.dtype.isComplex
      {
        report.unconvertible.append(change)
        return
      }
      if !array.dtype.isLosslesslyConvertible(to: tensor.dtype) { report.narrowings.append(change) }
    }
    // What is learned has a gradient, which integers have not.
    if assign && tensor is Parameter && tensor.requiresGrad && array.dtype.isIntegral {
      report.unconvertible.append(
        .init(key: target.key, checkpointType: array.dtype, modelType: tensor.dtype))
      return
    }
    if let other = assigned[ObjectIdentifier(tensor)] {
      if !other.isBitwiseEqual(to: array) { report.tieConflicts.append(target.key) }
    } else {
      assigned[ObjectIdentifier(tensor)] = array
      assignments.append((tensor, array))
    }
    report.matched.append(target.key)
  }

  /// Writes all values.
  func commit(assign: Bool) {
    var storages: Set<ObjectIdentifier> = []
    for (target, array) in assignments {
      var value = assign ? array : array.cast(to: target.dtype)
      // A value that shares memory with another tensor of this model would look tied to it, one
      // that is part of something larger would keep all of it in memory, and one in a mapped file
      // may be misaligned for its type.
      let isNew = storages.insert(ObjectIdentifier(value.storage)).inserted
      let isAligned = Int(bitPattern: value.pointer) % value.dtype.itemSize == 0
      if !isNew || !isAligned || !value.isContiguous || value.storage.byteCount > value.byteCount {
        value = value.copied()
      }
      if assign { target.replace(value) } else { target.overwrite(value) }
      // What was adopted may be of another type than the gradient.
      if assign { target.grad = nil }
    }
  }
}

/// Finds keys that were probably meant.
enum NearMisses {
  /// For each missing key the unexpected key of the same shape that it most resembles, or one of
  /// another shape if none has the same.
  static func suggestions(
    for missing: [(key: String, shape: Shape)], among unexpected: [(key: String, shape: Shape)]
  ) -> [String: String] {
    // A state of another model altogether has nothing to suggest, and all pairs would take long.
    guard missing.count * unexpected.count <= 250_000 else { return [:] }
    var suggestions: [String: String] = [:]
    for (key, shape) in missing {
      let candidates = unexpected.filter { $0.shape == shape }
      let pool = candidates.isEmpty ? unexpected : candidates
      let scored = pool.map { (key: $0.key, distance: distance(key, $0.key)) }
      guard let best = scored.min(by: { $0.distance < $1.distance }) else { continue }
      let isPrefixed = best.key.hasSuffix("." + key) || key.hasSuffix("." + best.key)
      if isPrefixed || best.distance * 3 <= max(key.utf8.count, best.key.utf8.count) {
        suggestions[key] = best.key
      }
    }
    return suggestions
  }

  /// The number of bytes to insert, delete or replace to turn one key into the other; a prefix such
  /// as `module.` counts as one.
  static func distance(_ a: String, _ b: String) -> Int {
    if a.hasSuffix("." + b) || b.hasSuffix("." + a) { return 1 }
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, byte) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, min(row[j], diagonal) + 1)
      }
    }
    return row[b.count]
  }
}
