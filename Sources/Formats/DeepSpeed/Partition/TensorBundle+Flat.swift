import Arrays
import Checkpoints

extension TensorBundle {
  /// Adds a parameter whose pieces are of its elements in order, and gives it in its shape.
  ///
  /// - Throws: ``Fault`` if they do not make it up.
  mutating func addFlat(
    _ key: String, _ dtype: DType, _ parameter: ZeroPartition.Parameter, pieces: [Piece]
  ) throws(Fault) -> NDArray {
    try add(key, dtype, shape: [parameter.count], pieces: pieces)
    guard parameter.count > 0, let whole = tensors[key]?.array else {
      return NDArray(uninitialized: Shape(parameter.shape), dtype: dtype)
    }
    return NDArray(storage: whole.storage, dtype: dtype, layout: Layout(Shape(parameter.shape)))
  }
}
