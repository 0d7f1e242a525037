import Arrays
import OrderedCollections

/// The named tensors of a model, in order. Equivalent to what `torch.nn.Module.state_dict` returns.
///
/// A state dict is a value and may cross threads. It shares storage with the model it was taken
/// from until either is written, so it remains a snapshot; PyTorch's changes with the model.
///
/// Two keys whose arrays are the same elements of the same storage are *tied*; two keys whose
/// arrays share a storage in any other way are *views*. Both survive saving and loading.
///
/// ```swift
/// var state: StateDict = ["weight": NDArray([1, 2] as [Float]), "bias": NDArray([0] as [Float])]
/// state["bias"] = nil
/// state.keys                                   // ["weight"]
/// ```
public struct StateDict: Sendable {
  /// The part that a tensor plays in its module.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Learned: it has a gradient, and an optimizer changes it.
    case parameter
    /// Saved and moved with the module but not learned, such as running statistics.
    case buffer
  }

  /// A tensor and what is known about it.
  public struct Entry: Sendable {
    /// The values.
    public var array: NDArray
    /// Parameter or buffer; nil if the source does not say, as in a plain PyTorch state dict.
    public var role: Role?

    /// An entry.
    ///
    /// - Parameters:
    ///   - array: The values.
    ///   - role: Parameter or buffer; nil if unknown.
    public init(_ array: NDArray, role: Role? = nil) {
      self.array = array
      self.role = role
    }
  }

  /// The tensors by key, in the order of the model.
  public var entries: OrderedDictionary<String, Entry>

  /// The version of each module's class, by the path of the module; the root's path is empty.
  ///
  /// PyTorch keeps it in the attribute `_metadata` of a state dict. It says, for instance, that a
  /// `BatchNorm2d` of version 2 has `num_batches_tracked`.
  public var moduleVersions: OrderedDictionary<String, Int>

  /// A state dict with the given entries.
  ///
  /// - Parameters:
  ///   - entries: The tensors by key, in order.
  ///   - moduleVersions: The version of each module's class, by the path of the module.
  public init(
    entries: OrderedDictionary<String, Entry>,
    moduleVersions: OrderedDictionary<String, Int> = [:]
  ) {
    self.entries = entries
    self.moduleVersions = moduleVersions
  }

  /// An empty state dict.
  public init() { self.init(entries: [:]) }

  /// The keys in order.
  public var keys: OrderedSet<String> { entries.keys }

  /// The tensor of a key, nil if there is none.
  ///
  /// Assigning a tensor keeps the role of an existing key; a new key is added at the end with no
  /// role. Assigning nil removes the key.
  public subscript(key: String) -> NDArray? {
    get { entries[key]?.array }
    set {
      if let newValue {
        entries[key, default: Entry(newValue)].array = newValue
      } else {
        entries[key] = nil
      }
    }
  }

  /// The keys with the given role, in order.
  ///
  /// - Parameter role: The role. Entries whose role is nil have none.
  public func keys(of role: Role) -> [String] {
    entries.filter { $0.value.role == role }.map(\.key)
  }
}

extension StateDict: ExpressibleByDictionaryLiteral {
  /// A state dict whose roles are unknown, in the order written.
  ///
  /// - Precondition: No key occurs twice.
  public init(dictionaryLiteral elements: (String, NDArray)...) {
    self.init(
      entries: OrderedDictionary(
        uniqueKeysWithValues: elements.map { ($0, Entry($1)) }))
  }
}
