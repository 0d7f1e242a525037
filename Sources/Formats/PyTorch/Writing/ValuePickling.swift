import Arrays
import Checkpoints
import OrderedCollections
import States

/// Turns values into what a safe pickle holds.
///
/// Objects of classes that `torch.load(weights_only=True)` does not know would make the whole file
/// unreadable by it. They become what they hold, and that is reported as a loss.
struct ValuePickling {
  let tensors: TensorCollection
  /// The classes of dictionaries that are no plain ones, by their places.
  private let classes: OrderedDictionary<String, String>
  /// The places of those that were made again.
  private var made: Set<String> = []
  private(set) var losses: [ConversionLoss] = []

  /// The longest integer that the safe unpickler reads: LONG1 has one byte for its length.
  private static let maximumIntegerByteCount = 255
  /// The length of a text has four bytes, and bytes become a text with up to two for each.
  private static let maximumTextByteCount = Int(UInt32.max)

  /// The classes that the safe unpickler makes.
  static let classes: Set = ["collections.OrderedDict", "collections.Counter"]
  /// The class of a model in the metadata that is no `collections.OrderedDict`, as others are.
  static let plainClass = "dict"

  init(tensors: TensorCollection, classes: OrderedDictionary<String, String> = [:]) {
    self.tensors = tensors
    self.classes = classes
  }

