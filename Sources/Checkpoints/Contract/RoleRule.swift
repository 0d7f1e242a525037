import Arrays

/// What decided whether a tensor is a parameter or a buffer.
///
/// The cases are in order, the surest first. The last two are guesses: see
/// ``ReadResult/losses(for:)``.
public enum RoleRule: String, Sendable, Hashable, CaseIterable {
  /// The file says so: it holds `Parameter` objects or the whole module.
  case parameterObject = "parameter_object"
  /// Ballast wrote the file, and beside the tensors what they are.
  case outline
  /// A model, or a file that says it, was given as a reference: see
  /// ``ReadResult/takeRoles(from:)``.
  case reference
  /// The optimizer's list of parameters, matched by order and shape, has it or leaves it out.
  case optimizer
  /// Its type (integers and booleans are not learned), or the last part of its key is a name that
  /// only buffers have, such as `running_mean`.
  case dtypeOrName = "dtype_or_name"
  /// Nothing indicates a buffer, so it is taken as a parameter.
  case `default`

  /// The rule in words that follow "by" in a report: `the optimizer's list of parameters`.
  public var explanation: String {
    switch self {
    case .parameterObject: "the Parameter objects in the file, or the code of its program"
    case .outline: "what Ballast wrote beside the tensors"
    case .reference: "the model or file given"
    case .optimizer: "the optimizer's list of parameters"
    case .dtypeOrName: "type or name"
    case .default: "default, as parameters"
    }
  }
}

extension RoleRule {
  /// Names that modules of PyTorch and of the libraries around it give to buffers only.
  private static let bufferNames: Set<String> = [
    "running_mean", "running_var", "num_batches_tracked", "position_ids", "token_type_ids",
    "inv_freq", "original_inv_freq", "masked_bias", "relative_position_index",
    "relative_coords_table", "attn_mask", "causal_mask", "pixel_mean", "pixel_std", "cos_cached",
    "sin_cached", "_float_tensor",
  ]

  /// Whether a tensor is a buffer by its type, or a name that only buffers have.
  package static func isBufferByTypeOrName(_ key: String, _ dtype: DType) -> Bool {
    if dtype.isIntegral { return true }
    return bufferNames.contains(key.split(separator: ".").last.map(String.init) ?? "")
  }
}
