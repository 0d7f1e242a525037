import Arrays
import OrderedCollections
import States

/// A checkpoint read from a PyTorch file, and how it was understood.
public struct PyTorchCheckpoint: Sendable {
  /// What was read.
  public var checkpoint: Checkpoint
  /// By which rule each tensor of the model was found to be a parameter or a buffer.
  public var roleRules: OrderedDictionary<String, RoleRule>
  /// What was not carried over, or was understood in a way worth knowing, a sentence each.
  public var notes: [String]

  /// How many tensors each rule decided, the surest rule first.
  public var roleCounts: [(rule: RoleRule, count: Int)] {
    RoleRule.allCases.map { rule in (rule, roleRules.values.count { $0 == rule }) }
      .filter { $0.count > 0 }
  }

  /// Takes the roles that a model or another file knows, in place of those that were guessed.
  ///
  /// What the file itself says of a tensor stays.
  ///
  /// - Returns: The keys of this checkpoint that `reference` has no role for.
  @discardableResult
  public mutating func assignRoles(from reference: StateDict) -> [String] {
    let own = checkpoint.state
    let assigned = checkpoint.state.assignRoles(from: reference)
    for key in assigned {
      if roleRules[key] == .parameterObject {
        checkpoint.state.entries[key]?.role = own.entries[key]?.role
      } else {
        roleRules[key] = .reference
      }
    }
    let known = Set(assigned)
    return own.keys.filter { !known.contains($0) }
  }

  /// The name in the metadata under which the structure of the file is kept.
  ///
  /// It is there when the file was more than a plain state dict, and holds what a writer needs to
  /// make the same structure again:
  /// - `layout`: `checkpoint` for a training checkpoint, `module` for a whole pickled module,
  ///   `networks` for several state dicts, `tensors` for bare tensors, `optimizer` for the state of
  ///   an optimizer alone, `state_dict` otherwise;
  /// - `model_key`: under which key of the checkpoint the model was;
  /// - `optimizer_key`: under which key its optimizer was;
  /// - `networks`: the names that were put before the keys of several nested state dicts;
  /// - `module_type`: the class of a whole pickled module;
  /// - `extra_state`: entries of the state dict that are no tensors, by their keys.
  public static let structureKey = "ballast.pytorch"
}

/// What decided whether a tensor is a parameter or a buffer.
public enum RoleRule: String, Sendable, Hashable, CaseIterable {
  /// The file says so: it holds `Parameter` objects or the whole module.
  case parameterObject = "parameter_object"
  /// A model, or a file that knows, was given to tell it.
  case reference
  /// The optimizer's list of parameters, matched by order and shape, has it or leaves it out.
  case optimizer
  /// Its type (integers and booleans are not learned), or a name that only buffers have.
  case dtypeOrName = "dtype_or_name"
  /// Nothing speaks for a buffer, so it is taken as a parameter.
  case `default`

  /// The rule in a sentence that begins "told by".
  public var explanation: String {
    switch self {
    case .parameterObject: "the Parameter objects in the file"
    case .reference: "the model or file given"
    case .optimizer: "the optimizer's list of parameters"
    case .dtypeOrName: "type or name"
    case .default: "default, as parameters"
    }
  }
}
