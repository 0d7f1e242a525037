import Autograd
import NN
import OrderedCollections
import States

/// What an optimizer can be made for: a module, or the parameters that
/// ``/NN/Module/parameters(recurse:)`` returns.
///
/// The parameters of a module keep their names, and so does their state, as with
/// ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)``. A plain list has no names: they
/// are the positions `0`, `1`, …, as in PyTorch, and a state is matched by them.
public protocol ParameterSource {
  /// The parameters with their names.
  var namedSource: [(name: String, parameter: Parameter)] { get }
}

extension Module: ParameterSource {
  /// The parameters with their keys.
  public final var namedSource: [(name: String, parameter: Parameter)] { namedParameters() }
}

extension Array: ParameterSource where Element == Parameter {
  /// The parameters with their positions.
  public var namedSource: [(name: String, parameter: Parameter)] {
    enumerated().map { ("\($0)", $1) }
  }
}

extension Optimizer: CustomStringConvertible {
  /// The optimizer as PyTorch prints it: its class, and the options of each group in alphabetical
  /// order.
  public final var description: String {
    var text = "\(type(of: self)) ("
    for (index, group) in groups.enumerated() {
      text += "\nParameter Group \(index)\n"
      for (name, value) in group.options.sorted(by: { $0.key < $1.key }) {
        text += "    \(name): \(value.optionText)\n"
      }
    }
    return text + ")"
  }

  /// The parameter groups: PyTorch's name of ``groups``.
  public final var paramGroups: [ParameterGroup] {
    get { groups }
    set { groups = newValue }
  }
}

extension Value {
  /// An option whose default in PyTorch is the integer 0.
  static func whole(_ number: Double) -> Value {
    number == 0 && number.sign == .plus ? .int(0) : .float(number)
  }

  /// The value as `str` writes it, in which a text has no quotes.
  fileprivate var optionText: String { stringValue ?? description }
}
