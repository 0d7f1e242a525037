import Checkpoints
import OrderedCollections
import States

extension KerasTwin {
  /// What PyTorch's modules have to be told to give what the layers of a model of Keras's give: options
  /// that are not PyTorch's own, activations, paddings.
  ///
  /// - Parameters:
  ///   - checkpoint: What was read.
  ///   - file: The path of the file that it was read from, for errors.
  /// - Returns: The layers that have the same in common, by their keys, and what it is; nothing for a
  ///   checkpoint that did not come from a Keras file with the model's config.
  /// - Throws: ``/Checkpoints/CheckpointError`` with code `damaged` if the config is of another form.
  public static func settings(
    of checkpoint: Checkpoint, file: String
  ) throws(CheckpointError) -> [(layers: [String], options: String)] {
    guard let model = try KerasModelOrigin(checkpoint, file: file) else { return [] }
    var settings: OrderedDictionary<String, [String]> = [:]
    func add(_ site: KerasSite) {
      for child in site.children {
        add(child)
        guard !child.layer.isModel else { continue }
        let options =
          (model.options[.string(child.key)]?.dictionary ?? [:]).map { name, value in
            "\(name.text) \(((value.doubleValue ?? 0) * 1e12).rounded() / 1e12)"
          } + child.settings
        guard !options.isEmpty else { continue }
        settings[options.joined(separator: ", "), default: []].append(child.key)
      }
    }
    add(KerasSite(model.layer, state: checkpoint.state))
    return settings.map { ($1, $0) }
  }
}

extension KerasSite {
  /// What the twin of the layer has to be told, but for numbers that the plan knows.
  fileprivate var settings: [String] {
    let inner = layer.part("layer").flatMap { $0.isModel ? nil : $0 }
    return (inner.map { [$0] } ?? [layer]).flatMap { layer in
      recurrence(layer) + padding(layer) + activation(layer)
    }
  }

  private func recurrence(_ layer: KerasLayer) -> [String] {
    var settings: [String] = []
    if let isAfter = layer.config["reset_after"]?.boolValue {
      settings.append("reset_after \(isAfter)" + (isAfter ? "" : ", which PyTorch does not have"))
    }
    if let gates = layer.config["recurrent_activation"]?.stringValue, gates != "sigmoid" {
      settings.append("recurrent activation \(gates)")
    }
    if layer.config["return_sequences"]?.boolValue == false { settings.append("last step only") }
    if layer.flag("go_backwards", default: false) { settings.append("steps from the last") }
    if layer.flag("mask_zero", default: false) { settings.append("steps of 0 are skipped") }
    return settings
  }

  private func padding(_ layer: KerasLayer) -> [String] {
    guard let window = KerasWindow(layer) else { return [] }
    let rank = window.size.count
    switch window.padding {
    case "same" where window.isTransposed: return ["outputs cut to the length times the stride"]
    case "same":
      guard
        let sums = (input.shape.map { Array($0.suffix(rank + 1)) }).flatMap(window.samePadding)
      else { return ["padding same, by the length of the input"] }
      let ends = sums.map { sum in
        let half = sum / 2
        return sum == 2 * half ? "\(half)" : "\(half) before and \(sum - half) behind"
      }
      return ["padding " + (Set(ends).count == 1 ? ends[0] : ends.joined(separator: " × "))]
    case "causal": return ["padding \((window.size[0] - 1) * window.dilation[0]) before"]
    default: return []
    }
  }

  private func activation(_ layer: KerasLayer) -> [String] {
    var settings: [String] = []
    // PyTorch's recurrent modules have it themselves.
    let isOwn = layer.config["recurrent_initializer"] != nil && layer.activation == "tanh"
    if layer.activation != "linear", !isOwn { settings.append("activation \(layer.activation)") }
    for name in ["negative_slope", "max_value", "threshold"] {
      if let value = layer.config[name]?.doubleValue, value != 0 {
        settings.append("\(name) \(value)")
      }
    }
    return settings
  }
}
