import Arrays
import OrderedCollections

/// What an optimizer remembers: the state of each parameter and the options of each group.
///
/// PyTorch numbers parameters in order over the groups. Ballast names them, so that state reaches
/// the parameter that it belongs to whatever the order. Where a source gives only numbers and
/// they cannot be matched to names, ``naming`` says so and the names are the numbers.
public struct OptimizerState: Sendable {
  /// How the parameters are named.
  public enum Naming: String, Sendable {
    /// By their keys in the state dict.
    case keys
    /// By their numbers, "0", "1", …, in order over the groups.
    case positions
  }

  /// Parameters that share their options.
  public struct Group: Sendable {
    /// Options by PyTorch's names and in its order: `lr`, `betas`, `eps`, `weight_decay`, …
    public var options: OrderedDictionary<String, Value>
    /// The names of the group's parameters, in order.
    public var parameters: [String]

    /// A group of these parameters.
    public init(options: OrderedDictionary<String, Value>, parameters: [String]) {
      self.options = options
      self.parameters = parameters
    }
  }

  /// What the optimizer remembers of one parameter, by PyTorch's names: `step`, `exp_avg`, …
  ///
  /// Mostly tensors; older PyTorch wrote `step` as a plain integer.
  public typealias Slots = OrderedDictionary<String, Value>

  /// The optimizer's class, such as `Adam`, if known. PyTorch's files do not say.
  public var type: String?
  /// How the parameters are named.
  public var naming: Naming
  /// The state of each parameter that has had a gradient.
  public var state: OrderedDictionary<String, Slots>
  /// The groups in order.
  public var groups: [Group]

  /// The state of an optimizer.
  public init(
    type: String? = nil, naming: Naming = .keys, state: OrderedDictionary<String, Slots> = [:],
    groups: [Group] = []
  ) {
    self.type = type
    self.naming = naming
    self.state = state
    self.groups = groups
  }

  /// The number of tensors in the state of all parameters.
  public var tensorCount: Int {
    state.values.reduce(0) { $0 + $1.values.count { $0.tensor != nil } }
  }
}
