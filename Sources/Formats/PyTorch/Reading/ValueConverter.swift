import Arrays
import Checkpoints
import OrderedCollections
import States

/// Turns what a pickle holds into values.
///
/// In a pickle one list may be part of many others, so that a few bytes can stand for a tree of
/// any size: the number of values has a limit. A list may also hold itself, which no value can:
/// that part of it becomes `None`.
final class ValueConverter {
  private let storages: PyTorchStorages
  private let file: String
  private var remaining: Int
  private var path: Set<ObjectIdentifier> = []
  private var depth = 0
  /// Whether the value is within a configuration of OmegaConf.
  private var isInConfiguration = false
  /// What was left out, and what became of a plainer class.
  private(set) var losses: OrderedSet<ConversionLoss> = []

  /// The classes of dictionaries that a writer can make again, by their places.
  var classes: OrderedDictionary<String, String> { found.filter { !ambiguous.contains($0.key) } }
  private var found: OrderedDictionary<String, String> = [:]
  /// Places that several dictionaries have.
  private var ambiguous: Set<String> = []
  /// Whether the values are those whose classes a writer makes again.
  var keepsClasses = false
  /// The places of all dictionaries: two may have the same, as those of keys with points.
  private var places: Set<String> = []

  /// The names of the calls that are kept as their names and arguments.
  private(set) var keptCalls: Set<String> = []

  /// What of the values is a model or an optimizer; nil where none is looked for.
  var parts: FurtherParts?

  private static let maximumDepth = Checkpoint.maximumNesting

  /// - Parameter budget: The maximum number of values that are made.
  init(storages: PyTorchStorages, budget: Int) {
    self.storages = storages
    file = storages.file.path
    remaining = budget
  }

  /// One for what is in an object, which may make as many values as its pickles warrant.
  convenience init(_ object: PickleObject) {
    self.init(
      storages: object.storages,
      budget: Self.freeValues + Self.valuesPerByte * min(object.pickleByteCount, 1 << 40))
  }

  private static let freeValues = 100_000
  private static let valuesPerByte = 4

  /// The value.
  ///
  /// - Parameter place: What it is called in losses.
  func convert(_ value: PickleValue, place: String) throws(CheckpointError) -> Value {
    try self.value(value, place)
  }

  /// Takes what was lost with a part.
  func lose(_ losses: [ConversionLoss]) { self.losses.append(contentsOf: losses) }

  private func lose(_ kind: ConversionLoss.Kind, _ place: String, _ detail: String) {
    losses.append(ConversionLoss(kind, place, detail))
  }

  /// Counts values that are made without this.
  func charge(_ count: Int, _ place: String) throws(CheckpointError) {
    remaining -= count
    guard remaining >= 0 else {
      throw CheckpointError(
        .refused, file: file, place: place,
        reason: "it unpacks to far more values than its size warrants")
    }
  }

