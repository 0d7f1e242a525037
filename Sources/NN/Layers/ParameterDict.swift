import Arrays
import Autograd
import OrderedCollections

/// Parameters by name, in order. Equivalent to `torch.nn.ParameterDict`.
///
/// State dict: the names.
public final class ParameterDict: Module {
  /// The parameters by name, in order.
  public private(set) var elements: OrderedDictionary<String, Parameter> = [:]

  /// These parameters by these names.
  ///
  /// - Precondition: No name is empty, has a dot or is given twice.
  public init(_ elements: KeyValuePairs<String, Parameter> = [:]) {
    super.init()
    for (name, parameter) in elements {
      checkName(name, "parameter")
      self.elements[name] = parameter
    }
  }

  /// The parameter of a name. A new one is added after all others.
  ///
  /// - Precondition: The name is not empty and has no dot.
  public subscript(name: String) -> Parameter? {
    get { elements[name] }
    set {
      if elements[name] == nil { checkName(name, "parameter") }
      elements[name] = newValue
    }
  }

  /// The number of parameters.
  public var count: Int { elements.count }

  /// The parameters by name, in order.
  public override func members() -> [Member] {
    elements.map { Member($0.key, .parameter($0.value)) } + registered
  }

  /// The parameters as PyTorch prints them, a line for each.
  public override var extraDescription: String {
    elements.map { "  (\($0.key)): \($0.value.listed($0.value.dtype.pythonClass))" }.joined(
      separator: "\n")
  }
}

extension ParameterDict: Sequence {
  /// The names, in order.
  public var keys: [String] { Array(elements.keys) }
  /// The parameters, in order of their names' appearance.
  public var values: [Parameter] { Array(elements.values) }

  /// The parameters with their names, in order. Equivalent to `items()`.
  public func makeIterator() -> AnyIterator<(key: String, value: Parameter)> {
    AnyIterator(elements.makeIterator())
  }
}

extension DType {
  /// The name of PyTorch's old class of tensors of this type.
  var pythonClass: String {
    switch self {
    case .float32: "FloatTensor"
    case .float64: "DoubleTensor"
    case .float16: "HalfTensor"
    case .bfloat16: "BFloat16Tensor"
    case .int64: "LongTensor"
    case .int32: "IntTensor"
    case .bool: "BoolTensor"
    default: "Tensor"
    }
  }
}
