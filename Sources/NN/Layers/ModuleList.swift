import Autograd
import Files

/// A list of modules that are called one by one, of one type. Equivalent to `torch.nn.ModuleList`.
///
/// ```swift
/// let blocks: ModuleList<Block>                    // or ModuleList([Block(…), Block(…)])
/// for block in blocks { x = block(x, mask) }
/// ```
///
/// State dict: the modules' keys after `0.`, `1.`, ….
public final class ModuleList<Element: Module>: Module, ListOfModules {
  /// The modules.
  public private(set) var elements: [Element]

  /// These modules.
  public init(_ elements: [Element]) { self.elements = elements }

  /// An empty list, to be filled by ``append(_:)``.
  public override init() { elements = [] }

  /// Adds a module after all others.
  public func append(_ module: Element) { elements.append(module) }

  /// The modules by position.
  public override func members() -> [Member] {
    elements.enumerated().map { Member("\($0)", .module($1)) } + registered
  }
}

extension ModuleList: RandomAccessCollection, MutableCollection {
  /// The position of the first module.
  public var startIndex: Int { 0 }
  /// The position after the last module.
  public var endIndex: Int { elements.count }

  /// The module at a position; a negative one counts from the end. One that does not exist traps.
  public subscript(index: Int) -> Element {
    get { elements[position(index, of: elements.count, in: typeName)] }
    set { elements[position(index, of: elements.count, in: typeName)] = newValue }
  }
}

/// A list of modules of any type, of which equal neighbours are printed as one.
protocol ListOfModules: Module {}

/// Parameters by position. Equivalent to `torch.nn.ParameterList`.
///
/// An array of parameters as a property of a module does the same.
///
/// State dict: `0`, `1`, ….
public final class ParameterList: Module {
  /// The parameters.
  public private(set) var elements: [Parameter]

  /// These parameters.
  public init(_ elements: [Parameter] = []) { self.elements = elements }

  /// Adds a parameter after all others.
  public func append(_ parameter: Parameter) { elements.append(parameter) }

  /// The parameters by position.
  public override func members() -> [Member] {
    elements.enumerated().map { Member("\($0)", .parameter($1)) } + registered
  }

  /// The parameters as PyTorch prints them, a line for each.
  public override var extraDescription: String {
    elements.enumerated().map { "  (\($0)): \($1.listed("\($1.dtype)"))" }.joined(separator: "\n")
  }
}

extension ParameterList: RandomAccessCollection, MutableCollection {
  /// The position of the first parameter.
  public var startIndex: Int { 0 }
  /// The position after the last parameter.
  public var endIndex: Int { elements.count }

  /// The parameter at a position; a negative one counts from the end. One that does not exist traps.
  public subscript(index: Int) -> Parameter {
    get { elements[position(index, of: elements.count, in: typeName)] }
    set { elements[position(index, of: elements.count, in: typeName)] = newValue }
  }
}

extension Parameter {
  /// The parameter as a list or a dictionary of parameters prints it.
  ///
  /// - Parameter type: The name of its type.
  func listed(_ type: String) -> String {
    "Parameter containing: [torch.\(type) of size \(shape.map(String.init).joined(separator: "x"))]"
  }
}
