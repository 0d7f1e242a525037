import Arrays
import Autograd
import NN
import States

/// The layers and architectures that a ``ModelDescription`` can name.
///
/// Layers have PyTorch's names and arguments, such as `Conv2d` with `in_channels`. The
/// architectures are `mlp`, with the argument `sizes`, and `resnet18`, `resnet34`, `resnet50`,
/// `resnet101` and `resnet152`, with the argument `num_classes` (1000 by default).
public enum ModelCatalog {
  typealias Maker = @Sendable (inout LayerArguments) throws(ModelError) -> Module

  /// All names that a description may use as `module`, sorted.
  public static var names: [String] {
    (Array(layers.keys) + architectures.keys + ["Sequential"]).sorted()
  }

  /// The names of the architectures, sorted. Those are the names that ``ModelSpec`` accepts besides
  /// the paths of JSON files.
  public static var architectureNames: [String] { architectures.keys.sorted() }

  /// Makes a layer or an architecture, taking its arguments.
  ///
  /// - Throws: ``ModelError`` if there is none of this name, with the most similar one, or if an
  ///   argument is missing or out of range. Arguments that are left over are for the caller to
  ///   refuse.
  static func make(_ name: String, _ arguments: inout LayerArguments) throws(ModelError) -> Module {
    guard let maker = layers[name] ?? architectures[name] else {
      let similar = KeySuggestion.closest(to: name, among: names)
      throw ModelError(
        reason: "there is no module \"\(name)\""
          + (similar.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    return try maker(&arguments)
  }

  private static let layers = [
    convolutions, pools, norms, activations, paddings, resizings, sequenceLayers, losses,
  ].reduce(basicLayers) { all, more in all.merging(more) { first, _ in first } }

  private static let architectures: [String: Maker] = [
    "mlp": { arguments throws(ModelError) in
      let sizes = try arguments.shape("sizes").dimensions
      guard sizes.count >= 2, sizes.allSatisfy({ $0 > 0 }) else {
        throw ModelError(reason: "mlp: sizes are two or more positive lengths")
      }
      return MLP(sizes)
    },
    "resnet18": { arguments throws(ModelError) in try resNet(.resNet18, &arguments) },
    "resnet34": { arguments throws(ModelError) in try resNet(.resNet34, &arguments) },
    "resnet50": { arguments throws(ModelError) in try resNet(.resNet50, &arguments) },
    "resnet101": { arguments throws(ModelError) in try resNet(.resNet101, &arguments) },
    "resnet152": { arguments throws(ModelError) in try resNet(.resNet152, &arguments) },
  ]

  /// A residual network, with 1000 classes unless the arguments say otherwise.
  private static func resNet(
    _ variant: ResNet.Variant, _ arguments: inout LayerArguments
  ) throws(ModelError) -> Module {
    ResNet(variant, numClasses: try arguments.length("num_classes", default: 1000))
  }
}
