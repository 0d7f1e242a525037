import Arrays
import Autograd
import NN
import States

extension ModelDescription {
  /// The description of a module, from which ``build()`` makes one that computes the same with the same
  /// state.
  ///
  /// A module is described if it is of ``ModelCatalog``, a `Sequential` of such, or of a class that was
  /// registered with ``ModelCatalog/register(_:_:describe:make:)``. The description is compared with the
  /// module, option by option, before it is returned.
  ///
  /// ```swift
  /// let description = try ModelDescription(of: model)
  /// try Checkpoint(model: model, architecture: description).save(to: "model.h5")
  /// ```
  ///
  /// - Parameter module: The module. Its hooks, and whether it trains, are not described.
  /// - Throws: ``ModelError`` with the path of the part that cannot be described.
  public init(of module: Module) throws(ModelError) {
    self.init(try Self.describe(module, path: ""))
    try Self.check(self, module)
  }

  private static func describe(_ module: Module, path: String) throws(ModelError) -> Value {
    if let (name, arguments) = ModelCatalog.registered(module) { return object(name, arguments) }
    if let sequential = module as? Sequential, type(of: module) == Sequential.self {
      var children: [(Value.Key, Value)] = []
      for (name, child) in sequential.layers {
        let place = path.isEmpty ? name : "\(path).\(name)"
        children.append((.string(name), try describe(child, path: place)))
      }
      var members: [(Value.Key, Value)] = [
        ("module", "Sequential"), ("children", .dict(.init(children, uniquingKeysWith: { $1 }))),
      ]
      members += registrations(module, besides: [])
      return .dict(.init(members, uniquingKeysWith: { $1 }))
    }
    if let layer = layer(module) { return layer }
    if let kept = module.builtFrom { return kept }
    if let network = try network(module, path: path) { return network }
    throw ModelError(
      path: path,
      reason: ModelCatalog.isLayer(module.typeName)
        ? "the options of \(module.typeName) cannot be told"
        : "\(module.typeName) is not of the catalogue, and its class is not registered")
  }

  /// A layer of the catalogue by what is known of it; nil if it is none.
  private static func layer(_ module: Module) -> Value? {
    guard ModelCatalog.isLayer(module.typeName) else { return nil }
    let facts = LayerFacts(module).members
    var arguments = LayerArguments(object(module.typeName, facts), path: "")
    let made = Device.with(.meta) {
      Result { () throws(ModelError) in try ModelCatalog.make(module.typeName, &arguments) }
    }
    guard let fresh = try? made.get() else { return nil }
    var members: [(Value.Key, Value)] = [("module", .string(module.typeName))]
    members += facts.filter { arguments.isTaken($0.key) }.sorted { $0.key < $1.key }
      .map { (.string($0.key), $0.value) }
    members += registrations(
      module,
      besides: fresh.namedParameters(recurse: false).map(\.name)
        + fresh.namedBuffers(recurse: false).map(\.name))
    let description = ModelDescription(.dict(.init(members, uniquingKeysWith: { $1 })))
    guard let again = Device.with(.meta, { try? description.build() }),
      ModuleLikeness(again) == ModuleLikeness(module)
    else { return nil }
    return description.value
  }

  /// A network of the catalogue that was made by its class, with the options that it stores and those
  /// that its shapes show; nil if its class is none of the catalogue's.
  private static func network(_ module: Module, path: String) throws(ModelError) -> Value? {
    if module is MLP {
      let weights = module.parameters().filter { $0.rank == 2 }
      let sizes = weights.prefix(1).map { $0.shape[1] } + weights.map { $0.shape[0] }
      return object("mlp", ["sizes": .list(sizes.map { .int($0) })])
    }
    let shapes = StateShapes(module)
    let candidates = ModelCatalog.architectures(like: module, shapes)
    guard !candidates.isEmpty else { return nil }
    var facts = LayerFacts(module).members
    for (_, value) in facts {
      for (key, member) in value.dictionary ?? [:] { facts[key.text] = member }
    }
    let likeness = ModuleLikeness(module)
    func isIt(_ model: Module?) -> Bool {
      guard let model, StateShapes(model).shapes == shapes.shapes else { return false }
      return ModuleLikeness(model) == likeness
    }
    func known(_ architecture: Architecture) -> [String: Value] {
      let options = Set(architecture.options.map { String($0.prefix { $0 != "=" }) })
      return facts.filter { options.contains($0.key) }
    }
    // What is stored is enough for most; only then are sizes read off the shapes, which takes longer.
    for architecture in candidates {
      for arguments in [[:], known(architecture)] where isIt(architecture.outline(arguments)) {
        return object(architecture.name, arguments)
      }
    }
    for architecture in candidates.prefix(2) {
      guard let reading = OptionReading(architecture, known(architecture), from: shapes),
        isIt(architecture.outline(reading.arguments))
      else { continue }
      return object(architecture.name, reading.arguments)
    }
    throw ModelError(
      path: path,
      reason:
        "the options of \(module.typeName) cannot be told; build it from a description, which it "
        + "then keeps")
  }

  private static func object(_ name: String, _ arguments: [String: Value]) -> Value {
    var members: [(Value.Key, Value)] = [("module", .string(name))]
    members += arguments.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
    return .dict(.init(members, uniquingKeysWith: { $1 }))
  }

  /// The tensors that were registered with a module, beside those of its class.
  private static func registrations(
    _ module: Module, besides names: [String]
  ) -> [(Value.Key, Value)] {
    let saved = Set(module.stateDict(keepVars: true).map(\.key))
    func described(_ tensors: [(String, Tensor)], persistent: Bool) -> Value? {
      let own = tensors.filter { !names.contains($0.0) }
      guard !own.isEmpty else { return nil }
      return .dict(
        .init(
          uniqueKeysWithValues: own.map { name, tensor in
            var members: [(Value.Key, Value)] = [
              ("shape", .list(tensor.shape.map { .int($0) })),
              ("dtype", .string(tensor.dtype.rawValue)),
            ]
            if persistent && !saved.contains(name) { members.append(("persistent", .bool(false))) }
            return (.string(name), .dict(.init(uniqueKeysWithValues: members)))
          }))
    }
    let parameters = module.namedParameters(recurse: false).map {
      ($0.name, $0.parameter as Tensor)
    }
    let buffers = module.namedBuffers(recurse: false).map { ($0.name, $0.buffer as Tensor) }
    return [
      ("parameters", described(parameters, persistent: false)),
      ("buffers", described(buffers, persistent: true)),
    ].compactMap { name, value in value.map { (.string(name), $0) } }
  }

  /// Refuses a description that makes another module.
  private static func check(
    _ description: ModelDescription, _ module: Module
  ) throws(ModelError) {
    let built = Device.with(.meta) {
      Result { () throws(ModelError) in try description.build() }
    }
    let (mine, theirs) = (ModuleLikeness(module), ModuleLikeness(try built.get()))
    if let unknown = mine.unknown { throw ModelError(reason: unknown) }
    if let difference = mine.difference(from: theirs) {
      throw ModelError(
        reason: "it cannot be described as it is: a description would not give \"\(difference)\"")
    }
  }
}
