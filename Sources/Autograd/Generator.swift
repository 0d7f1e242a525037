import Arrays
import CKernels
import Files
import Platform
import Synchronization

/// A source of random numbers with the same sequence as PyTorch's on the CPU. Equivalent to
/// `torch.Generator`.
///
/// The algorithm is the Mersenne Twister, mt19937. After the same seed, uniform numbers are bitwise equal
/// to PyTorch's, and so are 16 or more normal ones of `float32`, `float16` and `bfloat16`; fewer, and those
/// of `float64`, agree up to the accuracy of elementary functions.
///
/// Several threads may use a generator, but in what order they get its numbers is then undefined.
///
/// ```swift
/// let generator = Generator(seed: 42)
/// let x = Tensor.randn([2, 3], generator: generator)
/// ```
public final class Generator: Sendable {
  /// The generator used where none is given. It has a fixed seed at the start of a program; call
  /// ``/Autograd/manualSeed(_:)`` to choose one.
  @TaskLocal public static var current = Generator(seed: 67_280_421_310_721)

  /// Calls `body` with this generator as the current one.
  ///
  /// Random numbers drawn in `body` then neither affect nor are affected by other tasks.
  ///
  /// ```swift
  /// let layer = Generator(seed: 42).use { Linear(3, 2) }
  /// ```
  ///
  /// - Parameter body: The code to run.
  /// - Returns: What `body` returns.
  public func use<R>(_ body: () throws -> R) rethrows -> R {
    try Generator.$current.withValue(self, operation: body)
  }

  private struct State {
    var seed: UInt64
    var twister = CKTwister()
    /// The second of a pair of normal numbers, for the next call.
    var spareNormal: Double?
  }

  private let state: Mutex<State>

  /// A generator started from a seed.
  ///
  /// - Parameter seed: The seed, of which mt19937 uses the low 32 bits.
  public init(seed: UInt64) {
    var state = State(seed: seed)
    ck_twister_seed(&state.twister, UInt32(truncatingIfNeeded: seed))
    self.state = Mutex(state)
  }

  /// Restarts the generator from a seed. Equivalent to `torch.Generator.manual_seed`.
  ///
  /// - Parameter seed: The seed, of which mt19937 uses the low 32 bits.
  public func manualSeed(_ seed: UInt64) {
    state.withLock { state in
      state = State(seed: seed)
      ck_twister_seed(&state.twister, UInt32(truncatingIfNeeded: seed))
    }
  }

  /// The seed from which the generator was last started. Equivalent to
  /// `torch.Generator.initial_seed`.
  public var initialSeed: UInt64 { state.withLock { $0.seed } }

  /// The next 32 random bits.
  public func nextUInt32() -> UInt32 { state.withLock { ck_twister_next(&$0.twister) } }

  /// The next 64 random bits, the upper half first, as PyTorch draws them.
  public func nextUInt64() -> UInt64 {
    state.withLock { state in
      let high = UInt64(ck_twister_next(&state.twister))
      return high << 32 | UInt64(ck_twister_next(&state.twister))
    }
  }

  /// Uniformly distributed random numbers, in the order of PyTorch's `uniform_`.
  ///
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - low: The lower bound, inclusive.
  ///   - high: The upper bound, exclusive.
  ///   - dtype: A floating-point type; those other than PyTorch's four of arithmetic are converted from
  ///     `float32`.
  public func uniform(
    _ shape: Shape, from low: Double = 0, to high: Double = 1, dtype: DType = .float32
  ) -> NDArray {
    let drawn: DType = dtype == .float64 ? .float64 : .float32
    let result = NDArray(uninitialized: shape, dtype: drawn)
    state.withLock { state in
      ck_twister_uniform(
        &state.twister, drawn.loops, result.freshPointer, shape.elementCount, low, high)
    }
    guard dtype != drawn, dtype.isFloatingPoint, dtype != .float4E2M1FNx2 else {
      return result.cast(to: dtype)
    }
    // Of what is rounded up to the upper bound PyTorch makes the lower one.
    let rounded = result.cast(to: dtype)
    let bound = NDArray(high).cast(to: dtype)
    let isBound = NDArray.compare(.equal, rounded, bound, for: "uniform")
    return .select(isBound, NDArray(low).cast(to: dtype), rounded, for: "uniform")
  }

