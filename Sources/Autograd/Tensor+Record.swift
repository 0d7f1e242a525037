import Arrays
import Files
import Kernels

/// An input that a gradient will need, with the version it had when it was saved.
///
/// Calling it returns the tensor, and traps if the tensor has been changed in place since.
public struct SavedTensor {
  private let tensor: Tensor
  /// The views of the tensor, if what is kept is not the tensor itself.
  private let family: ViewFamily?
  private let version: Int

  fileprivate init(_ tensor: Tensor) {
    // A copy of a view, so that the graph is no view of its own, which every change would have to
    // reach. A leaf that collects a gradient stays itself.
    if let family = tensor.familyNow, tensor.node != nil || !tensor.requiresGrad {
      self.tensor = Tensor(
        array: tensor.array, device: tensor.device, node: tensor.node, requiresGrad: false)
      self.family = family
      version = family.changes
    } else {
      self.tensor = tensor
      family = nil
      version = tensor.version
    }
  }

  /// The tensor.
  ///
  /// - Precondition: It has not been changed in place since it was saved.
  public func callAsFunction() -> Tensor {
    let present = family?.changes ?? tensor.version
    require(
      present == version,
      "one of the variables needed for gradient computation has been modified by an in-place "
        + "operation: a tensor of \(tensor.dtype) with shape \(tensor.shape) is at version "
        + "\(present); expected version \(version) instead")
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
  ///   - isView: Whether the result is a view of an input, whose storage it then shares, so that a
  ///     change in place of one reaches the other. Without it a result is given memory of its own.
  ///   - rules: Returns one function per input, from the gradient of the result to that of the
  ///     input, written in tensor operations so that second derivatives work. Where the operation
  ///     broadcast an input or promoted its type, the function returns the gradient in the shape
  ///     and type of the result; that is undone where gradients are accumulated. A function must
  ///     capture inputs only through ``saved``, and the result only through the argument. Not
  ///     called if nothing is recorded.
  public static func record(
    _ name: StaticString, _ inputs: [Tensor], _ array: NDArray, isView: Bool = false,
    rules: (SavedOutput) -> [(Tensor) -> Tensor?]
  ) -> Tensor {
    record(name, inputs, array, isView) { node, array, needs in
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
    record(name, inputs, array, false) { node, array, _ in .joint(rule(SavedOutput(node, array))) }
  }

  private static func record(
    _ name: StaticString, _ inputs: [Tensor], _ array: NDArray, _ isView: Bool,
    _ makeRule: (Node, NDArray, [Bool]) -> Node.Rule
  ) -> Tensor {
    let device: Device = inputs.contains { $0.device == .meta } ? .meta : .cpu
    let isRecorded =
      GradMode.isEnabled && array.dtype.isFloatingPoint && inputs.contains { $0.requiresGrad }
    let base = inputs.first { $0.array.storage === array.storage }
    // Where nothing was to do, as for a sum over no dimension, PyTorch copies.
    let array = base != nil && !isView && device != .meta ? array.copied() : array
    let result = Tensor(array: array, device: device, node: nil, requiresGrad: false)
    if let base, isView { result.join(base, detached: false) }
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
