import OrderedCollections
import States

/// What a class of models is to files.
enum KerasContainer {
  /// Its layers follow one another, and that of its input is not listed.
  case sequential
  /// Its layers say which ones they follow.
  case functional
}

extension KerasLayerKind {
  /// Models, which hold layers.
  static let models = [
    KerasLayerKind(names: ["Sequential"], container: .sequential, infer: { _, _ in true }),
    functional,
    KerasLayerKind(
      names: ["InputLayer"], isInput: true, output: passing,
      modules: { _ throws(Missing) in [] }),
  ]

  /// What a model of which no more is known than its weights is taken for.
  static let functional = KerasLayerKind(
    names: ["Functional", "Model"], container: .functional,
    infer: { _, _ in true })

  /// The twin of a model whose layers became these modules.
  static func twin(ofModel children: OrderedDictionary<Value.Key, Value>) -> Value {
    ["module": "Sequential", "children": .dict(children)]
  }
}

extension KerasLayer {
  /// Whether it is a model that holds layers.
  var isModel: Bool { kind.container != nil }

  /// Whether it is a `Sequential`, whose weights older files name after the model.
  var isSequential: Bool { kind.container == .sequential }

  /// Whether files list one of its layers.
  func lists(_ layer: KerasLayer) -> Bool { !isSequential || !layer.kind.isInput }

  /// The model as a config of Keras 3. A class that is a program becomes a `Functional`.
  var modernConfig: OrderedDictionary<Value.Key, Value> {
    let name = isSequential ? kind.className : KerasLayerKind.functional.className
    return [
      "module": isSequential ? "keras" : "keras.src.models.functional",
      "class_name": .string(name), "config": config,
      "registered_name": isSequential ? .none : .string(name),
    ]
  }
}
