extension TwinCall {
  /// A product with a matrix.
  mutating func linear() throws(Missing) -> TwinValue {
    let shape = try shape(of: "weight", rank: 2)
    let value = try input.inKerasAxes(order(of: "weight", axis: 0))
    guard value.rank > 0 else { throw missing("its input is a number") }
    let module = try define(
      "nn.Linear(\(shape[1]), \(shape[0])\(has("bias") ? "" : ", bias=False"))",
      tensors: has("bias") ? ["weight", "bias"] : ["weight"])
    return try activated(
      TwinValue(
        "\(module)(\(value.code))", value.shape.dropLast() + [shape[0]],
        features: order(of: "weight", axis: 1)))
  }

  /// Rows by their numbers.
  mutating func embedding() throws(Missing) -> TwinValue {
    let shape = try shape(of: "weight", rank: 2)
    let value = try input.inKerasAxes()
    let module = try define("nn.Embedding(\(shape[0]), \(shape[1]))", tensors: ["weight"])
    var result = TwinValue("\(module)(\(value.code).long())", value.shape + [shape[1]])
    result.isMasked = layer.flag("mask_zero", default: false)
    return result
  }
}
