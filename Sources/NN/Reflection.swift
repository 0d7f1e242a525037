import Arrays
import Autograd
import Files
import OrderedCollections

/// Finds the members of a module among its stored properties.
enum Reflection {
  /// The members in the order of declaration, those of superclasses first; parameters, buffers and
  /// modules are told apart later.
  static func members(of module: Module) -> [Member] {
    _ = isMetadataPresent
    var mirrors: [Mirror] = []
    var next: Mirror? = Mirror(reflecting: module)
    while let mirror = next, mirror.subjectType != Module.self {
      mirrors.append(mirror)
      next = mirror.superclassMirror
    }
    let overrides = type(of: module).stateKeyOverrides
    var members: [Member] = []
    for mirror in mirrors.reversed() {
      for case (let label?, let value) in mirror.children {
        if let name = lazyName(label) {
          requireNoLazyMember(value, name, of: module)
        } else if !label.hasPrefix("$") {
          let property = Property(module: module, label: label)
          collect(value, overrides[label] ?? snakeCase(label), of: property, into: &members)
        }
      }
    }
    return members
  }

  /// A stored property, for sentences about it.
  fileprivate struct Property {
    let module: Module
    let label: String

    var name: String { "\(module.typeName).\(label)" }
  }

  private static func collect(
    _ value: Any, _ name: String, of property: Property, into members: inout [Member]
  ) {
    switch value {
    case let parameter as Parameter: members.append(Member(name, .parameter(parameter)))
    case let buffer as Buffer: members.append(Member(name, .buffer(buffer)))
    case let child as Module: members.append(Member(name, .module(child)))
    case is Tensor: break
    case let optional as any AnyOptional:
      if let wrapped = optional.wrapped {
        collect(wrapped, name, of: property, into: &members)
      } else if let reserved = type(of: optional).reserved(name) {
        members.append(reserved)
      }
    case let container as any MemberContainer:
      guard !(type(of: container).elementType is any HoldsNothing.Type) else { return }
      for (key, element) in container.keyedElements(of: property) {
        if !key.isEmpty && !key.contains(".") {
          collect(element, "\(name).\(key)", of: property, into: &members)
        } else {
          HiddenMembers.requireNone(in: element, of: property.module, property.label, once: false)
        }
      }
    default: HiddenMembers.requireNone(in: value, of: property.module, property.label)
    }
  }

  /// The name of a `lazy` property from the label of its storage.
  private static func lazyName(_ label: String) -> String? {
    let prefix = "$__lazy_storage_$_"
    return label.hasPrefix(prefix) ? String(label.dropFirst(prefix.count)) : nil
  }

  /// Traps if a `lazy` property holds, or will hold, what would be in the state dict only after its
  /// first use.
  private static func requireNoLazyMember(_ value: Any, _ label: String, of module: Module) {
    var type = (value as? any AnyOptional).map { Swift.type(of: $0).wrappedType }
    while let container = type as? any MemberContainer.Type { type = container.elementType }
    var found: [Member] = []
    collect(value, label, of: Property(module: module, label: label), into: &found)
    require(
      found.isEmpty && !(type is Parameter.Type) && !(type is Buffer.Type)
        && !(type is Module.Type),
      "\(module.typeName).\(label) is lazy, so that it would be in the state dict only after its "
        + "first use: make it a plain property")
    // Of tuples, structures and protocols nothing can be told before there is a value.
    guard let type, (value as? any AnyOptional)?.wrapped == nil else { return }
    require(
      type is AnyObject.Type || type is any HoldsNothing.Type,
      "\(module.typeName).\(label) is lazy and of type \(type), which may hold what would be in the "
        + "state dict only after its first use: make it a plain property")
  }

  /// Known members must be found, or the program was built without reflection metadata and would
  /// save empty files without a word.
  private static let isMetadataPresent: Bool = {
    let labels = Mirror(reflecting: Probe()).children.map(\.label)
    require(
      labels == ["probe"],
      "modules find their parameters by reflection: build without -disable-reflection-metadata")
    return true
  }()

  private final class Probe {
    let probe = 0
  }

  /// `runningMean` as `running_mean`: an underscore before each word, digits stay with theirs.
  static func snakeCase(_ name: String) -> String {
    // Most names have no capital letter.
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard name.utf8.contains(where: { capitals.contains($0) || $0 > 127 }) else { return name }
    let characters = Array(name)
    var result = ""
    for (index, character) in characters.enumerated() {
      guard character.isUppercase else {
        result.append(character)
        continue
      }
      let follows = index > 0 && characters[index - 1] != "_"
      let beginsWord =
        follows
        && (!characters[index - 1].isUppercase
          || (index + 1 < characters.count && characters[index + 1].isLowercase))
      if beginsWord { result.append("_") }
      result += character.lowercased()
    }
    return result
  }
}

/// An optional of any type, to learn what it holds or could hold.
private protocol AnyOptional {
  static var wrappedType: Any.Type { get }
  var wrapped: Any? { get }
}

extension Optional: AnyOptional {
  fileprivate static var wrappedType: Any.Type {
    (Wrapped.self as? any AnyOptional.Type)?.wrappedType ?? Wrapped.self
  }

  fileprivate var wrapped: Any? { map { $0 } }
}

extension AnyOptional {
  /// The member that an empty optional reserves the name for, if it is one.
  fileprivate static func reserved(_ name: String) -> Member? {
    switch wrappedType {
    case is Parameter.Type: Member(name, .parameter(nil))
    case is Buffer.Type: Member(name, .buffer(nil))
    case is Module.Type: Member(name, .module(nil))
    default: nil
    }
  }
}

/// A container whose elements have keys.
private protocol MemberContainer {
  static var elementType: Any.Type { get }
  /// The elements by their keys, in the order of the state dict.
  func keyedElements(of property: Reflection.Property) -> [(key: String, element: Any)]
}

extension Array: MemberContainer {
  fileprivate static var elementType: Any.Type { Element.self }

  fileprivate func keyedElements(
    of property: Reflection.Property
  ) -> [(key: String, element: Any)] {
    enumerated().map { ("\($0)", $1) }
  }
}

extension Dictionary: MemberContainer {
  fileprivate static var elementType: Any.Type { Value.self }

  /// A dictionary has no order of its own, so its keys are sorted: texts as texts, integers by size.
  fileprivate func keyedElements(
    of property: Reflection.Property
  ) -> [(key: String, element: Any)] {
    if let numbered = self as? [Int: Value] {
      return numbered.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) }
    }
    guard let named = self as? [String: Value] else {
      for element in values {
        HiddenMembers.requireNone(in: element, of: property.module, property.label, once: false)
      }
      return []
    }
    return named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension OrderedDictionary: MemberContainer {
  fileprivate static var elementType: Any.Type { Value.self }

  /// In the dictionary's own order.
  fileprivate func keyedElements(
    of property: Reflection.Property
  ) -> [(key: String, element: Any)] {
    guard Key.self == String.self || Key.self == Int.self else {
      for element in values {
        HiddenMembers.requireNone(in: element, of: property.module, property.label, once: false)
      }
      return []
    }
    return map { ("\($0.key)", $0.value) }
  }
}