  /// Random numbers that are `value` with the given probability and zero otherwise, in the order of
  /// PyTorch's `bernoulli_`.
  ///
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - probability: The probability of `value`, from 0 to 1.
  ///   - value: The number that is not zero.
  ///   - dtype: `float32` or `float64`; other types are converted from `float32`.
  public func bernoulli(
    _ shape: Shape, probability: Double, value: Double = 1, dtype: DType = .float32
  ) -> NDArray {
    let drawn: DType = dtype == .float64 ? .float64 : .float32
    let result = NDArray(uninitialized: shape, dtype: drawn)
    state.withLock { state in
      ck_twister_bernoulli(
        &state.twister, drawn.loops, result.freshPointer, shape.elementCount, probability, value)
    }
    return result.cast(to: dtype)
  }

  /// Normally distributed random numbers, in the order of PyTorch's `normal_`.
  ///
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - mean: The mean of the distribution.
  ///   - std: The standard deviation of the distribution.
  ///   - dtype: `float32` or `float64`; other types are converted from `float32`.
  public func normal(
    _ shape: Shape, mean: Double = 0, std: Double = 1, dtype: DType = .float32
  ) -> NDArray {
    let count = shape.elementCount
    guard count >= 16 else {
      let values = state.withLock { state in
        (0..<count).map { _ in Self.normal(&state) * std + mean }
      }
      return NDArray(values, shape: shape).cast(to: dtype)
    }
    if dtype == .float64 { return normalBlocks(shape, mean, std) }
    // In half precision PyTorch draws a block at a time, and so nothing for the rest.
    let isHalf = dtype == .float16 || dtype == .bfloat16
    let drawn = isHalf ? count / 16 * 16 : count
    let result = NDArray(uninitialized: shape, dtype: .float32)
    state.withLock { state in
      let start = result.freshPointer
      let elements = start.assumingMemoryBound(to: Float.self)
      func fill(_ first: Int, _ count: Int) {
        ck_twister_uniform(&state.twister, .float32, elements + first, count, 0, 1)
      }
      func transform(_ first: Int, _ blocks: Int) {
        ck_normal_blocks(elements + first, blocks, Float(mean), Float(std))
      }
      fill(0, drawn)
      transform(0, count / 16)
      // A last part of a block is not used: the last 16 numbers are drawn again.
      if count % 16 != 0 {
        fill(count - 16, 16)
        transform(count - 16, 1)
      }
    }
    return result.cast(to: dtype)
  }

  /// The Box–Muller transform over blocks of 16 uniform numbers, eight pairs each.
  private func normalBlocks(_ shape: Shape, _ mean: Double, _ std: Double) -> NDArray {
    var result = uniform(shape, dtype: .float64)
    let rest =
      shape.elementCount % 16 == 0
      ? nil : uniform([16], dtype: .float64).elements(as: Double.self)
    result.withMutableElements(as: Double.self) { elements in
      func transform(from start: Int) {
        for index in start..<start + 8 {
          let radius = (-2 * log(1 - elements[index])).squareRoot() * std
          let angle = 2 * Double.pi * elements[index + 8]
          elements[index] = radius * cos(angle) + mean
          elements[index + 8] = radius * sin(angle) + mean
        }
      }
      for start in stride(from: 0, through: elements.count - 16, by: 16) { transform(from: start) }
      if let rest {
        let start = elements.count - 16
        for (offset, value) in rest.enumerated() { elements[start + offset] = value }
        transform(from: start)
      }
    }
    return result
  }

  private static func normal(_ state: inout State) -> Double {
    if let spare = state.spareNormal {
      state.spareNormal = nil
      return spare
    }
    let angle = 2 * Double.pi * uniformDouble(&state)
    let radius = (-2 * log1p(-uniformDouble(&state))).squareRoot()
    state.spareNormal = radius * sin(angle)
    return radius * cos(angle)
  }

  private static func uniformDouble(_ state: inout State) -> Double {
    let high = UInt64(ck_twister_next(&state.twister))
    let low = UInt64(ck_twister_next(&state.twister))
    return Double((high << 32 | low) & (1 << 53 - 1)) * 0x1p-53
  }

  /// The integers `0..<count` in random order. Equivalent to `torch.randperm`.
  ///
  /// - Parameter count: The number of integers.
  public func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    state.withLock { state in
      for index in 0..<max(0, count - 1) {
        let other = index + Int(ck_twister_next(&state.twister)) % (count - index)
        order.swapAt(index, other)
      }
    }
    return order
  }
}