  private func value(_ value: PickleValue, _ place: String) throws(CheckpointError) -> Value {
    try charge(1, place)
    if let unread = value.unread {
      losses.append(unread.loss(at: place))
      return .none
    }
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .bigInt(let digits): return .bigInt(digits)
    case .float(let value): return .float(value)
    case .complex(let real, let imaginary): return .complex(real: real, imaginary: imaginary)
    case .string(let text): return .string(text)
    case .bytes(let bytes): return .bytes(bytes)
    case .global(let global):
      if case .dtype(let dtype) = global.meaning {
        return .object(type: "torch.dtype", state: .string(dtype.rawValue))
      }
      return .object(type: "global", state: .string(global.presentName))
    case .tensor(let tensor):
      losses.append(contentsOf: tensor.losses(at: place))
      if tensor.isParameter { lose(.classChanged, place, "a Parameter became a tensor") }
      return .tensor(try storages.array(tensor, place: place))
    case .storage(let storage):
      lose(.classChanged, place, "a storage became a tensor")
      return .tensor(try storages.array(storage, place: place))
    case .numpyType(let type):
      let isOrdered = type.dtype?.itemSize != 1 && !["V", "S", "O"].contains(type.code.first)
      let order = !isOrdered ? "|" : type.isBigEndian ? ">" : "<"
      guard let details = type.details else {
        return .object(type: "numpy.dtype", state: .string(order + type.code))
      }
      return .object(
        type: "numpy.dtype", state: [.string(order + type.code), try self.value(details, place)])
    case .numpyArray(let array):
      if let dtype = array.type?.dtype {
        lose(.classChanged, place, "an array of NumPy's became a tensor")
        return .tensor(try storages.array(array, dtype: dtype, place: place))
      }
      return try nested(array, place) { () throws(CheckpointError) in
        try self.objectArray(array, place)
      }
    case .tuple(let tuple):
      return try nested(tuple, place) { () throws(CheckpointError) in
        .tuple(try self.values(tuple.elements, place))
      }
    case .list(let list):
      return try nested(list, place) { () throws(CheckpointError) in
        .list(try self.values(list.elements, place))
      }
    case .set(let set):
      return try nested(set, place) { () throws(CheckpointError) in
        .object(
          type: "builtins.\(set.typeName)", state: .list(try self.values(set.elements, place)))
      }
    case .dict(let dict):
      return try nested(dict, place) { () throws(CheckpointError) in
        if let parts = self.parts, let part = try parts.value(of: dict, place, self) { return part }
        return try self.dictionary(dict, place)
      }
    case .instance(let instance):
      return try nested(instance, place) { () throws(CheckpointError) in
        guard instance.isModule, let parts = self.parts else {
          return try self.object(instance, place)
        }
        if let part = try parts.value(of: instance, place, self) { return part }
        // The parts of a module that cannot be read in full are no models of the file.
        self.parts = nil
        defer { self.parts = parts }
        return try self.object(instance, place)
      }
    }
  }

  /// Converts what is in a node, unless it is being converted already.
  private func nested(
    _ node: PickleNode, _ place: String, _ body: () throws(CheckpointError) -> Value
  ) throws(CheckpointError) -> Value {
    guard depth < Self.maximumDepth else {
      throw CheckpointError(
        .refused, file: file, reason: "values are nested more than \(Self.maximumDepth) deep")
    }
    guard path.insert(ObjectIdentifier(node)).inserted else {
      lose(.metadataDropped, place, "it refers to what it is a part of, and became None")
      return .none
    }
    depth += 1
    defer {
      depth -= 1
      path.remove(ObjectIdentifier(node))
    }
    return try body()
  }

  private func values(
    _ elements: [PickleValue], _ place: String
  ) throws(CheckpointError) -> [Value] {
    var values: [Value] = []
    for (index, element) in elements.enumerated() {
      values.append(try value(element, "\(place)[\(index)]"))
    }
    return values
  }

  private func dictionary(_ dict: PickleDict, _ place: String) throws(CheckpointError) -> Value {
    losses.append(contentsOf: dict.losses(at: place, besides: []))
    keepClass(of: dict, place)
    var result: OrderedDictionary<Value.Key, Value> = [:]
    for (key, element) in zip(dict.keys, dict.values) {
      guard let key = Self.key(key), result.index(forKey: key) == nil else {
        return try pairs(dict, place)
      }
      result[key] = try value(element, "\(place).\(key.placeName)")
    }
    return .dict(result)
  }

  /// Keeps the class of a dictionary, or tells that it is lost.
  private func keepClass(of dict: PickleDict, _ place: String) {
    func lose(_ type: String) {
      self.lose(.classChanged, place, "a dictionary of class \(type) became a plain one")
    }
    guard keepsClasses else {
      if let type = dict.typeName { lose(type) }
      return
    }
    let isOnly = places.insert(place).inserted
    if !isOnly, !ambiguous.contains(place), let earlier = found[place] {
      ambiguous.insert(place)
      lose(earlier)
    }
    guard let type = dict.typeName else { return }
    if isOnly, ValuePickling.classes.contains(type) {
      found[place] = type
    } else {
      lose(type)
    }
  }

  /// A dictionary with keys that a value's dictionary has not, as a list of pairs.
  private func pairs(_ dict: PickleDict, _ place: String) throws(CheckpointError) -> Value {
    var pairs: [Value] = []
    for (key, element) in zip(dict.keys, dict.values) {
      pairs.append(.tuple([try value(key, place), try value(element, place)]))
    }
    return .object(type: "builtins.dict", state: .list(pairs))
  }

  /// A key that a value's dictionary can have; nil for others.
  static func key(_ value: PickleValue) -> Value.Key? {
    switch value {
    case .string(let text): return .string(text)
    case .int(let value): return .int(value)
    case .float(let value): return .float(value)
    case .bool(let value): return .bool(value)
    case .none: return Value.Key.none
    case .tuple(let tuple):
      let keys = tuple.elements.compactMap(key)
      return keys.count == tuple.elements.count ? .tuple(keys) : nil
    default: return nil
    }
  }

  private func object(
    _ instance: PickleInstance, _ place: String
  ) throws(CheckpointError) -> Value {
    if let content = OmegaConf.content(of: instance) {
      // The outermost tells it for what is in it, unless that is of a class of its own.
      if let loss = OmegaConf.loss(of: instance), !isInConfiguration || loss.contains("of class") {
        lose(.classChanged, place, loss)
      }
      let isOutermost = !isInConfiguration
      isInConfiguration = true
      defer { if isOutermost { isInConfiguration = false } }
      return try value(content, place)
    }
    if instance.isCall { keptCalls.insert(instance.type) }
    var parts: [(String, Value)] = []
    if !instance.arguments.isEmpty {
      let arguments = try values(instance.arguments, place)
      let isWrapper = ["torch.Size", "torch.device", "torch.layout"].contains(instance.type)
      if isWrapper, let argument = arguments.first {
        return .object(type: instance.type, state: argument)
      }
      parts.append(("args", .tuple(arguments)))
    }
    if !instance.elements.isEmpty {
      parts.append(("elements", .list(try values(instance.elements, place))))
    }
    if let items = instance.items { parts.append(("items", try dictionary(items, place))) }
    if let state = instance.state { parts.append(("state", try value(state, place))) }
    guard parts.count > 1 else {
      return .object(type: instance.type, state: parts.first?.1 ?? .none)
    }
    return .object(
      type: instance.type,
      state: .dict(OrderedDictionary(uniqueKeysWithValues: parts.map { (.string($0), $1) })))
  }

  /// The code of an array's type, with what else is known of it.
  private func type(_ array: NumPyArray, _ place: String) throws(CheckpointError) -> Value {
    guard let type = array.type else { return .none }
    guard type.details != nil || type.isBigEndian else { return .string(type.code) }
    return try value(.numpyType(type), place)
  }

  private func objectArray(_ array: NumPyArray, _ place: String) throws(CheckpointError) -> Value {
    let content = try value(array.content, place)
    return .object(
      type: "numpy.ndarray",
      state: [
        "dtype": try type(array, place),
        "shape": .tuple(array.shape.map { .int($0) }),
        "fortran_order": .bool(array.isColumnMajor),
        "data": content,
      ])
  }
}

