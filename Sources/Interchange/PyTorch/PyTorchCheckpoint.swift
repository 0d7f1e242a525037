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

  /// The name in the metadata under which the structure of the file is kept.
  ///
  /// It is there when the file was more than a plain state dict, and holds what a writer needs to
  /// make the same structure again:
  /// - `layout`: `checkpoint` for a training checkpoint, `module` for a whole pickled module,
  ///   `networks` for several state dicts, `tensors` for bare tensors, `optimizer` for the state of
  ///   an optimizer alone, `state_dict` otherwise;
  /// - `model_key`: under which key of the checkpoint the model was;
  /// - `optimizer_key`: under which key its optimizer was, and `optimizer_in_list` if in a list;
  /// - `param_names`: true if the optimizer's groups have the names of their parameters, or the
  ///   names if they are not the keys of the state dict;
  /// - `optimizer_extra`: what the optimizer had beside its state and groups;
  /// - `networks`: the names that were put before the keys of several nested state dicts;
  /// - `dictionaries`: such names of other dictionaries of tensors, nested within them;
  /// - `module_type`: the class of a whole pickled module;
  /// - `sequence`: `list` or `tuple` if bare tensors were in one;
  /// - `keys`: the keys of a training checkpoint, in order;
  /// - `parameter_objects`: true if all parameters were `Parameter` objects, or the keys of those
  ///   that were, and `frozen`: the keys of those that require no gradient;
  /// - `extra_state`: entries of the state dict that are no tensors, by their keys.
  ///
  /// Who changes a checkpoint need not change this: what does not fit any more is passed over.
  public static let structureKey = "ballast.pytorch"
}
