import OrderedCollections
import States

/// Describes a Keras model as modules of PyTorch, for models whose layers follow one another and
/// have a twin each.
///
/// The description is what the `Models` target builds. Where Keras takes images with the channels
/// last, `(N, H, W, C)`, the twin takes them first, `(N, C, H, W)`. Recurrent layers and embeddings
/// take batches first, as Keras does.
enum KerasArchitecture {
  /// The description, or why there is none.
  static func describe(
    _ source: KerasSource, _ plan: KerasPlan, _ state: StateDict
  ) -> (Value?, reason: String?) {
    let site = KerasSite(source.model, state: state)
    do throws(KerasSite.Missing) {
      let description = try sequence(site)
      // What cannot be said as a program, such as masks, is not what these modules do either.
      _ = try TwinProgram(
        site, config: source.config ?? .none, plan.mappingsByKey, state: state, isOld: source.isOld)
      if source.isOld != false, source.model.hasActivation("hard_sigmoid") {
        throw site.missing("hard_sigmoid is another function in Keras 2")
      }
      return (description, nil)
    } catch {
      return (nil, error.reason)
    }
  }

  private static func sequence(_ model: KerasSite) throws(KerasSite.Missing) -> Value {
    guard model.layer.isModel else { throw model.missing("its class is a program") }
    var children: OrderedDictionary<Value.Key, Value> = [:]
    var previous: String?
    for site in model.children {
      let layer = site.layer
      guard !layer.name.contains(".") else { throw site.missing("its name has a dot") }
      if layer.inputs.count > 1 || layer.inputs.first.map({ $0 != previous }) ?? false {
        throw site.missing("it does not follow the layer before it")
      }
      previous = layer.name
      let modules =
        layer.isModel ? [(layer.name, try sequence(site))] : try layer.kind.modules(site)
      for (name, module) in modules {
        guard children.updateValue(module, forKey: .string(name)) == nil else {
          throw site.missing("another layer has the name of its activation")
        }
      }
    }
    return KerasLayerKind.twin(ofModel: children)
  }
}

extension KerasLayer {
  /// Whether a layer in it has an activation.
  fileprivate func hasActivation(_ name: String) -> Bool {
    activation == name || layers.contains { $0.hasActivation(name) }
      || parts.contains { $0.layer.hasActivation(name) }
  }
}
