import Arrays
import Checkpoints
import States
import Synchronization

/// What differs between the tensors of two checkpoints, whatever files they came from.
public struct CheckpointComparison: Sendable {
  /// How one tensor differs.
  public enum Difference: Sendable, Hashable {
    /// The second checkpoint does not have it.
    case missing
    /// Only the second checkpoint has it.
    case unexpected
    /// Its shape is another.
    case shape(Shape, Shape)
    /// Its type is another, and so its bits are.
    case dtype(DType, DType)
    /// Its bits are others, by this much at most.
    case values(greatestAbsolute: Double, greatestRelative: Double, count: Int)
    /// It is a parameter in one and a buffer in the other.
    case role
  }

  /// How far apart values may be: `|a − b| ≤ absolute + relative · |b|`, as in NumPy's `allclose`.
  /// Infinities are equal or different, and NaN equals NaN.
  public struct Tolerance: Sendable, Hashable {
    /// The part that does not depend on the values.
    public var absolute: Double
    /// The part in proportion to the second value.
    public var relative: Double

    /// A tolerance of these parts.
    public init(absolute: Double = 0, relative: Double = 0) {
      self.absolute = absolute
      self.relative = relative
    }
  }

  /// The tensors that differ, in the first checkpoint's order, then those only the second has.
  public private(set) var differences: [(name: String, difference: Difference)] = []
  /// The tensors that both have.
  public private(set) var comparedCount = 0
  /// The bytes of those tensors.
  public private(set) var comparedByteCount = 0

  /// Compares the model's tensors and the optimizer's.
  ///
  /// - Parameter tolerance: nil wants the same bits; else values may differ by so much, and types
  ///   may differ.
  /// - Throws: `FileError` if a tensor cannot be read.
  public init(
    _ first: Checkpoint, _ second: Checkpoint, tolerance: Tolerance? = nil,
    threads: Int = Threads.count
  ) throws {
    let mine = first.namedTensors
    let theirs = Dictionary(
      second.namedTensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let found = Mutex([Int: Difference]())
    try Parallel.forEach(mine.count, threads: threads) { number in
      guard let other = theirs[mine[number].name] else {
        found.withLock { $0[number] = .missing }
        return
      }
      if let difference = try Self.difference(mine[number], other, tolerance) {
        found.withLock { $0[number] = difference }
      }
    }
    let unordered = found.withLock { $0 }
    for (number, tensor) in mine.enumerated() {
      if let difference = unordered[number] { differences.append((tensor.name, difference)) }
      if theirs[tensor.name] != nil {
        comparedCount += 1
        comparedByteCount += tensor.array.byteCount
      }
    }
    let names = Set(mine.map(\.name))
    differences += second.namedTensors.filter { !names.contains($0.name) }
      .map { ($0.name, .unexpected) }
  }

  private static func difference(
    _ a: Checkpoint.NamedTensor, _ b: Checkpoint.NamedTensor, _ tolerance: Tolerance?
  ) throws -> Difference? {
    guard a.array.shape == b.array.shape else { return .shape(a.array.shape, b.array.shape) }
    guard tolerance != nil || a.array.dtype == b.array.dtype else {
      return .dtype(a.array.dtype, b.array.dtype)
    }
    let isSame = try a.array.dtype == b.array.dtype && Digest(a.array) == Digest(b.array)
    if !isSame {
      let spread = try ValueSpread(a.array, b.array, tolerance ?? Tolerance())
      if spread.count > 0 {
        return .values(
          greatestAbsolute: spread.greatestAbsolute, greatestRelative: spread.greatestRelative,
          count: spread.count)
      }
      if tolerance == nil {
        // The bits differ and no value does: zeros of other sign, other payloads of NaN.
        return .values(greatestAbsolute: 0, greatestRelative: 0, count: 0)
      }
    }
    if let mine = a.role, let theirs = b.role, mine != theirs { return .role }
    return nil
  }
}

/// How far the values of two tensors of one shape lie apart.
private struct ValueSpread {
  var greatestAbsolute = 0.0
  var greatestRelative = 0.0
  var count = 0

  init(_ a: NDArray, _ b: NDArray, _ tolerance: CheckpointComparison.Tolerance) throws {
    guard a.dtype != .float4E2M1FNx2, b.dtype != .float4E2M1FNx2 else {
      count = try Digest(a) == Digest(b) ? 0 : 1
      return
    }
    let blockLength = 1 << 16
    for start in stride(from: 0, to: a.elementCount, by: blockLength) {
      let range = start..<min(start + blockLength, a.elementCount)
      let (mine, theirs) = (try Self.values(a, range), try Self.values(b, range))
      for (x, y) in zip(mine, theirs) where !(x == y || (x.isNaN && y.isNaN)) {
        let apart = (x - y).magnitude
        // A share of infinity is infinite: nothing but itself is close to it.
        let isClose =
          x.isFinite && y.isFinite
          && apart <= tolerance.absolute + tolerance.relative * y.magnitude
        guard !isClose else { continue }
        count += 1
        greatestAbsolute = max(greatestAbsolute, apart.isNaN ? .infinity : apart)
        let relative = apart / y.magnitude
        greatestRelative = max(greatestRelative, relative.isNaN ? .infinity : relative)
      }
    }
  }

  /// Elements as doubles; both parts of complex ones.
  private static func values(_ array: NDArray, _ range: Range<Int>) throws -> [Double] {
    var values: [Double] = []
    let wide: DType = array.dtype.isComplex ? .complex128 : .float64
    try array.forEachBlock(in: range, as: wide, ofByteCount: 1 << 20) { bytes, _ in
      values += bytes.assumingMemoryBound(to: Double.self)
    }
    return values
  }
}

extension Checkpoint {
  /// A tensor of the model or of the optimizer's state.
  struct NamedTensor: Sendable {
    let name: String
    let array: NDArray
    let role: StateDict.Role?
  }

  /// All tensors of the model and of the optimizer's state, in order.
  var namedTensors: [NamedTensor] {
    var tensors = state.entries.map {
      NamedTensor(name: $0.key, array: $0.value.array, role: $0.value.role)
    }
    for (parameter, slots) in optimizer?.state ?? [:] {
      for (slot, value) in slots {
        guard let array = value.tensor else { continue }
        tensors.append(
          NamedTensor(
            name: "optimizer state of \(parameter): \(slot)", array: array, role: nil))
      }
    }
    return tensors
  }
}

extension CheckpointComparison.Difference: CustomStringConvertible {
  /// The difference in words.
  public var description: String {
    switch self {
    case .missing: "only in the first"
    case .unexpected: "only in the second"
    case .shape(let a, let b): "shape \(a) and \(b)"
    case .dtype(let a, let b): "type \(a) and \(b)"
    case .values(_, _, 0): "other bits of equal values (the sign of zero or the payload of NaN)"
    case .values(let absolute, let relative, let count):
      "\(count) value\(count == 1 ? "" : "s") differ\(count == 1 ? "s" : ""), by at most \(absolute), relatively \(relative)"
    case .role: "a parameter in one, a buffer in the other"
    }
  }
}
