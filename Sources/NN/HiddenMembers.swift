import Arrays
import Autograd
import Files
import Synchronization

/// Finds parameters and modules where they have no key, so that a state dict would lack them without
/// a word: in tuples, structs, enumerations and sets.
enum HiddenMembers {
  /// The properties that have been looked into and cannot hide anything, by class and by the type of
  /// what they held: that of a property declared as `Any` or by a protocol may vary, and a class and
  /// its superclass may have private properties of one name.
  private static let cleared = Mutex<Set<Place>>([])

  private struct Place: Hashable {
    let type: ObjectIdentifier
    let label: String
    let valueType: ObjectIdentifier
  }

  private enum Verdict {
    /// There is nothing, and there will be nothing.
    case never
    /// There is nothing at present: a container is empty that may be filled.
    case notYet
    case hidden
  }

  /// Ends the program with a sentence if a value that has no key holds something that needs one.
  ///
  /// - Parameters:
  ///   - value: The value of a property, or of an element of it.
  ///   - module: The module.
  ///   - label: The property.
  ///   - once: Whether a look into one instance of the class is enough.
  static func requireNone(
    in value: Any, of module: Module, _ label: String, once: Bool = true
  ) {
    let place = Place(
      type: ObjectIdentifier(type(of: module)), label: label,
      valueType: ObjectIdentifier(type(of: value)))
    if once, cleared.withLock({ $0.contains(place) }) { return }
    switch verdict(on: value, depth: 0) {
    case .hidden:
      trap(
        "\(module.typeName).\(label) of type \(type(of: value)) hides parameters or modules from "
          + "the state dict: only properties, arrays, and dictionaries with text or integer keys "
          + "(not empty, without dots) give them a key; use those, ModuleList or ModuleDict")
    case .never where once: _ = cleared.withLock { $0.insert(place) }
    case .never, .notYet: break
    }
  }

  private static func verdict(on value: Any, depth: Int) -> Verdict {
    if value is Parameter || value is Buffer || value is Module { return .hidden }
    // A tensor may be replaced by a parameter where its type allows that.
    if value is Tensor { return .notYet }
    if value is any HoldsNothing { return .never }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .tuple, .struct: break
    case .dictionary, .set, .collection, .optional, .enum:
      if mirror.children.isEmpty { return .notYet }
    // Objects that are no modules keep what they have to themselves, as in PyTorch.
    default: return .never
    }
    guard depth < 8 else { return .notYet }
    var result = Verdict.never
    for child in mirror.children {
      switch verdict(on: child.value, depth: depth + 1) {
      case .hidden: return .hidden
      case .notYet: result = .notYet
      case .never: break
      }
    }
    // What varies from one instance to the next is looked at each time.
    switch mirror.displayStyle {
    case .tuple, .struct: return result
    default: return .notYet
    }
  }
}

/// A type whose values hold neither parameters nor modules.
protocol HoldsNothing {}

extension Bool: HoldsNothing {}
extension Int: HoldsNothing {}
extension Int8: HoldsNothing {}
extension Int16: HoldsNothing {}
extension Int32: HoldsNothing {}
extension Int64: HoldsNothing {}
extension UInt: HoldsNothing {}
extension UInt8: HoldsNothing {}
extension UInt16: HoldsNothing {}
extension UInt32: HoldsNothing {}
extension UInt64: HoldsNothing {}
extension Float: HoldsNothing {}
extension Character: HoldsNothing {}
extension Double: HoldsNothing {}
extension String: HoldsNothing {}
extension Range: HoldsNothing where Bound: HoldsNothing {}
extension ClosedRange: HoldsNothing where Bound: HoldsNothing {}
extension Set: HoldsNothing where Element: HoldsNothing {}
extension NDArray: HoldsNothing {}
extension Shape: HoldsNothing {}
extension DType: HoldsNothing {}
extension Optional: HoldsNothing where Wrapped: HoldsNothing {}
extension Array: HoldsNothing where Element: HoldsNothing {}
extension Dictionary: HoldsNothing where Value: HoldsNothing {}
