import Arrays
import OrderedCollections
import States

/// Everything that a checkpoint holds, item by item: the one place that says what a comparison, a
/// manifest and a count of tensors cover.
///
/// Tensors are items wherever they are: in the model, in the optimizer's state, or within a value of
/// the metadata, such as a second model or a second optimizer. Everything else is a value.
package struct CheckpointContents {
  /// The part of a checkpoint that a value belongs to.
  package enum Section: Hashable, Sendable {
    case optimizer
    case metadata
    case moduleVersions
    case architecture
    /// What the user saved in a place for which only this format has a word.
    case origin(format: String)
    /// What reading made plainer than it was: the class of a dictionary, the type of a key.
    case reading
    /// How a file of this format is put together. What has none was not read from such a file.
    case form(format: String)
    /// The classes of the containers in a file of this format.
    case containers(format: String)
  }

  /// A value with all that is in it but the tensors, which are items of their own.
  package struct Item: Sendable {
    package let section: Section
    /// What it is called within its section; empty if it is all of it.
    package let label: String
    package let value: Value

    /// What it is called in a manifest.
    package var name: String {
      switch section {
      case .optimizer: label.isEmpty ? "optimizer" : "optimizer \(label)"
      case .metadata: "metadata: \(label)"
      case .moduleVersions: "versions of modules" + label
      case .architecture: "description of the model" + label
      case .origin(let format): CheckpointContents.userName("\(format): \(label)")
      case .reading: "class or key: \(label)"
      case .form(let format): CheckpointContents.formPrefix + format + label
      case .containers(let format):
        "\(CheckpointContents.formPrefix)\(format): containers\(label)"
      }
    }
  }

  /// The tensors: those of the model, of the optimizer's state, and within values.
  package private(set) var tensors: [Checkpoint.NamedTensor] = []
  /// The values.
  package private(set) var values: [Item] = []

  /// How many values there are, but for how files are put together: each number and text in a list or
  /// dictionary for itself.
  package var userValueCount: Int {
    values.reduce(0) { $0 + ($1.section.isForm ? 0 : $1.value.leafCount) }
  }

  private var names: Set<String> = []

  /// What the names of items begin with that only files of one format have.
  package static let formPrefix = "put together as "

  /// The name of something that is the user's, which no manifest may take for such an item.
  private static func userName(_ name: String) -> String {
    name.hasPrefix(formPrefix) ? "the user's " + name : name
  }

  /// - Parameter checkpoint: Its `losses` count as far as they say all of what they tell:
  ///   `ConversionLoss.saysAll`.
  package init(_ checkpoint: Checkpoint) {
    for (key, entry) in checkpoint.state.entries { add(entry.array, key, entry.role) }
    if let optimizer = checkpoint.optimizer { add(optimizer) }
    for (name, value) in checkpoint.metadata { add(value, .metadata, name) }
    for format in checkpoint.origin.formats {
      for name in Origin.namesOfTheUsers {
        guard let value = checkpoint.origin[format]?[name] else { continue }
        add(value, .origin(format: format), name)
      }
    }
    if !checkpoint.state.moduleVersions.isEmpty {
      let versions = checkpoint.state.moduleVersions.map {
        (Value.Key.string($0.key), Value.int($0.value))
      }
      add(.dict(OrderedDictionary(uniqueKeysWithValues: versions)), .moduleVersions, "")
    }
    if let architecture = checkpoint.architecture { add(architecture, .architecture, "") }
    var plainer: OrderedDictionary<String, [Value]> = [:]
    for loss in checkpoint.losses where loss.saysAll {
      plainer[loss.subject ?? "the file", default: []].append(.string(loss.detail))
    }
    for (place, details) in plainer { add(.list(details), .reading, place) }
    if let form = checkpoint.form { add(form, checkpoint.origin) }
  }

  private mutating func add(_ form: FileForm, _ origin: Origin) {
    for format in origin.formats {
      guard var members = origin[format]?.dictionary else { continue }
      for name in Origin.namesOfTheUsers { members[.string(name)] = nil }
      add(.dict(members), .form(format: format), "")
    }
    guard !form.containers.isEmpty else { return }
    // So that one that is put together plainly differs from one that is not.
    if origin[form.format] == nil { add(.dict([:]), .form(format: form.format), "") }
    let containers = form.containers.map { (Value.Key.string($0.key), Value.string($0.value)) }
    add(
      .dict(OrderedDictionary(uniqueKeysWithValues: containers)), .containers(format: form.format),
      "")
  }

  private mutating func add(_ optimizer: OptimizerState) {
    // Before the values, so that a manifest has them in the order of the state.
    for (parameter, slots) in optimizer.state {
      for (slot, value) in slots {
        guard let array = value.tensor else { continue }
        add(array, "optimizer state of \(parameter): \(slot)", nil, owner: "optimizer")
      }
    }
    add(
      [
        "type": optimizer.type.map { .string($0) } ?? .none,
        "naming": .string(optimizer.naming.rawValue), "groups": .int(optimizer.groups.count),
      ], .optimizer, "")
    for (number, group) in optimizer.groups.enumerated() {
      for (name, option) in group.options {
        add(option, .optimizer, "group \(number): \(name)")
      }
      add(.list(group.parameters.map(Value.string)), .optimizer, "group \(number): params")
    }
    for (parameter, slots) in optimizer.state {
      if slots.isEmpty { add(.dict([:]), .optimizer, "state of \(parameter)") }
      for (slot, value) in slots where value.tensor == nil {
        add(value, .optimizer, "state of \(parameter): \(slot)")
      }
    }
  }

  private mutating func add(_ value: Value, _ section: Section, _ label: String) {
    var label = label
    while names.contains(Item(section: section, label: label, value: .none).name) { label += "'" }
    let item = Item(section: section, label: label, value: value)
    if value.tensor == nil {
      names.insert(item.name)
      values.append(item)
    }
    value.forEachTensor { array, path in add(array, item.name + path, nil, owner: item.name) }
  }

  private mutating func add(
    _ array: NDArray, _ name: String, _ role: StateDict.Role?, owner: String? = nil
  ) {
    var name = owner == nil ? Self.userName(name) : name
    // A key of the model may look like the name of something else.
    while !names.insert(name).inserted { name += "'" }
    tensors.append(Checkpoint.NamedTensor(name: name, array: array, role: role, owner: owner))
  }
}