extension PickleDict {
  /// What is lost with the attributes that were put on the dictionary.
  ///
  /// - Parameter known: Those that have a place.
  func losses(at place: String?, besides known: Set<String>) -> [ConversionLoss] {
    let names = attributes?.keys.map(\.description).filter { !known.contains($0) } ?? []
    guard !names.isEmpty else { return [] }
    return [
      ConversionLoss(
        .metadataDropped, place,
        "attributes of the dictionary are not kept: \(names.joined(separator: ", "))")
    ]
  }
}

extension PickleTensor {
  /// What is lost with the class and the attributes of the tensor, wherever it is.
  ///
  /// - Parameter asParameter: Whether its role says that it requires a gradient.
  func losses(at place: String, asParameter: Bool = false) -> [ConversionLoss] {
    var losses: [ConversionLoss] = []
    if let typeName {
      losses.append(
        ConversionLoss(.classChanged, place, "a tensor of class \(typeName) became a plain one"))
    }
    if !attributeNames.isEmpty {
      let names = attributeNames.joined(separator: ", ")
      losses.append(
        ConversionLoss(
          .metadataDropped, place, "Python attributes of the tensor are not kept: \(names)"))
    }
    if requiresGradient && !isParameter && !asParameter {
      losses.append(
        ConversionLoss(
          .metadataDropped, place, "that it requires a gradient is not kept", saysAll: true))
    }
    return losses
  }
}

extension Value.Key {
  private static let longestName = 80

  /// The key as it appears in the place of a value.
  var placeName: String { String(text.prefix(Self.longestName)) }

  private var text: String {
    switch self {
    case .string(let text): text
    case .int(let value): String(value)
    case .float(let value): String(value)
    case .bool(let value): value ? "True" : "False"
    case .none: "None"
    case .tuple(let keys): "(" + keys.map(\.text).joined(separator: ", ") + ")"
    }
  }
}
