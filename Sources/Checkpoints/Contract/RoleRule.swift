import Arrays
import States

/// What decided whether a tensor is a parameter or a buffer.
///
/// The cases are in order, the surest first. The last three are guesses: see
/// ``ReadResult/losses(for:)``.
public enum RoleRule: String, Sendable, Hashable, CaseIterable {
  /// The file says so: it holds `Parameter` objects or the whole module.
  case parameterObject = "parameter_object"
  /// Ballast wrote the file, and beside the tensors what they are.
  case outline
  /// A model, or a file that says it, was given as a reference: see
  /// ``ReadResult/takeRoles(from:)``.
  case reference
  /// The optimizer's list of parameters has it, by name.
  case optimizer
  /// Its type (integers and booleans are not learned), or the last part of its key is a name that
  /// only buffers have, such as `running_mean`.
  case dtypeOrName = "dtype_or_name"
  /// The optimizer, if it has the parameters in the order of the model, leaves it out: it is taken as a
  /// buffer.
  case optimizerOmission = "optimizer_omission"
  /// Nothing indicates a buffer, so it is taken as a parameter.
  case `default`

  /// Whether nothing says that it is so.
  package var isGuess: Bool { guess(nil) != nil }

  /// Why a tensor was taken as a parameter or a buffer, as a clause; nil where that is no guess.
  package func guess(_ role: StateDict.Role?) -> String? {
    let kind = role?.rawValue ?? "tensor"
    return switch self {
    case .parameterObject, .outline, .reference, .optimizer: nil
    case .dtypeOrName: "taken as a \(kind) for its type or its name"
    case .optimizerOmission: "taken as a \(kind), since the optimizer leaves it out"
    case .default: "nothing says what it is; taken as a \(kind)"
    }
  }

  /// The rule in words that follow "by" in a report: `the optimizer's list of parameters`.
  public var explanation: String {
    switch self {
    case .parameterObject: "the Parameter objects in the file, or the code of its program"
    case .outline: "what Ballast wrote beside the tensors"
    case .reference: "the model or file given"
    case .optimizer: "the optimizer's list of parameters"
    case .dtypeOrName: "type or name"
    case .optimizerOmission: "being left out of the optimizer's list"
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
  ///
  /// Pruning keeps a weight as `weight_orig` with a `weight_mask`; spectral normalisation keeps one as
  /// `weight_orig` with `weight_u` and `weight_v`, or as `parametrizations.weight.original` with `_u`
  /// and `_v`. A `weight_v` beside a `weight_g` is a parameter of weight normalisation.
  ///
  /// - Parameter hasKey: Whether the model has a tensor of a key.
  package static func isBufferByTypeOrName(
    _ key: String, _ dtype: DType, among hasKey: (String) -> Bool
  ) -> Bool {
    if dtype.isIntegral { return true }
    let point = key.utf8.lastIndex(of: UInt8(ascii: "."))
    let name = point.map { key[key.utf8.index(after: $0)...] } ?? key[...]
    if bufferNames.contains(String(name)) { return true }
    if name == "_u" || name == "_v" { return key.contains("parametrizations.") }
    guard let suffix = ["_mask", "_u", "_v"].first(where: name.hasSuffix) else { return false }
    let weight = key.dropLast(suffix.count)
    return hasKey(weight + "_orig") && (suffix != "_v" || hasKey(weight + "_u"))
  }
}
