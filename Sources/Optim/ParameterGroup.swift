import Arrays
import Autograd
import Files
import OrderedCollections
import States

/// Parameters that an optimizer treats alike.
///
/// Equivalent to an entry of `param_groups`. Options have PyTorch's names and may be changed at
/// any time: `optimizer.groups[0]["lr"] = 0.01`.
public struct ParameterGroup {
  /// The parameters by their keys, in order.
  public let parameters: [(name: String, parameter: Parameter)]
  /// The options by PyTorch's names, in its order. Those not given are the optimizer's.
  public var options: OrderedDictionary<String, Value>

  /// A group of these parameters, as
  /// ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  public init(
    _ parameters: [(name: String, parameter: Parameter)],
    options: OrderedDictionary<String, Value> = [:]
  ) {
    self.parameters = parameters
    self.options = options
  }

  /// An option, nil if the group has none of this name.
  public subscript(option: String) -> Value? {
    get { options[option] }
    set { options[option] = newValue }
  }

  /// The learning rate.
  public var lr: Double {
    get { number("lr") }
    set { options["lr"] = .float(newValue) }
  }

  /// An option that is a number.
  ///
  /// - Precondition: There is one of this name.
  public func number(_ option: String) -> Double {
    guard let value = options[option]?.doubleValue else {
      trap("option \"\(option)\" of a parameter group is not a number")
    }
    return value
  }

  /// An option that is true or false; false if there is none.
  public func flag(_ option: String) -> Bool { options[option]?.boolValue ?? false }

  /// An option of two numbers, such as Adam's `betas`.
  ///
  /// - Precondition: There is one of this name.
  public func pair(_ option: String) -> (Double, Double) {
    guard let elements = options[option]?.elements, elements.count == 2,
      let first = elements[0].doubleValue, let second = elements[1].doubleValue
    else { trap("option \"\(option)\" of a parameter group is not two numbers") }
    return (first, second)
  }
}
