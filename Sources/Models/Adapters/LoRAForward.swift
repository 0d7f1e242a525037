import Arrays
import Autograd
import NN

/// What an adapter adds to the output of a layer that it is attached to.
struct LoRAForward {
  /// The layers that can have an adapter beside them.
  private enum Target {
    case linear
    case embedding(Embedding)
    case line(Conv1d)
    case plane(Conv2d)
  }

  private let layer: LoRALayer
  private let target: Target
  private let type: DType
  private let dropout: Double

  /// - Throws: ``LoRALayer/Misfit`` if the matrices do not fit the module.
  init(
    _ layer: LoRALayer, for module: Module, dropout: Double
  ) throws(LoRALayer.Misfit) {
    func misfit(_ reason: String) -> LoRALayer.Misfit { LoRALayer.Misfit(reason: reason) }
    let weight: Tensor
    switch (module, layer.kind) {
    case (let linear as Linear, .linear):
      guard linear.typeName != "NonDynamicallyQuantizableLinear" else {
        throw misfit(
          "is for the last layer of an attention, which PyTorch does not call, so that it has no effect there"
        )
      }
      guard linear.weight.shape == [layer.extents.output, layer.extents.input] else {
        throw misfit("does not fit \(layer.weightKey) of the model, of \(linear.weight.shape)")
      }
      (target, weight) = (.linear, linear.weight)
    case (let linear as Conv1D, .linear):
      guard linear.weight.shape == [layer.extents.input, layer.extents.output] else {
        throw misfit("does not fit \(layer.weightKey) of the model, of \(linear.weight.shape)")
      }
      (target, weight) = (.linear, linear.weight)
    case (let table as Embedding, .embedding):
      guard table.weight.shape == [layer.extents.input, layer.extents.output] else {
        throw misfit("does not fit \(layer.weightKey) of the model, of \(table.weight.shape)")
      }
      (target, weight) = (.embedding(table), table.weight)
    case (let convolution as Conv1d, .convolution):
      guard convolution.dilation == 1, convolution.paddingMode == .zeros else {
        throw misfit("is for a convolution that is dilated, or does not pad with zeros")
      }
      try Self.check(layer, convolution)
      (target, weight) = (.line(convolution), convolution.weight)
    case (let convolution as Conv2d, .convolution):
      guard convolution.dilation == (1, 1), convolution.paddingMode == .zeros else {
        throw misfit("is for a convolution that is dilated, or does not pad with zeros")
      }
      try Self.check(layer, convolution)
      (target, weight) = (.plane(convolution), convolution.weight)
    default:
      throw misfit("is for \(layer.path), which is of the class \(module.typeName) in the model")
    }
    guard LoRALayer.canChange(weight.dtype) else {
      throw misfit("is for a weight of type \(weight.dtype), beside which no adapter can be")
    }
    (self.layer, self.dropout) = (layer, dropout)
    type = LoRALayer.computeType(for: weight.dtype)
  }

  /// A is a convolution of all channels, whatever the groups of the layer are; B is in these groups.
  private static func check(
    _ layer: LoRALayer, _ convolution: ConvolutionLayer
  ) throws(LoRALayer.Misfit) {
    let (shape, groups) = (convolution.weight.shape, convolution.groups)
    let window = Array(shape.dimensions.dropFirst(2))
    guard layer.a.shape == Shape([layer.rank, shape[1] * groups] + window),
      layer.b.shape[0] == shape[0], layer.b.shape[1] * groups == layer.rank
    else {
      throw LoRALayer.Misfit(
        reason: "does not fit \(layer.weightKey) of the model, of \(shape) in \(groups) groups")
    }
  }

  /// The outputs with what the adapter adds, in their type.
  func run(_ module: Module, _ inputs: [Tensor], _ outputs: [Tensor]) -> [Tensor]? {
    guard let input = inputs.first, let output = outputs.first, outputs.count == 1 else {
      return nil
    }
    let added = product(of: input, isTraining: module.isTraining) * layer.scaling
    return [(output + added).to(output.dtype)]
  }

  /// B · A · input, computed in the type of the adapter.
  private func product(of input: Tensor, isTraining: Bool) -> Tensor {
    let (a, b) = (layer.a.to(type), layer.b.to(type))
    // PEFT drops nothing of what is looked up.
    if case .embedding(let table) = target {
      return input.embedding(a.transposed(), paddingIndex: table.paddingIndex).matmul(
        b.transposed())
    }
    let input = input.to(type).dropout(dropout, training: isTraining)
    switch target {
    case .embedding, .linear: return input.linear(a).linear(b)
    case .line(let convolution):
      return convolution.convolve(input, a, nil, dilation: 1, groups: 1)
        .conv1d(b, groups: convolution.groups)
    case .plane(let convolution):
      return convolution.convolve(input, a, nil, dilation: (1, 1), groups: 1)
        .conv2d(b, groups: convolution.groups)
    }
  }
}
