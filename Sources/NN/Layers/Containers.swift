import Autograd
import Files
import OrderedCollections

/// Modules one after the other. Equivalent to `torch.nn.Sequential`.
///
/// State dict: the modules' keys after `0.`, `1.`, …, or after their names.
public final class Sequential: Module {
  /// The modules by name, in order.
  public private(set) var layers: OrderedDictionary<String, Module>

  /// These modules, named `0`, `1`, ….
  public convenience init(_ layers: Module...) { self.init(layers) }

  /// These modules, named `0`, `1`, ….
  public init(_ layers: [Module]) {
    self.layers = OrderedDictionary(
      uniqueKeysWithValues: layers.enumerated().map { ("\($0)", $1) })
  }

  /// These modules by these names.
  ///
  /// - Precondition: No name is empty, has a dot or is given twice.
  public init(named layers: KeyValuePairs<String, Module>) {
    self.layers = [:]
    super.init()
    for (name, layer) in layers { add(name, layer) }
  }

  /// Adds a module after all others.
  ///
  /// - Precondition: The name is not empty, has no dot, and is not taken.
  public func add(_ name: String, _ layer: Module) {
    checkName(name, "module")
    layers[name] = layer
  }

  /// Adds a module after all others, named by its position.
  public func append(_ layer: Module) { add("\(layers.count)", layer) }

  /// The number of modules.
  public var count: Int { layers.count }

  /// The module at a position; a negative one counts from the end. One that does not exist traps.
  public subscript(index: Int) -> Module {
    layers.elements[position(index, of: count, in: typeName)].value
  }

  /// The modules by name, in order.
  public override func members() -> [Member] {
    layers.map { Member($0.key, .module($0.value)) } + registered
  }

  /// The output of the last module, each module receiving the output of the one before.
  public override func forward(_ input: Tensor) -> Tensor {
    layers.values.reduce(input) { $1($0) }
  }
}

/// A list of modules that are called one by one. Equivalent to `torch.nn.ModuleList`.
///
/// State dict: the modules' keys after `0.`, `1.`, ….
public final class ModuleList: Module {
  /// The modules.
  public private(set) var elements: [Module]

  /// These modules.
  public init(_ elements: [Module] = []) { self.elements = elements }

  /// Adds a module after all others.
  public func append(_ module: Module) { elements.append(module) }

  /// The number of modules.
  public var count: Int { elements.count }

  /// The module at a position; a negative one counts from the end. One that does not exist traps.
  public subscript(index: Int) -> Module {
    get { elements[position(index, of: count, in: typeName)] }
    set { elements[position(index, of: count, in: typeName)] = newValue }
  }

  /// The modules by position.
  public override func members() -> [Member] {
    elements.enumerated().map { Member("\($0)", .module($1)) } + registered
  }
}

/// Modules by name, in order. Equivalent to `torch.nn.ModuleDict`.
///
/// State dict: the modules' keys after their names and a dot.
public final class ModuleDict: Module {
  /// The modules by name, in order.
  public private(set) var elements: OrderedDictionary<String, Module> = [:]

  /// These modules by these names.
  ///
  /// - Precondition: No name is empty, has a dot or is given twice.
  public init(_ elements: KeyValuePairs<String, Module> = [:]) {
    super.init()
    for (name, module) in elements {
      checkName(name, "module")
      self.elements[name] = module
    }
  }

  /// The number of modules.
  public var count: Int { elements.count }

  /// The module of a name. A new one is added after all others.
  ///
  /// - Precondition: The name is not empty and has no dot.
  public subscript(name: String) -> Module? {
    get { elements[name] }
    set {
      if elements[name] == nil { checkName(name, "module") }
      elements[name] = newValue
    }
  }

  /// The modules by name, in order.
  public override func members() -> [Member] {
    elements.map { Member($0.key, .module($0.value)) } + registered
  }
}

/// An index as a position from the start.
private func position(_ index: Int, of count: Int, in container: String) -> Int {
  let position = index < 0 ? index + count : index
  require(
    position >= 0 && position < count,
    "\(container): index \(index) is out of range for \(count) modules")
  return position
}
