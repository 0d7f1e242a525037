import Arrays
import Files

/// What a quantile is that lies between two elements. The names are those of `torch.quantile`.
public enum QuantileInterpolation: String, Sendable {
  /// A number between them, as near to each as the place is.
  case linear
  /// The lower one.
  case lower
  /// The higher one.
  case higher
  /// The number in the middle.
  case midpoint
  /// The nearer one; in the middle the one with an even place.
  case nearest
}

extension Tensor {
  /// A quantile. Equivalent to `torch.quantile`.
  ///
  /// NaN is every quantile of what contains it. As in PyTorch, `q` and the place between two elements are
  /// numbers of the tensor's type.
  ///
  /// - Parameters:
  ///   - q: The quantile, in 0...1; anything else traps.
  ///   - axis: The dimension to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  ///   - interpolation: What a quantile between two elements is.
  /// - Precondition: The tensor is of `float32` or `float64`, and has elements to reduce.
  public final func quantile(
    _ q: Double, _ axis: Int? = nil, keepDims: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    quantile("quantile", q, axis, keepDims) { x, axis in
      let length = x.shape[axis]
      require(
        length <= 1 << 24,
        "quantile: input tensor is too large: shape \(x.shape) has more than 2^24 elements along "
          + "\(axis)")
      let order = x.sorted(axis).values
      let (lower, upper, share) =
        x.dtype == .float64
        ? interpolation.place(q, length) : interpolation.place(Float(q), length)
      let low = order.sliced(axis, lower..<lower + 1)
      let high = order.sliced(axis, upper..<upper + 1)
      let hasNaN = noGrad { x.detached().isNaN().any([axis], keepDims: true) }
      // NaN comes last in order, and gets the gradient.
      return .where(
        hasNaN, order.sliced(axis, length - 1..<length), low.lerp(high, share))
    }
  }

  /// A quantile of the elements that are not NaN; NaN if there is none. Equivalent to `torch.nanquantile`.
  ///
  /// - Parameters:
  ///   - q: The quantile, in 0...1; anything else traps.
  ///   - axis: The dimension to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  ///   - interpolation: What a quantile between two elements is.
  /// - Precondition: The tensor is of `float32` or `float64`, and has elements to reduce.
  public final func nanquantile(
    _ q: Double, _ axis: Int? = nil, keepDims: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    quantile("nanquantile", q, axis, keepDims) { x, axis in
      let (lower, upper, share): (Tensor, Tensor, Tensor) = noGrad {
        let count = (x .== x).sum([axis], keepDims: true).to(x.dtype)
        let place =
          (count - 1).clamp(min: 0.0) * Tensor(NDArray(filling: .scalar, with: q, dtype: x.dtype))
        let (low, high) = (place.floor(), place.ceil())
        return switch interpolation {
        case .linear: (low, high, place - low)
        case .midpoint: (low, high, Tensor.zeros(like: place) + 0.5)
        case .lower: (low, low, Tensor.zeros(like: place))
        case .higher: (high, high, Tensor.zeros(like: place))
        case .nearest: (place.round(), place.round(), Tensor.zeros(like: place))
        }
      }
      let order = x.sorted(axis).values
      let low = order.gather(axis, lower.to(.int64))
      return low.lerp(order.gather(axis, upper.to(.int64)), share)
    }
  }

  /// Checks the arguments of a quantile, and reduces a dimension by a function, which keeps it with length one.
  private final func quantile(
    _ operation: StaticString, _ q: Double, _ axis: Int?, _ keepDims: Bool,
    _ reduce: (Tensor, _ axis: Int) -> Tensor
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).quantile(operation, q, axis, keepDims, reduce)
    }) {
      return result
    }
    guard let axis else {
      let result = flattened().quantile(operation, q, 0, false, reduce)
      return keepDims ? result.reshaped(Shape(shape.map { _ in 1 })) : result
    }
    require(
      dtype == .float32 || dtype == .float64,
      "\(operation): input tensor of shape \(shape) must be either float or double dtype, not \(dtype)"
    )
    require(
      (0...1).contains(q), "\(operation): \(q) must be in the range 0 to 1 for shape \(shape)")
    guard rank > 0 else { return reshaped([1]).quantile(operation, q, 0, false, reduce) }
    let position = shape.normalizedAxis(axis, for: operation)
    require(
      shape[position] > 0, "\(operation): shape \(shape) has no element along dimension \(axis)")
    let result = reduce(self, position)
    return keepDims ? result : result.squeezed([position])
  }
}

extension QuantileInterpolation {
  /// Between which of some elements in ascending order a quantile is, and how far from the lower one.
  fileprivate func place<T: BinaryFloatingPoint>(
    _ q: T, _ length: Int
  ) -> (lower: Int, upper: Int, share: Double) {
    let place = q * T(length - 1)
    let (lower, upper) = (place.rounded(.down), place.rounded(.up))
    func only(_ place: T) -> (lower: Int, upper: Int, share: Double) { (Int(place), Int(place), 0) }
    return switch self {
    case .linear: (Int(lower), Int(upper), Double(place - lower))
    case .midpoint: (Int(lower), Int(upper), 0.5)
    case .lower: only(lower)
    case .higher: only(upper)
    case .nearest: only(place.rounded(.toNearestOrEven))
    }
  }
}
