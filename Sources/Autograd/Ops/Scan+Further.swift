import Arrays
import Files
import Kernels
import Platform

extension Tensor {
  /// The running log Σ eˣ along a dimension, without overflow. Equivalent to `torch.logcumsumexp`.
  ///
  /// - Parameter axis: The dimension.
  /// - Precondition: The elements are floating-point numbers.
  public final func logcumsumexp(_ axis: Int) -> Tensor {
    requireFloats("logcumsumexp")
    let position = shape.normalizedAxis(axis, for: "logcumsumexp")
    return .record("logcumsumexp", [self], array.runningLogSums(position)) { output in
      let x = self.saved
      return [
        { grad in
          // For the positive and the negative part, so that each has a logarithm.
          func part(_ sign: Double) -> Tensor {
            let part = grad * sign
            let least = -grad.dtype.greatestNumber
            let none = Tensor(least, dtype: grad.dtype).to(grad.dtype)
            let logarithm = Tensor.where(part.detached() .> 0, part.abs().log(), none)
            let sums = (logarithm - output()).flipped([position]).logcumsumexp(position)
            return (sums.flipped([position]) + x()).exp()
          }
          guard grad.rank > 0, grad.elementCount > 0 else { return grad }
          return part(1) - part(-1)
        }
      ]
    }
  }

  /// The running maxima along a dimension, and the index of the last element that is equal to each so far.
  /// Equivalent to `torch.cummax`. NaN is the maximum of what contains it.
  ///
  /// - Parameter axis: The dimension.
  /// - Returns: Values and indices, of this tensor's shape.
  public final func cummax(_ axis: Int) -> (values: Tensor, indices: Tensor) {
    runningExtremes("CummaxBackward0", axis, { $0 >= $1 }, { $0 >= $1 })
  }

  /// The running minima along a dimension, and the index of the last element that is equal to each so far.
  /// Equivalent to `torch.cummin`. NaN is the minimum of what contains it.
  ///
  /// - Parameter axis: The dimension.
  /// - Returns: Values and indices, of this tensor's shape.
  public final func cummin(_ axis: Int) -> (values: Tensor, indices: Tensor) {
    runningExtremes("CumminBackward0", axis, { $0 <= $1 }, { $0 <= $1 })
  }

  private final func runningExtremes(
    _ name: StaticString, _ axis: Int, _ ofWhole: (Int64, Int64) -> Bool,
    _ ofReal: (Double, Double) -> Bool
  ) -> (values: Tensor, indices: Tensor) {
    requireNoComplex("cummax or cummin")
    require(dtype != .uint64, "cummax or cummin: not of uint64, as of shape \(shape)")
    let position = shape.normalizedAxis(axis, for: "cummax or cummin")
    let places =
      dtype.isFloatingPoint
      ? array.runningPlaces(Double.self, position) { $0.isNaN || !$1.isNaN && ofReal($0, $1) }
      : array.runningPlaces(Int64.self, position, ofWhole)
    let indices = Tensor(array: places, device: device, node: nil, requiresGrad: false)
    return (gather(axis, places).named(name), indices)
  }

  /// The differences between neighbours along a dimension, formed `n` times. Equivalent to `torch.diff`.
  ///
  /// Of booleans it is whether they differ.
  ///
  /// - Parameters:
  ///   - n: How many times.
  ///   - axis: The dimension.
  ///   - prepend: What is put before the elements first.
  ///   - append: What is put after them first.
  /// - Returns: This tensor's shape, with `n` fewer elements along the dimension.
  public final func diff(
    n: Int = 1, _ axis: Int = -1, prepend: Tensor? = nil, append: Tensor? = nil
  ) -> Tensor {
    require(
      rank > 0, "diff: it expects input to be at least one-dimensional, not of shape \(shape)")
    require(n >= 0, "diff: order must be non-negative but got \(n) for shape \(shape)")
    // As in PyTorch, what is put beside the elements does not count then.
    guard n > 0 else { return clone() }
    let parts = [prepend, self, append].compactMap(\.self)
    let start = parts.count > 1 ? Tensor.concatenated(parts, axis: axis) : self
    let length = start.shape[start.shape.normalizedAxis(axis, for: "diff")]
    let times = Swift.min(n, length)
    return (0..<times).reduce(start) { x, time in
      let rest = length - time
      guard rest > 0 else { return x }
      let (next, this) = (x.sliced(axis, 1..<rest), x.sliced(axis, 0..<rest - 1))
      return start.dtype == .bool ? next .^ this : next - this
    }
  }
}

extension DType {
  /// The greatest number that is not infinite, of a floating-point type.
  var greatestNumber: Double {
    switch self {
    case .float64: .greatestFiniteMagnitude
    case .float16: 65504
    case .bfloat16: 0x1.FEp127
    default: Double(Float.greatestFiniteMagnitude)
    }
  }
}

extension NDArray {
  /// Calls `body` with the places of each line along a dimension, in order.
  private func eachLine(_ axis: Int, _ body: ([Int]) -> Void) {
    let (outer, length, inner) = shape.split(at: axis)
    for block in 0..<outer {
      for column in 0..<inner {
        body((0..<length).map { (block * length + $0) * inner + column })
      }
    }
  }

  fileprivate func runningLogSums(_ axis: Int) -> NDArray {
    var elements = cast(to: .float64).elements(as: Double.self)
    eachLine(axis) { places in
      for (before, place) in zip(places, places.dropFirst()) {
        let (sum, x) = (elements[before], elements[place])
        if sum.isNaN || x.isNaN {
          elements[place] = .nan
        } else if sum != x || x.isFinite {
          let (least, greatest) = (Swift.min(sum, x), Swift.max(sum, x))
          elements[place] = greatest + Platform.log1p(Platform.exp(least - greatest))
        }
      }
    }
    return NDArray(elements, shape: shape).cast(to: dtype)
  }

  /// For each element the index of the one that is preferred among those up to it.
  fileprivate func runningPlaces<T: NDArrayElement>(
    _ type: T.Type, _ axis: Int, _ isPreferred: (T, T) -> Bool
  ) -> NDArray {
    let elements = cast(to: T.dtype).elements(as: T.self)
    var indices = [Int64](repeating: 0, count: elements.count)
    eachLine(axis) { places in
      guard var best = places.first else { return }
      var found: Int64 = 0
      for (index, place) in places.enumerated() {
        if isPreferred(elements[place], elements[best]) { (best, found) = (place, Int64(index)) }
        indices[place] = found
      }
    }
    return NDArray(indices, shape: shape)
  }
}
