import Arrays
import Autograd
import Files
import OrderedCollections
import States

/// Parameters that share options.
///
/// Equivalent to an entry of `param_groups`. Options have PyTorch's names and may be changed at any
/// time, also during a training:
///
/// ```swift
/// optimizer.groups[0]["lr"] = 0.01
/// optimizer.groups[0].lr *= 0.5
/// ```
public struct ParameterGroup {
  /// The parameters with their names, in order.
  public let parameters: [(name: String, parameter: Parameter)]
  /// The options by PyTorch's names, in its order. In a group not yet given to an optimizer,
  /// missing ones will be the optimizer's.
  public var options: OrderedDictionary<String, Value>

  /// A group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns
  ///     them.
  ///   - options: The options that differ from the optimizer's, by PyTorch's names: `lr`,
  ///     `weight_decay`, … What no optimizer knows is kept beside them: see ``Optimizer/groups``.
  public init(
    _ parameters: [(name: String, parameter: Parameter)],
    options: OrderedDictionary<String, Value> = [:]
  ) {
    self.parameters = parameters
    self.options = options
  }

  /// An option; nil if the group has none of that name.
  public subscript(option: String) -> Value? {
    get { options[option] }
    set { options[option] = newValue }
  }

  /// The learning rate. Reading it traps if the group has none.
  public var lr: Double {
    get { number("lr") }
    set { options["lr"] = .float(newValue) }
  }

  /// An option that is a number.
  ///
  /// - Parameter option: PyTorch's name of the option.
  /// - Precondition: The group has an option of that name, and it is a number.
  public func number(_ option: String) -> Double {
    guard let value = options[option]?.doubleValue else {
      trap("option \"\(option)\" of a parameter group is not a number")
    }
    return value
  }

  /// An option that is true or false; false if absent.
  ///
  /// - Parameter option: PyTorch's name of the option.
  public func flag(_ option: String) -> Bool { options[option]?.boolValue ?? false }

  /// An option that is two numbers, such as Adam's `betas`.
  ///
  /// - Parameter option: PyTorch's name of the option.
  /// - Precondition: The group has an option of that name, and it is two numbers.
  public func pair(_ option: String) -> (Double, Double) {
    guard let elements = options[option]?.elements, elements.count == 2,
      let first = elements[0].doubleValue, let second = elements[1].doubleValue
    else { trap("option \"\(option)\" of a parameter group is not two numbers") }
    return (first, second)
  }
}
