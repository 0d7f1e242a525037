import Arrays
import Files
import Kernels

// Functions of one element or two that no loop was compiled for: they are computed in `float64` and rounded
// once.
extension Tensor {
  /// A function of each element that is a real number; integers become `float32`.
  ///
  /// - Parameters:
  ///   - name: The name of the operation.
  ///   - function: The function of a number.
  ///   - rule: The gradient, from the input and the result.
  final func pointwise(
    _ name: StaticString, _ function: (Double) -> Double,
    rule: (SavedTensor, SavedOutput) -> (Tensor) -> Tensor
  ) -> Tensor {
    requireNoComplex(name)
    let x = dtype.isIntegral ? to(.float32) : self
    return .record(name, [x], x.array.mapped(function)) { output in [rule(x.saved, output)] }
  }

  /// A function of pairs of real numbers, broadcast, in their common type.
  ///
  /// - Parameters:
  ///   - name: The name of the operation.
  ///   - other: The tensor of the second numbers.
  ///   - takesIntegers: Whether integers become `float32`; otherwise they trap.
  ///   - function: The function of two numbers.
  ///   - rules: The gradients of both, from the inputs and the result.
  final func pointwise(
    _ name: StaticString, _ other: Tensor, takesIntegers: Bool,
    _ function: (Double, Double) -> Double,
    rules: (SavedTensor, SavedTensor, SavedOutput) -> [(Tensor) -> Tensor?]
  ) -> Tensor {
    requireNoComplex(name)
    other.requireNoComplex(name)
    let common = DType.ofOperation(array, other.array)
    require(
      takesIntegers || !common.isIntegral,
      "\(name): it is not there for tensors of \(dtype) and \(other.dtype), such as these of shapes "
        + "\(shape) and \(other.shape): convert one with to(.float32)")
    let (x, y) = (to(common.realResult), other.to(common.realResult))
    let result = NDArray.zipped(x.array, y.array, Double.self, for: name, function)
    return .record(name, [x, y], result.cast(to: x.dtype)) { rules(x.saved, y.saved, $0) }
  }

  /// A function of pairs of integers or booleans, broadcast, in their common type, in which the result wraps
  /// around.
  final func pointwise(
    _ name: StaticString, integers other: Tensor, _ function: (Int64, Int64) -> Int64
  ) -> Tensor {
    let common = DType.ofOperation(array, other.array)
    let result = NDArray.zipped(array, other.array, Int64.self, for: name, function)
    return .record(name, [self, other], result.cast(to: common)) { _ in
      [{ $0.zeros }, { $0.zeros }]
    }
  }

  /// Traps in the name of an operation if the elements are complex.
  final func requireNoComplex(_ name: StaticString) {
    require(
      !dtype.isComplex,
      "\(name): it is not there for tensors of \(dtype), such as this of shape \(shape): complex tensors "
        + "are data only")
  }

  /// Traps in the name of an operation unless the elements are floating-point numbers.
  final func requireFloats(_ name: StaticString) {
    require(
      dtype.isFloatingPoint && !dtype.isComplex,
      "\(name): it is not there for tensors of \(dtype), such as this of shape \(shape): convert it with "
        + "to(.float32)")
  }
}

extension NDArray {
  /// A function of pairs of elements as numbers of a type, broadcast.
  static func zipped<T: NDArrayElement>(
    _ x: NDArray, _ y: NDArray, _ type: T.Type, for operation: StaticString,
    _ function: (T, T) -> T
  ) -> NDArray {
    let shape = Shape.broadcast(x.shape, y.shape, for: operation)
    let first = x.cast(to: T.dtype).expanded(to: shape).elements(as: T.self)
    let second = y.cast(to: T.dtype).expanded(to: shape).elements(as: T.self)
    return NDArray(zip(first, second).map(function), shape: shape)
  }
}
