/// The names that PyTorch gives to the nodes of its graph, as `grad_fn` shows them.
enum GradientName {
  /// Those that do not follow from the name of the operation here.
  private static let names: [String: String] = [
    "batchNorm": "NativeBatchNormBackward0",
    "binaryCrossEntropy": "BinaryCrossEntropyBackward0",
    "cdist": "CdistBackward0",
    "cholesky": "LinalgCholeskyExBackward0",
    "conv2d": "ConvolutionBackward0",
    "copy": "CopyBackwards",
    "CopySlices": "CopySlices",
    "det": "LinalgDetBackward0",
    "inverse": "LinalgInvExBackward0",
    "kthvalue": "KthvalueBackward0",
    "layerNorm": "NativeLayerNormBackward0",
    "logSumExp": "LogsumexpBackward0",
    "max": "MaxBackward1",
    "maxPool2d": "MaxPool2DWithIndicesBackward0",
    "avgPool2d": "AvgPool2DBackward0",
    "adaptiveAvgPool2d": "AdaptiveAvgPool2DBackward0",
    "adaptiveMaxPool2d": "AdaptiveMaxPool2DBackward0",
    "min": "MinBackward1",
    "nanToNum": "NanToNumBackward0",
    "norm": "LinalgVectorNormBackward0",
    "prelu": "PreluKernelBackward0",
    "reshape": "ViewBackward0",
    "rsub": "RsubBackward1",
    "standardDeviation": "StdBackward0",
    "to": "ToCopyBackward0",
    "variance": "VarBackward0",
    "square": "PowBackward0",
  ]

  /// The name of a node.
  static func of(_ node: Node) -> String {
    let name = "\(node.name)"
    if name.last?.isNumber == true, name.contains("Backward") { return name }
    if let known = names[name] { return known }
    switch name {
    case "matmul": return node.shape.rank > 2 ? "BmmBackward0" : "MmBackward0"
    case "linear": return node.operandCount > 2 ? "AddmmBackward0" : "MmBackward0"
    default: break
    }
    // PyTorch numbers the variants of an operation: with tensors, and with numbers.
    let isOfTensors = node.operandCount > 1
    let number = (name == "pow" && isOfTensors) || (name == "clamp" && !isOfTensors) ? 1 : 0
    return name.prefix(1).uppercased() + name.dropFirst() + "Backward\(number)"
  }
}
