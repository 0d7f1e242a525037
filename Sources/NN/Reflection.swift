import Arrays
import Autograd
import Files

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
      for case (let label?, let value) in mirror.children where !label.hasPrefix("$") {
        collect(value, overrides[label] ?? snakeCase(label), of: module, into: &members)
      }
    }
    return members
  }

  private static func collect(
    _ value: Any, _ name: String, of module: Module, into members: inout [Member]
  ) {
    switch value {
    case let parameter as Parameter: members.append(Member(name, .parameter(parameter)))
    case let buffer as Buffer: members.append(Member(name, .buffer(buffer)))
    case let child as Module: members.append(Member(name, .module(child)))
    case is Tensor: break
    case let children as [Module]:
      members += children.enumerated().map { Member("\(name).\($0)", .module($1)) }
    case let optional as any AnyOptional:
      if let reserved = type(of: optional).reserved(name) { members.append(reserved) }
    default:
      assert(
        !hidesMembers(value),
        "\(module.typeName).\(name) of type \(type(of: value)) hides parameters or modules from "
          + "the state dict: use ModuleList or ModuleDict")
    }
  }

  /// Whether a container that is not looked into holds something that should have been found.
  ///
  /// Only asked in debug builds.
  private static func hidesMembers(_ value: Any, depth: Int = 0) -> Bool {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .tuple, .struct, .dictionary, .set, .collection, .optional, .enum: break
    default: return false
    }
    // The first few elements suffice: the others are of the same type.
    return mirror.children.prefix(8).contains { child in
      child.value is Parameter || child.value is Buffer || child.value is Module
        || (depth < 3 && hidesMembers(child.value, depth: depth + 1))
    }
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

/// An optional of any type, to learn what it could hold.
private protocol AnyOptional {
  static var wrappedType: Any.Type { get }
}

extension Optional: AnyOptional {
  fileprivate static var wrappedType: Any.Type {
    (Wrapped.self as? any AnyOptional.Type)?.wrappedType ?? Wrapped.self
  }
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
