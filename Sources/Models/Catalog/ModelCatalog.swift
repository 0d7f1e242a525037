import Arrays
import Autograd
import NN
import States

/// The layers and architectures that a ``ModelDescription`` can name.
///
/// Layers have PyTorch's names and arguments, such as `Conv2d` with `in_channels`. Each of the
/// ``architectures`` states its source and its options.
public enum ModelCatalog {
  typealias Maker = @Sendable (inout LayerArguments) throws(ModelError) -> Module

  /// All names that a description may use as `module`, sorted.
  public static var names: [String] {
    (Array(layers.keys) + architectureNames + ["Sequential"]).sorted()
  }

  /// The names of the architectures, sorted. Those are the names that ``ModelSpec`` accepts besides
  /// the paths of JSON files.
  public static var architectureNames: [String] { architectures.map(\.name).sorted() }

  /// The well-known architectures, by family.
  public static let architectures: [Architecture] =
    [.mlp] + Architecture.resNets + Architecture.imageNetworks + sequenceModels

  private static let sequenceModels: [Architecture] = [
    Architecture.berts, Architecture.distilBerts, Architecture.gpt2s, Architecture.llamas,
    Architecture.t5Encoders, [.lstmLanguageModel], Architecture.clips, Architecture.whispers,
  ].flatMap(\.self)

  /// Makes a layer or an architecture, taking its arguments.
  ///
  /// - Throws: ``ModelError`` if there is none of this name, with the most similar one, or if an
  ///   argument is missing or out of range. Arguments that are left over are for the caller to
  ///   refuse.
  static func make(_ name: String, _ arguments: inout LayerArguments) throws(ModelError) -> Module {
    guard let maker = layers[name] ?? architectures.first(where: { $0.name == name })?.make
    else {
      if let module = try makeRegistered(name, &arguments) { return module }
      let similar = KeySuggestion.closest(to: name, among: names + registeredNames)
      throw ModelError(
        reason: "there is no module \"\(name)\""
          + (similar.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    return try maker(&arguments)
  }

  /// Whether a name is that of a layer.
  static func isLayer(_ name: String) -> Bool { layers[name] != nil }

  private static let layers = [
    convolutions, pools, norms, activations, paddings, resizings, sequenceLayers, losses,
  ].reduce(basicLayers) { all, more in all.merging(more) { first, _ in first } }
}