extension Generator {
  /// The offsets of the parts in the bytes of PyTorch's `get_rng_state`.
  private enum Place {
    static let seed = 0
    static let left = 8
    static let isSeeded = 12
    static let next = 16
    static let words = 24
    static let spareNormal = words + 624 * 8
    static let hasSpareNormal = spareNormal + 24
    static let byteCount = 5056
  }

  /// The complete state, in the bytes that PyTorch's `torch.get_rng_state` returns.
  ///
  /// - Returns: 5056 bytes of `uint8`, which `torch.set_rng_state` accepts too.
  public func saveState() -> NDArray {
    let state = state.withLock { $0 }
    var bytes = [UInt8](repeating: 0, count: Place.byteCount)
    bytes.withUnsafeMutableBytes { bytes in
      func store<T: FixedWidthInteger>(_ value: T, _ place: Int) {
        bytes.storeBytes(of: value.littleEndian, toByteOffset: place, as: T.self)
      }
      store(state.seed, Place.seed)
      store(state.twister.left, Place.left)
      store(Int32(1), Place.isSeeded)
      store(UInt64(state.twister.next), Place.next)
      withUnsafeBytes(of: state.twister.words) { words in
        for (index, word) in words.bindMemory(to: UInt32.self).enumerated() {
          store(UInt64(word), Place.words + index * 8)
        }
      }
      // PyTorch keeps the uniform numbers' places too, which it no longer uses.
      store((state.spareNormal ?? 0).bitPattern, Place.spareNormal + 8)
      store(Int32(state.spareNormal == nil ? 0 : 1), Place.hasSpareNormal)
    }
    return NDArray(bytes)
  }

  /// Resumes from a state that ``saveState()`` or `torch.get_rng_state` returned.
  ///
  /// - Parameter saved: 5056 bytes of `uint8`.
  /// - Throws: ``GeneratorStateError`` if the bytes are not such a state. Nothing is changed then.
  public func restoreState(_ saved: NDArray) throws(GeneratorStateError) {
    guard saved.dtype == .uint8, saved.elementCount == Place.byteCount else {
      throw GeneratorStateError(reason: "it is not \(Place.byteCount) bytes of uint8")
    }
    var state = State(seed: 0)
    saved.withContiguousBytes { bytes in
      func load<T: FixedWidthInteger & PlainNumber>(_ place: Int, as type: T.Type) -> T {
        bytes.loadLittleEndian(at: place)
      }
      state.seed = load(Place.seed, as: UInt64.self)
      state.twister.left = load(Place.left, as: Int32.self)
      state.twister.next = Int32(truncatingIfNeeded: load(Place.next, as: UInt64.self))
      withUnsafeMutableBytes(of: &state.twister.words) { words in
        let words = words.bindMemory(to: UInt32.self)
        for index in words.indices {
          words[index] = UInt32(truncatingIfNeeded: load(Place.words + index * 8, as: UInt64.self))
        }
      }
      if load(Place.hasSpareNormal, as: Int32.self) != 0 {
        state.spareNormal = Double(bitPattern: load(Place.spareNormal + 8, as: UInt64.self))
      }
    }
    let (left, next) = (state.twister.left, state.twister.next)
    guard (1...624).contains(left), (0...624).contains(next), left + next >= 1, left + next <= 625
    else {
      throw GeneratorStateError(reason: "its position \(next), with \(left) left, is not in it")
    }
    self.state.withLock { $0 = state }
  }

  /// Continues with the numbers that another generator would return next.
  package func adopt(_ other: Generator) {
    let taken = other.state.withLock { $0 }
    state.withLock { $0 = taken }
  }
}

/// An error thrown for bytes that are not the state of a ``Generator``.
public struct GeneratorStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the bytes, as a clause without a full stop.
  public let reason: String

  /// One sentence with the reason.
  public var description: String { "this is not the state of a random generator: \(reason)" }
}

/// Restarts the current generator from a seed. Equivalent to `torch.manual_seed`.
///
/// - Parameter seed: The seed, of which mt19937 uses the low 32 bits.
public func manualSeed(_ seed: UInt64) { Generator.current.manualSeed(seed) }
