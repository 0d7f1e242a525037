import Autograd
import Files
import NN

/// The keys and values of the tokens that a decoder has seen, so that the next tokens need not
/// compute them again.
///
/// A cache belongs to one batch of texts and one model. A call with it takes the tokens that follow.
///
/// ```swift
/// let cache = KeyValueCache()
/// _ = model(prompt, cache: cache)
/// let logits = model(next, cache: cache)       // next: (batch, 1)
/// ```
public final class KeyValueCache {
  private var layers: [(keys: Tensor, values: Tensor)] = []

  /// An empty cache.
  public init() {}

  /// The number of tokens that the cache holds.
  public var count: Int { layers.first?.keys.shape[2] ?? 0 }

  /// Adds the keys and values of the next tokens to those of a layer.
  ///
  /// - Parameters:
  ///   - keys: (batch, heads, tokens, features).
  ///   - values: Of the same shape.
  ///   - layer: The position of the layer. A call of the model visits all layers in order.
  /// - Returns: All keys and values of the layer.
  func append(_ keys: Tensor, _ values: Tensor, layer: Int) -> (keys: Tensor, values: Tensor) {
    guard layer < layers.count else {
      require(layer == layers.count, "KeyValueCache: the cache belongs to another model")
      layers.append((keys, values))
      return (keys, values)
    }
    let (oldKeys, oldValues) = layers[layer]
    require(
      oldKeys.shape[0] == keys.shape[0],
      "KeyValueCache: a batch of \(keys.shape[0]) follows one of \(oldKeys.shape[0])")
    layers[layer] = (
      .concatenated([oldKeys, keys], axis: 2), .concatenated([oldValues, values], axis: 2)
    )
    return layers[layer]
  }
}

/// What a layer of a decoder needs besides its input.
struct DecoderContext {
  /// Broadcasts to (batch, heads, queries, keys): true where a query may look.
  var mask: Tensor?
  /// The cache, if there is one.
  var cache: KeyValueCache?
  /// How the queries and keys are turned, if they are.
  var rotation: RotaryEmbedding.Rotation?
  /// The position of the layer.
  var layer = 0

  /// All keys and values of the layer, when these follow.
  func extended(_ keys: Tensor, _ values: Tensor) -> (keys: Tensor, values: Tensor) {
    cache?.append(keys, values, layer: layer) ?? (keys, values)
  }
}

/// The base class of modules of a decoder, which take hidden states and what a layer needs besides.
class DecoderModule: Module {
  /// The output of the module; see each class.
  ///
  /// - Parameters:
  ///   - hidden: (batch, tokens, features).
  ///   - context: The mask, the cache, the position.
  func compute(_ hidden: Tensor, _ context: DecoderContext) -> Tensor {
    trap("\(typeName) does not compute anything")
  }

  /// The same, running the module's hooks, which see the hidden states.
  final func callAsFunction(_ hidden: Tensor, _ context: DecoderContext) -> Tensor {
    withHooks([hidden]) { [compute($0[0], context)] }[0]
  }
}
