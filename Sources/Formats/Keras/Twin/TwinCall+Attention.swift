import States

extension TwinCall {
  /// Attention with several heads.
  mutating func attention() throws(Missing) -> TwinValue {
    var given = inputs
    for name in ["value", "key"] where named[name] != nil {
      guard let value = named[name] else { continue }
      given.append(value)
    }
    let known: Set = ["query", "value", "key"]
    if let query = named["query"] { given.insert(query, at: 0) }
    guard named.keys.allSatisfy(known.contains), (2...3).contains(given.count),
      !given.contains(where: \.isMasked)
    else { throw missing("it is given masks, or what PyTorch's is not") }
    let single = has("in_proj_weight")
    let order = order(of: single ? "in_proj_weight" : "q_proj_weight", axis: 0)
    let values = given.map { $0.inKerasAxes(order) }
    guard values.allSatisfy({ $0.rank == 2 }),
      let heads = layer.length("num_heads"), heads > 0
    else { throw missing("its inputs are no sequences") }
    let output = try shape(of: "out_proj.weight", rank: 2)
    let embedded = output[1]
    guard output[0] == embedded, embedded.isMultiple(of: heads) else {
      throw missing("its outputs are of another size than its queries")
    }
    var arguments = "\(embedded), \(heads), batch_first=True"
    var tensors = single ? ["in_proj_weight"] : []
    if !single {
      tensors = ["q_proj_weight", "k_proj_weight", "v_proj_weight"]
      let sizes = try tensors.map { name throws(Missing) in try shape(of: name, rank: 2) }
      guard sizes[0] == [embedded, embedded] else {
        throw missing("its queries are of another size than its outputs")
      }
      arguments += ", kdim=\(sizes[1][1]), vdim=\(sizes[2][1])"
    }
    tensors.append("out_proj.weight")
    if has("in_proj_bias") {
      tensors += ["in_proj_bias", "out_proj.bias"]
    } else {
      arguments += ", bias=False"
    }
    if let rate = layer.config["dropout"]?.doubleValue, rate != 0 {
      guard (0..<1).contains(rate) else { throw missing("its dropout is no rate") }
      arguments += ", dropout=\(rate)"
    }
    let module = try define("nn.MultiheadAttention(\(arguments))", tensors: tensors)
    // Keras has the values before the keys, which are the same where no keys are given.
    let query = assigned(values[0])
    let value = assigned(values[1])
    let key = values.count > 2 ? assigned(values[2]) : value
    var options = ", need_weights=False"
    if flags.contains("use_causal_mask") {
      let lengths = "\(query.code).shape[1], \(key.code).shape[1]"
      let mask = "torch.ones(\(lengths), dtype=torch.bool, device=\(query.code).device).triu(1)"
      options += ", attn_mask=\(mask)"
    }
    return TwinValue(
      "\(module)(\(query.code), \(key.code), \(value.code)\(options))[0]",
      query.shape.dropLast() + [embedded])
  }
}
