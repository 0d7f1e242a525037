import Arrays
import OrderedCollections

/// The state of an optimizer: what it keeps for each parameter, and the options of each group.
///
/// PyTorch numbers the parameters across the groups. Ballast names them, so that state reaches the
/// parameter it belongs to in whatever order it was saved. Where a source has only numbers that
/// cannot be matched to names, ``naming`` is ``Naming/positions`` and the names are the numbers.
///
/// Equivalent to what `torch.optim.Optimizer.state_dict` returns: ``state`` to its `state`,
/// ``groups`` to its `param_groups`.
///
/// ```swift
/// let saved = optimizer.stateDict()
/// saved.state["fc.weight"]?["exp_avg"]?.tensor       // Adam's average of gradients
/// saved.groups[0].options["lr"]?.doubleValue
/// ```
public struct OptimizerState: Sendable {
  /// How parameters are identified.
  public enum Naming: String, Sendable {
    /// By their keys in the state dict, such as `conv1.weight`.
    case keys
    /// By their numbers, "0", "1", …, counted across the groups in order.
    case positions
  }

  /// Parameters that share options. Equivalent to an entry of PyTorch's `param_groups`.
  public struct Group: Sendable {
    /// The options, by PyTorch's names and in its order: `lr`, `betas`, `eps`, `weight_decay`, …
    public var options: OrderedDictionary<String, Value>
    /// The names of the group's parameters, in order.
    public var parameters: [String]

    /// A group.
    ///
    /// - Parameters:
    ///   - options: The options by PyTorch's names.
    ///   - parameters: The names of the parameters, in order.
    public init(options: OrderedDictionary<String, Value>, parameters: [String]) {
      self.options = options
      self.parameters = parameters
    }
  }

  /// What the optimizer keeps for one parameter, by PyTorch's names: `step`, `exp_avg`, …
  ///
  /// Usually tensors, of the parameter's shape or scalars. Older versions of PyTorch wrote `step`
  /// as a plain integer.
  public typealias Slots = OrderedDictionary<String, Value>

  /// The class of the optimizer, such as `Adam`, if known. PyTorch's files do not say.
  public var type: String?
  /// How ``state`` and ``groups`` identify parameters.
  public var naming: Naming
  /// What is kept for each parameter, by its name. Parameters that never had a gradient
  /// are absent, except in Adagrad's.
  public var state: OrderedDictionary<String, Slots>
  /// The groups in order.
  public var groups: [Group]

  /// A state.
  ///
  /// - Parameters:
  ///   - type: The class of the optimizer, if known.
  ///   - naming: How `state` and `groups` identify parameters.
  ///   - state: What is kept for each parameter, by its name.
  ///   - groups: The groups in order.
  public init(
    type: String? = nil, naming: Naming = .keys, state: OrderedDictionary<String, Slots> = [:],
    groups: [Group] = []
  ) {
    self.type = type
    self.naming = naming
    self.state = state
    self.groups = groups
  }

  /// The same with other names for parameters; those that have none keep theirs. Nil if two would have
  /// one name.
  package func renamingParameters(_ names: [String: String]) -> OptimizerState? {
    var renamed = self
    renamed.state = OrderedDictionary(
      state.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    for index in groups.indices {
      renamed.groups[index].parameters = groups[index].parameters.map { names[$0] ?? $0 }
    }
    let parameters = renamed.groups.flatMap(\.parameters)
    guard renamed.state.count == state.count, Set(parameters).count == parameters.count else {
      return nil
    }
    return renamed
  }

  /// The number of tensors in the state of all parameters.
  public var tensorCount: Int {
    state.values.reduce(0) { $0 + $1.values.count { $0.tensor != nil } }
  }
}
