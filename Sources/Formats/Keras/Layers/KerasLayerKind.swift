import States

/// What is known of a class of Keras's layers: a row of the table ``all``.
///
/// To add a class, add a row to its family's list in one of the files beside this one, and say there
/// only what differs from a layer of which nothing is known, whose weights are kept as they are. No
/// other file names a class of layers.
package struct KerasLayerKind: Sendable {
  typealias Missing = KerasSite.Missing
  typealias Variables = @Sendable (_ part: inout KerasPart) -> Void
  typealias Output = @Sendable (_ layer: KerasLayer, _ input: KerasFlow) -> KerasFlow
  typealias Twin<Module> = @Sendable (_ site: KerasSite) throws(Missing) -> Module
  typealias Program = @Sendable (_ call: inout TwinCall) throws(Missing) -> TwinValue
  typealias Inference<Weights> = @Sendable (_ layer: inout KerasLayer, _ weights: Weights) -> Bool

  /// The class's names in configs, without its package: today's, and those of older versions.
  let names: [String]
  /// What a file of weights calls it, if that is all that is known.
  var nameInFile: String?
  /// What it is if it holds layers.
  var container: KerasContainer?
  /// What becomes of several inputs.
  var joining = Joining.first
  /// Whether it stands for an input of a model.
  var isInput = false
  /// How it slides a window, if it does.
  var window: KerasWindow.Form?
  /// How many axes of an image it works on beside the channels, if it works on images.
  var places: Int?
  /// Whether it may put features in another order, or the layer in it may.
  var movesAxes = false
  /// Whether the twin's outputs can be in another order: its weights have an axis for them.
  var givesOrder = false

  /// The variables that it has once it is quantised, by the kind of quantisation.
  var quantised: [String: [String]] = [:]
  /// Whether an argument of its own says that it has a bias.
  var hasBiasAxes = false

  /// Adds a layer's variables in Keras's order, and says which tensors of PyTorch's twin they are.
  var addVariables: Variables = { _ in }
  /// What flows out of a layer.
  var output: Output = KerasWindow.output
  /// The module that is the twin of a layer. Its activation becomes a module after it.
  var twin: Twin<Value> = { site throws(Missing) in throw site.missing() }
  /// The modules that a layer becomes, by name, if they are others than a twin and an activation.
  var modules: Twin<[(String, Value)]> = { site throws(Missing) in try site.twinAndActivation() }
  /// Writes the part of the twin's program that is a call of a layer.
  var program: Program = unsayable
  /// The arguments of a call that its program knows if they are true.
  var flags: Set<String> = []
  /// Whether one of Keras's operations on two tensors is the same.
  var isOperation = false
  /// Gives a layer the arguments that its weights in a `.weights.h5` show, and says whether they are
  /// as many as such a layer has.
  var infer: Inference<KerasWeights.Group> = { _, _ in false }
  /// Gives a layer, of which a bias is known, the arguments that its weights in a legacy file show,
  /// and says whether they are like those of this class, which such a file does not name.
  var recognise: Inference<KerasWeightTree> = { _, _ in false }

  /// The output of a layer that gives what it is given, in shape and order.
  static let passing: Output = { $1 }

  /// Classes whose layers give what they are given, and have neither variables nor a twin.
  static func passing(
    _ names: String..., program: @escaping Program = unsayable
  ) -> [KerasLayerKind] {
    names.map { KerasLayerKind(names: [$0], output: passing, program: program) }
  }

  /// The program of classes that cannot be said in PyTorch.
  static let unsayable: Program = { call throws(Missing) in
    throw call.missing("it cannot be said in PyTorch")
  }

  /// The program of layers that give what they are given once a model does not learn.
  static let unchanged: Program = { call throws(Missing) in try call.input }

  /// The inference for layers of so many weights, of which the last may be a bias.
  static func counted(_ counts: ClosedRange<Int>) -> Inference<KerasWeights.Group> {
    { layer, group in
      layer.config = ["use_bias": .bool(group.count > counts.lowerBound)]
      return counts.contains(group.count)
    }
  }

  /// The name of the class.
  var className: String { names.first ?? "" }

  /// The name of a layer's group in a file of weights, before a number that distinguishes it from others.
  var snakeName: String { nameInFile ?? KerasLayer.snakeCase(className) }
}

// MARK: - The table

extension KerasLayerKind {
  /// All classes that are known, by family.
  static let all =
    models + dense + convolutions + recurrent + attention + normalizations + activations + pooling
    + reshaping + resizing + merging + wrappers + regularization

  private static let byName = Dictionary(
    all.flatMap { kind in kind.names.map { ($0, kind) } },
    uniquingKeysWith: { first, _ in first })

  private static let bySnakeName = Dictionary(
    all.map { ($0.snakeName, $0) }, uniquingKeysWith: { first, _ in first })

  /// The names of all classes.
  package static var classNames: [String] { all.flatMap(\.names) }

  /// The kind of a class, by any of its names.
  static func named(_ className: String) -> KerasLayerKind {
    byName[className]
      ?? KerasLayerKind(names: [className], joining: .unknown, movesAxes: true)
  }

  /// The kind of a class, by what files of weights call it.
  static func inFiles(_ name: String) -> KerasLayerKind { bySnakeName[name] ?? unknown(name) }

  /// A class of which no more is known than what a file of weights calls it.
  static func unknown(_ name: String) -> KerasLayerKind {
    KerasLayerKind(names: [name], nameInFile: name, joining: .unknown, movesAxes: true)
  }
}
