import Checkpoints
import OrderedCollections
import PyTorchFiles
import States

/// What is beside the model and the optimizer's state.
extension DeepSpeedSource {
  /// Under which name the values are that ZeRO's optimizer has beside its state.
  private static let optimizerName = "zero_optimizer"

  func takeMetadata(
    _ states: [ModelStates], _ model: ModelAssembly, _ result: inout ReadResult
  ) throws(CheckpointError) {
    for (key, value) in states[0].others {
      result.checkpoint.metadata[key] = try value.converted(place: key)
    }
    for (key, value) in model.others {
      let name = "module.\(key)"
      guard result.checkpoint.metadata[name] == nil else {
        result.losses.append(
          ConversionLoss(.metadataDropped, key, "the metadata have an entry \(name) already"))
        continue
      }
      result.checkpoint.metadata[name] = try value.converted(place: name)
    }
    for (rank, state) in states.enumerated().dropFirst() {
      try compare(state.others, rank, states[0].others, &result.losses)
    }
  }

  func takeOptimizerMetadata(
    _ values: [(key: String, value: SavedValue)], _ ranks: [OptimizerStates],
    _ result: inout ReadResult
  ) throws(CheckpointError) {
    var own: OrderedDictionary<String, Value> = [:]
    for (key, value) in values {
      own[key] = try value.converted(place: "\(Self.optimizerName).\(key)")
    }
    for (rank, state) in ranks.enumerated().dropFirst() {
      try compare(state.others, rank, values, &result.losses)
      try compare(state.rootOthers, rank, ranks[0].rootOthers, &result.losses)
    }
    if let first = ranks.first {
      own["zero_stage"] = .int(first.stage)
      for (key, value) in first.rootOthers {
        let value = try value.converted(place: key)
        // The engine's options and its version are in both files.
        if result.checkpoint.metadata[key] != value { own[key] = value }
      }
    }
    guard !own.isEmpty else { return }
    guard result.checkpoint.metadata[Self.optimizerName] == nil else {
      result.losses.append(
        ConversionLoss(
          .optimizerDropped, Self.optimizerName,
          "what the optimizer has beside its state was left out: the user's metadata have such an "
            + "entry"))
      return
    }
    result.checkpoint.metadata[Self.optimizerName] = .dict(
      OrderedDictionary(uniqueKeysWithValues: own.map { (.string($0), $1) }))
  }

  /// Tells what the file of another rank has otherwise.
  private func compare(
    _ others: [(key: String, value: SavedValue)], _ rank: Int,
    _ first: [(key: String, value: SavedValue)], _ losses: inout [ConversionLoss]
  ) throws(CheckpointError) {
    var keys: Set<String> = []
    var known: OrderedDictionary<String, Value> = [:]
    for (key, value) in first { known[key] = try value.converted(place: key) }
    for (key, value) in others {
      keys.insert(key)
      guard try value.converted(place: key) != known[key] else { continue }
      losses.append(
        ConversionLoss(
          .metadataDropped, key,
          "rank \(rank) has another value of it than rank 0, whose is taken"))
    }
    for key in known.keys where !keys.contains(key) {
      losses.append(
        ConversionLoss(
          .metadataDropped, key,
          "rank \(rank) has no such value, and rank 0's is taken"))
    }
  }
}