extension CheckpointContents.Section {
  /// What a comparison calls it.
  package var differenceName: String {
    switch self {
    case .optimizer: "the optimizer"
    case .metadata: "the metadata"
    case .moduleVersions: "the versions of modules"
    case .architecture: "the description of the model"
    case .origin(let format): "what \(format) has beside"
    case .reading: "the types of containers and keys"
    case .form, .containers: "how the files are put together"
    }
  }

  /// Whether it says how files of one format are put together, which those of others do not say.
  package var isForm: Bool {
    switch self {
    case .form, .containers: true
    case .optimizer, .metadata, .moduleVersions, .architecture, .origin, .reading: false
    }
  }
}

extension ConversionLoss {
  /// Whether it tells of something that a comparison cannot see: it is in neither checkpoint.
  package var hidesContent: Bool {
    !saysAll && !kind.isGuess && kind != .originDropped && kind != .hyperparameterMissing
  }
}

extension Origin {
  /// The names of the formats that keep something.
  package var formats: [String] { Array(entries.keys) }

  /// The names under which a format keeps what its user saved, and not how the file is put together:
  /// what a state dict has beside its tensors, and an optimizer beside its state and groups.
  package static let namesOfTheUsers = ["extra_state", "optimizer_extra"]
}

extension Value {
  /// Calls `body` with each tensor within, and where it is, as in `.ema["a.b"][0]`.
  package func forEachTensor(_ body: (NDArray, String) -> Void) { visit("", body) { _, _ in } }

  /// Calls `leaf` with each value that has no others within, and is no tensor.
  package func forEachLeaf(_ leaf: (Value, String) -> Void) { visit("", { _, _ in }, leaf) }

  private func visit(
    _ path: String, _ tensor: (NDArray, String) -> Void, _ leaf: (Value, String) -> Void
  ) {
    switch self {
    case .tensor(let array): tensor(array, path)
    case .list(let elements), .tuple(let elements):
      if elements.isEmpty { leaf(self, path) }
      for (index, element) in elements.enumerated() {
        element.visit("\(path)[\(index)]", tensor, leaf)
      }
    case .dict(let members):
      if members.isEmpty { leaf(self, path) }
      for (key, member) in members { member.visit(path + key.pathText, tensor, leaf) }
    case .object(_, let state): state.visit(path, tensor, leaf)
    case .model, .optimizer: content?.visit(path, tensor, leaf)
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes: leaf(self, path)
    }
  }
}

extension Value.Key {
  /// The key as the part of a path: `.name`, `[1]`, and in quotation marks what could be taken for
  /// something else.
  package var pathText: String {
    guard case .string(let text) = self else { return "[\(literal)]" }
    let isPlain =
      !text.isEmpty && text.utf8.allSatisfy { !Self.special.contains($0) && $0 > 32 }
    return isPlain ? ".\(text)" : "[\(literal)]"
  }

  private static let special = Set(".[]\"'\\".utf8)

  private var literal: String {
    switch self {
    case .string(let text): Value.string(text).json()
    case .int(let number): "\(number)"
    case .float(let number): "\(number)"
    case .bool(let truth): truth ? "True" : "False"
    case .none: "None"
    case .tuple(let keys): "(" + keys.map(\.literal).joined(separator: ", ") + ")"
    }
  }
}