  /// What stands for a value. `place` names it in losses.
  mutating func object(_ value: Value, _ place: String) -> PythonObject {
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .bigInt(let digits):
      guard let bytes = Self.twosComplement(digits), bytes.count <= Self.maximumIntegerByteCount
      else {
        return changed(place, "an integer of \(digits.count) digits became a text", .string(digits))
      }
      return .bigInt(bytes)
    case .float(let value): return .float(value)
    case .complex(let real, let imaginary): return .complex(real, imaginary)
    case .string(let text):
      guard text.utf8.count <= Self.maximumTextByteCount else {
        return changed(place, "a text longer than pickles hold became None", .none)
      }
      return .string(text)
    case .bytes(let bytes):
      guard bytes.count <= Self.maximumTextByteCount / 2 else {
        return changed(place, "bytes longer than pickles hold became None", .none)
      }
      return .bytes(bytes)
    case .list(let elements): return .list(objects(elements, place))
    case .tuple(let elements): return .tuple(objects(elements, place))
    case .dict(let entries): return dictionary(self.entries(entries, place), place)
    case .tensor(let array): return .tensor(tensors.add(array))
    case .object(let type, let state): return object(of: type, state, place)
    case .model(let state):
      var structure: PyTorchStructure?
      if classes[place] == Self.plainClass, made.insert(place).inserted {
        structure = PyTorchStructure(layout: .stateDict)
        structure?.plainDictionaries = [""]
      }
      return StateDictAssembly(state, structure, extras: []) { [tensors] in
        .tensor(tensors.add($1.array))
      }
      .root
    case .optimizer(let optimizer):
      let (object, losses) = OptimizerAssembly(optimizer, nil).object(&self)
      self.losses += losses
      return object
    }
  }

  /// A dictionary of the class that it had.
  mutating func dictionary(
    _ entries: [PythonObject.Entry], _ place: String
  ) -> PythonObject {
    let type = made.insert(place).inserted ? classes[place] : nil
    switch type {
    case "collections.OrderedDict": return .orderedDict(entries, attributes: [])
    case "collections.Counter":
      return .call(module: "collections", name: "Counter", arguments: [.dict(entries)])
    default: return .dict(entries)
    }
  }

  /// Tells which classes of dictionaries in some of the metadata were not made again.
  mutating func loseClasses(in names: some Sequence<String>) {
    let names = Set(names)
    // A place from a file may have any number of parts: only beginnings as long as a name are compared.
    let lengths = Set(names.map(\.utf8.count)).sorted()
    func isInNames(_ place: String) -> Bool {
      let bytes = Array(place.utf8)
      return lengths.contains { length in
        guard length <= bytes.count else { return false }
        let next = length < bytes.count ? bytes[length] : UInt8(ascii: ".")
        let ends = next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
        return ends && names.contains(String(decoding: bytes[..<length], as: UTF8.self))
      }
    }
    for (place, type) in classes where type != Self.plainClass && !made.contains(place) {
      guard isInNames(place) else { continue }
      losses.append(
        ConversionLoss(.classChanged, place, "a dictionary of class \(type) became a plain one"))
    }
  }

  /// What stands for the entries of a dictionary.
  mutating func entries(
    _ entries: OrderedDictionary<Value.Key, Value>, _ place: String
  ) -> [PythonObject.Entry] {
    entries.map { key, value in
      .init(object(Value(key), place), object(value, "\(place).\(key.placeName)"))
    }
  }

  private mutating func objects(_ values: [Value], _ place: String) -> [PythonObject] {
    values.enumerated().map { object($1, "\(place)[\($0)]") }
  }

  /// Tells that something became of another sort.
  mutating func lose(_ place: String, _ detail: String) {
    losses.append(ConversionLoss(.metadataDropped, place, detail))
  }

  private mutating func changed(
    _ place: String, _ detail: String, _ object: PythonObject
  ) -> PythonObject {
    lose(place, detail)
    return object
  }

  // MARK: Objects

  private mutating func object(
    of type: String, _ state: Value, _ place: String
  ) -> PythonObject {
    switch (type, state) {
    case ("torch.Size", .tuple), ("torch.Size", .list):
      return .call(
        module: "torch", name: "Size",
        arguments: [.tuple(objects(state.elements ?? [], place))])
    case ("torch.device", .string(let name)):
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      let index = parts.count == 2 ? Int(parts[1]) : nil
      return .call(
        module: "torch", name: "device",
        arguments: index.map { [.string(parts[0]), .int($0)] } ?? [.string(name)])
    case ("torch.layout", .string(let name)):
      return .call(
        module: "torch.serialization", name: "_get_layout", arguments: [.string(name)])
    case ("torch.dtype", .string(let name)) where DType(rawValue: name) != nil:
      return .global(module: "torch", name: name)
    case ("builtins.set", .list(let elements)): return set(elements, place)
    case ("builtins.frozenset", .list(let elements)):
      losses.append(ConversionLoss(.metadataDropped, place, "a frozenset became a set"))
      return set(elements, place)
    case ("builtins.dict", .list(let pairs)):
      if let entries = pairEntries(pairs, place) { return dictionary(entries, place) }
    default: break
    }
    let content = object(state, place)
    return changed(place, "an object of class \(type) became \(Self.name(of: state))", content)
  }

  private mutating func set(_ elements: [Value], _ place: String) -> PythonObject {
    let objects = objects(elements, place)
    guard objects.allSatisfy(\.isHashable) else {
      return changed(place, "a set of what Python has no sets of became a list", .list(objects))
    }
    return .set(objects)
  }

  /// The entries of a dictionary whose keys are not those that values have.
  private mutating func pairEntries(_ pairs: [Value], _ place: String) -> [PythonObject.Entry]? {
    var entries: [PythonObject.Entry] = []
    for pair in pairs {
      guard case .tuple(let parts) = pair, parts.count == 2 else { return nil }
      let key = object(parts[0], place)
      guard key.isHashable else { return nil }
      entries.append(.init(key, object(parts[1], place)))
    }
    return entries
  }

  private static func name(of value: Value) -> String {
    switch value {
    case .none: "None"
    case .dict: "a dictionary"
    case .list: "a list"
    case .tuple: "a tuple"
    case .string: "a text"
    default: "what it holds"
    }
  }

  // MARK: Large integers

  /// The bytes of a decimal number, the least significant first; nil if it is not one.
  private static func twosComplement(_ digits: String) -> [UInt8]? {
    let isNegative = digits.hasPrefix("-")
    var bytes: [UInt8] = []
    for digit in digits.utf8.dropFirst(isNegative ? 1 : 0) {
      guard (0x30...0x39).contains(digit), bytes.count <= maximumIntegerByteCount else {
        return nil
      }
      var carry = Int(digit) - 0x30
      for index in bytes.indices {
        carry += Int(bytes[index]) * 10
        bytes[index] = UInt8(carry & 0xFF)
        carry >>= 8
      }
      if carry > 0 { bytes.append(UInt8(carry)) }
    }
    // Room for the sign.
    bytes.append(0)
    guard isNegative else { return bytes }
    var carry = true
    for index in bytes.indices {
      bytes[index] = ~bytes[index]
      if carry { (bytes[index], carry) = bytes[index].addingReportingOverflow(1) }
    }
    return bytes
  }
}
