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

  /// These modules by these names. Equivalent to giving `torch.nn.Sequential` an `OrderedDict`.
  ///
  /// - Precondition: No name is empty, has a dot or is given twice.
  public init(_ first: (String, Module), _ others: (String, Module)...) {
    layers = [:]
    super.init()
    for (name, layer) in [first] + others { add(name, layer) }
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

extension Sequential: RandomAccessCollection {
  /// The position of the first module.
  public var startIndex: Int { 0 }
  /// The position after the last module.
  public var endIndex: Int { layers.count }
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

extension ModuleDict: Sequence {
  /// The names, in order.
  public var keys: [String] { Array(elements.keys) }
  /// The modules, in order of their names' appearance.
  public var values: [Module] { Array(elements.values) }

  /// The modules with their names, in order. Equivalent to `items()`.
  public func makeIterator() -> AnyIterator<(key: String, value: Module)> {
    AnyIterator(elements.makeIterator())
  }
}

/// An index as a position from the start.
func position(_ index: Int, of count: Int, in container: String) -> Int {
  let position = index < 0 ? index + count : index
  require(
    position >= 0 && position < count,
    "\(container): index \(index) is out of range for \(count) modules")
  return position
}
