/// A module, and how a sample calls it.
struct BuiltModule {
  let module: Module
  let forward: (Call) throws -> [Tensor]

  init(_ module: Module, _ forward: @escaping (Call) throws -> [Tensor]) {
    self.module = module
    self.forward = forward
  }

  /// A module of one input.
  init(_ module: Module) {
    self.init(module) { c in [module(try c.tensor(0, "input"))] }
  }
}

/// How modules are made of PyTorch's arguments, by PyTorch's names.
struct ModuleTable: Sendable {
  typealias Constructor = @Sendable (Call) throws -> BuiltModule
  private var constructors: [String: Constructor] = [:]
  /// Those whose results depend on one number of the input for each element.
  private var pointwise: Set<String> = []

  /// All families.
  static let all: ModuleTable = {
    var table = ModuleTable()
    addActivationModules(to: &table)
    addPaddingModules(to: &table)
    table.pointwise = Set(table.constructors.keys).subtracting(
      ["Softmax", "Softmax2d", "LogSoftmax", "Softmin"].map { "nn." + $0 })
    addConvolutionModules(to: &table)
    addPoolingModules(to: &table)
    addNormModules(to: &table)
    addLossModules(to: &table)
    addSequenceModules(to: &table)
    addAttentionModules(to: &table)
    return table
  }()

  subscript(name: String) -> Constructor? {
    get { constructors["nn." + name] ?? constructors[name] }
    set { constructors[name] = newValue }
  }

  /// Whether the elements of a module's results are sums of several numbers.
  func areSums(_ name: String) -> Bool { !pointwise.contains(name) }

  /// A module of one input.
  mutating func add(_ name: String, _ make: @escaping @Sendable (Call) throws -> Module) {
    constructors["nn." + name] = { BuiltModule(try make($0)) }
  }

  /// A module that a sample calls in its own way.
  mutating func custom(_ name: String, _ make: @escaping Constructor) {
    constructors["nn." + name] = make
  }
}

/// A length for all dimensions, or one for each, as a sample writes it: the text of a module shows it.
typealias Lengths = any (
  PairConvertible & TripleConvertible & PaddingConvertible & VolumePaddingConvertible
)

extension Call {
  func lengths(_ position: Int?, _ name: String, _ standard: Int) throws -> Lengths {
    guard let value = argument(position, name) else { return standard }
    if case .int(let number) = value { return number }
    return try ints(position, name)
  }

  func optionalLengths(_ position: Int?, _ name: String) throws -> Lengths? {
    argument(position, name) == nil ? nil : try lengths(position, name, 1)
  }

  /// A number that the text of a module shows as it was written.
  func layerNumber(_ position: Int?, _ name: String, _ standard: LayerNumber) throws -> LayerNumber
  {
    switch argument(position, name) {
    case nil: return standard
    case .int(let number)?: return LayerNumber(number)
    default: return LayerNumber(try number(position, name))
    }
  }

  func paddingMode(_ position: Int?, _ name: String = "padding_mode") throws -> PaddingMode {
    try choice(position, name, .zeros)
  }
}
