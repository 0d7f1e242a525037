import Arrays
import Files
import Kernels

/// An input that a gradient will need, with the version it had when it was saved.
///
/// Calling it returns the tensor, and traps if the tensor has been changed in place since.
public struct SavedTensor {
  private let tensor: Tensor
  /// The tensor that was saved. Once nobody has it any more, nobody can change it.
  private weak var original: Tensor?
  private let version: Int

  fileprivate init(_ tensor: Tensor) {
    self.tensor = tensor.outsideFamily
    original = tensor
    version = tensor.version
  }

  /// The tensor.
  ///
  /// - Precondition: It has not been changed in place since it was saved.
  public func callAsFunction() -> Tensor {
    if let original {
      require(
        original.version == version,
        "one of the variables needed for gradient computation has been modified by an in-place "
          + "operation: a tensor of \(original.dtype) with shape \(original.shape) is at version "
          + "\(original.version); expected version \(version) instead")
    }
    return tensor
  }
}

/// The result of an operation, for a gradient that needs it.
///
/// It does not retain the node, which retains it.
public struct SavedOutput {
  private unowned let node: Node
  private let array: NDArray

  fileprivate init(_ node: Node, _ array: NDArray) {
    self.node = node
    self.array = array
  }

  /// The result, as part of the graph.
  public func callAsFunction() -> Tensor {
    Tensor(array: array, device: .cpu, node: node, requiresGrad: false)
  }
}

extension Tensor {
  /// This tensor for use in a gradient, with a check that it is unchanged by then.
  public final var saved: SavedTensor { SavedTensor(self) }

  /// The result of an operation on `inputs`, recorded if any of them requires a gradient.
  ///
  /// ```swift
  /// func exp() -> Tensor {
  ///   .record("exp", [self], array.unary(.exp)) { output in [{ $0 * output() }] }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - name: The name of the operation, for messages.
  ///   - inputs: The tensors that gradients flow back to.
  ///   - array: The result.
  ///   - rules: Returns one function per input, from the gradient of the result to that of the
  ///     input, written in tensor operations so that second derivatives work. Where the operation
  ///     broadcast an input or promoted its type, the function returns the gradient in the shape
  ///     and type of the result; that is undone where gradients are accumulated. A function must
  ///     capture inputs only through ``saved``, and the result only through the argument. Not
  ///     called if nothing is recorded.
  public static func record(
    _ name: StaticString, _ inputs: [Tensor], _ array: NDArray,
    rules: (SavedOutput) -> [(Tensor) -> Tensor?]
  ) -> Tensor {
    record(name, inputs, array) { node, array, needs in
      let functions = rules(SavedOutput(node, array))
      require(
        functions.count == inputs.count,
        "\(name): \(functions.count) gradients for \(inputs.count) inputs")
      // What a frozen input's function holds is let go at once.
      return .separate(zip(functions, needs).map { $1 ? $0 : nil })
    }
  }

  /// The result of an operation whose gradients are computed together, recorded if any input
  /// requires one.
  ///
  /// - Parameters:
  ///   - name: The name of the operation, for messages.
  ///   - inputs: The tensors that gradients flow back to.
  ///   - array: The result.
  ///   - rule: Returns a function from the gradient of the result, and a flag per input that says
  ///     whether its gradient is needed, to the gradients of the inputs.
  public static func recordJointly(
    _ name: StaticString, _ inputs: [Tensor], _ array: NDArray,
    rule: (SavedOutput) -> (Tensor, [Bool]) -> [Tensor?]
  ) -> Tensor {
    record(name, inputs, array) { node, array, _ in .joint(rule(SavedOutput(node, array))) }
  }

  private static func record(
    _ name: StaticString, _ inputs: [Tensor], _ array: NDArray,
    _ makeRule: (Node, NDArray, [Bool]) -> Node.Rule
  ) -> Tensor {
    let device: Device = inputs.contains { $0.device == .meta } ? .meta : .cpu
    let isRecorded =
      GradMode.isEnabled && array.dtype.isFloatingPoint && inputs.contains { $0.requiresGrad }
    let result = Tensor(array: array, device: device, node: nil, requiresGrad: false)
    for input in inputs where input.array.storage === array.storage { result.join(input) }
    guard isRecorded else { return result }
    let targets = inputs.map(\.target)
    let node = Node(name, targets: targets, shape: array.shape, dtype: array.dtype)
    node.rule = makeRule(node, array, inputs.map(\.requiresGrad))
    result.node = node
    return result
  }

  final var target: Node.Target {
    if let node { return .node(node) }
    return requiresGrad ? .leaf(self) : .nothing
  }
}
