import Arrays
import OrderedCollections

/// The named tensors of a model, in order: what `torch.nn.Module.state_dict()` gives.
///
/// A state dict is a value and may cross threads. It shares storage with the model that it came
/// from until either is written, so it stays as it was when it was taken.
///
/// Two keys whose arrays are the same elements of the same storage are *tied*; two keys whose
/// arrays share a storage otherwise are *views*. Both survive being saved and loaded.
public struct StateDict: Sendable {
  /// What a tensor is to the module that has it.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Learned: it has a gradient, and an optimizer changes it.
    case parameter
    /// Kept and moved with the module, but not learned, such as running statistics.
    case buffer
  }

  /// A tensor and what is known of it.
  public struct Entry: Sendable {
    /// The values.
    public var array: NDArray
    /// Parameter or buffer; nil if the source does not say, as in a plain PyTorch state dict.
    public var role: Role?

    /// A tensor of this role.
    public init(_ array: NDArray, role: Role? = nil) {
      self.array = array
      self.role = role
    }
  }

  /// The tensors by key, in the order of the model.
  public var entries: OrderedDictionary<String, Entry>

  /// The version of each module's class, by the module's path; the root's path is empty.
  ///
  /// PyTorch keeps it in the attribute `_metadata` of a state dict. It tells, for instance, that
  /// a `BatchNorm2d` of version 2 has `num_batches_tracked`.
  public var moduleVersions: OrderedDictionary<String, Int>

  /// A state dict of these tensors.
  public init(
    entries: OrderedDictionary<String, Entry>,
    moduleVersions: OrderedDictionary<String, Int> = [:]
  ) {
    self.entries = entries
    self.moduleVersions = moduleVersions
  }

  /// A state dict without tensors.
  public init() { self.init(entries: [:]) }

  /// The keys in order.
  public var keys: OrderedSet<String> { entries.keys }

  /// The number of tensors, each name counted.
  public var count: Int { entries.count }

  /// Whether there is no tensor.
  public var isEmpty: Bool { entries.isEmpty }

  /// The tensor of a key. Setting one keeps the role that the key has.
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

  /// The keys of one role, in order.
  public func keys(of role: Role) -> [String] {
    entries.filter { $0.value.role == role }.map(\.key)
  }
}

extension StateDict: ExpressibleByDictionaryLiteral {
  /// A state dict of these tensors, whose roles are not known.
  ///
  /// - Precondition: No key is given twice.
  public init(dictionaryLiteral elements: (String, NDArray)...) {
    self.init(
      entries: OrderedDictionary(
        uniqueKeysWithValues: elements.map { ($0, Entry($1)) }))
  }
}
