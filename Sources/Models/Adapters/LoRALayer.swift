import Arrays
import Autograd
import Checkpoints
import Files
import Kernels
import NN

/// The two matrices of LoRA for one layer of a model.
final class LoRALayer {
  /// What the matrices are for.
  enum Kind: String, Sendable {
    /// A (r, in) and B (out, r) of a linear layer.
    case linear
    /// A (r, count) and B (features, r) of a table.
    case embedding
    /// A (r, in, …) with the window of the layer, and B (out, r, 1, …).
    case convolution
  }

  /// The path of the layer in the model.
  let path: String
  let kind: Kind
  let scaling: Double
  /// The keys in the adapter's file.
  let keys: (a: String, b: String)
  let a: Parameter
  let b: Parameter

  init(
    path: String, kind: Kind, scaling: Double, keys: (a: String, b: String), a: Parameter,
    b: Parameter
  ) {
    (self.path, self.kind, self.scaling, self.keys) = (path, kind, scaling, keys)
    (self.a, self.b) = (a, b)
  }

  /// The key of the weight that the product is added to.
  var weightKey: String { "\(path).weight" }

  var rank: Int { a.shape[0] }

  /// The length of a row of A, and the number of rows of B.
  var extents: (input: Int, output: Int) {
    (Shape(Array(a.shape.dimensions.dropFirst())).elementCount, b.shape[0])
  }

  /// The type in which a layer's product is computed, as PEFT keeps adapters: `float32`, or `float64` for
  /// a weight of that type.
  static func computeType(for weight: DType) -> DType { weight == .float64 ? .float64 : .float32 }

  /// Types of weights to which something can be added.
  static func canChange(_ type: DType) -> Bool {
    [.float16, .bfloat16, .float32, .float64].contains(type)
  }

  /// What is added to a weight of this shape: the product of the matrices, scaled.
  ///
  /// - Parameters:
  ///   - type: The type to compute in.
  ///   - shape: The shape of the weight.
  ///   - isTransposed: Whether the weight is (in, out).
  /// - Precondition: The shape fits: see ``layout(of:)``.
  func delta(in type: DType, _ shape: Shape, isTransposed: Bool) -> NDArray {
    let left = b.array.cast(to: type).reshaped(to: [b.shape[0], rank])
    let right = a.array.cast(to: type).reshaped(to: [rank, extents.input])
    let product = NDArray.matmul(left, right)
    let factor = type == .float64 ? NDArray(scaling) : NDArray(Float(scaling))
    let delta = NDArray.binary(
      .multiply, isTransposed ? product.transposed() : product, factor, for: "lora")
    return delta.reshaped(to: shape)
  }

  /// How a weight of a shape lies to the product of the matrices.
  enum WeightLayout {
    /// As the product.
    case plain
    /// (in, out) while the product is (out, in).
    case transposed
    /// Either may be.
    case square
  }

  /// How a weight lies to the product.
  ///
  /// - Throws: ``Misfit`` if it does not fit.
  func layout(of shape: Shape) throws(Misfit) -> WeightLayout {
    let (input, output) = extents
    switch kind {
    case .linear:
      if shape == [output, input] { return input == output ? .square : .plain }
      if shape == [input, output] { return .transposed }
    case .embedding:
      if shape == [input, output] { return .transposed }
    case .convolution:
      guard b.shape[1] == rank else {
        throw Misfit(
          reason: "is for a convolution in groups, whose adapter cannot be merged, in PEFT neither")
      }
      if shape == Shape([output] + a.shape.dimensions.dropFirst()) { return .plain }
    }
    throw Misfit(
      reason:
        "makes a product of (\(output), \(input)) with its B, which does not fit \(weightKey) of "
        + "\(shape)")
  }

  /// Refuses a module of a class that these matrices are not for.
  ///
  /// - Throws: ``Misfit``.
  func check(_ module: Module?) throws(Misfit) {
    let fits =
      switch kind {
      case .linear: module is Linear || module is Conv1D
      case .embedding: module is Embedding
      case .convolution: module is Conv1d || module is Conv2d || module is Conv3d
      }
    guard fits else {
      throw Misfit(
        reason: "is for a layer of another kind than \(path) of the model is, "
          + (module.map { "\(type(of: $0))" } ?? "which has no module of its own"))
    }
  }

  /// Why an adapter's matrix does not fit, as a clause that follows its key.
  struct Misfit: Error {
    let reason: String
  }
}

/// A tensor of an adapter that is not one of the two matrices: it takes the place of the model's.
final class LoRAWholeTensor {
  /// The key in the adapter's file.
  let key: String
  /// The key in the model.
  let target: String
  /// Further keys of the same tensor in the file.
  var aliases: [String] = []
  /// A `Parameter` or a `Buffer`: the adapter's own, or the model's while the adapter is attached.
  var tensor: Tensor

  init(key: String, target: String, tensor: Tensor) {
    (self.key, self.target, self.tensor) = (key, target, tensor)
  }

  /// What it is as a member of the adapter.
  var content: Member.Content {
    if let parameter = tensor as? Parameter { return .parameter(parameter) }
    return .buffer(tensor as? Buffer)
  }
}
