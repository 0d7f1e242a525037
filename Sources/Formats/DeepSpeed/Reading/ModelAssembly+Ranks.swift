import Arrays
import Checkpoints
import PyTorchFiles
import States

/// What the other files of model states have otherwise than the first.
extension ModelAssembly {
  /// Tells what another rank has otherwise, as the running statistics of a batch normalization that is not
  /// synchronised. DeepSpeed's script takes those of rank 0, too.
  mutating func compareRanks() throws(CheckpointError) {
    let first = models[0].module.entries ?? []
    for (rank, model) in models.enumerated().dropFirst() {
      var known: Set<String> = []
      for (key, value) in model.module.entries ?? [] {
        known.insert(key)
        guard try !isSame(value, key) else { continue }
        losses.append(
          ConversionLoss(
            value.isTensor ? .tensorDropped : .metadataDropped, key,
            "rank \(rank) has other values of it than rank 0, whose are taken"))
      }
      for (key, value) in first where !known.contains(key) {
        losses.append(
          ConversionLoss(
            value.isTensor ? .tensorDropped : .metadataDropped, key,
            "rank \(rank) has no such entry, and rank 0's is taken"))
      }
    }
  }

  /// Whether another rank's entry of the state dict says the same as the first's, or is of a parameter of which
  /// the ranks have parts.
  private func isSame(_ value: SavedValue, _ key: String) throws(CheckpointError) -> Bool {
    guard let own = models[0].module[key] else { return false }
    guard value.isTensor else {
      if own.isTensor { return false }
      let (theirs, mine) = (try value.converted(place: key), try own.converted(place: key))
      return theirs == mine
    }
    if value.shape?.contains(0) == true { return own.shape == value.shape }
    // One that cannot be read is not the same either.
    guard let array = try? value.array(place: key), let taken = state.entries[key]?.array else {
      return false
    }
    return taken.isBitwiseEqual(to: array)
  }

  /// Refuses tensors that are in parts, of which only those of trained parameters were put together.
  func compareParts() throws(CheckpointError) {
    for model in models.dropFirst() {
      for (key, value) in model.module.entries ?? [] where value.isTensor && weights[key] == nil {
        if let name = model.aliases[key], weights[name] != nil { continue }
        let array = try value.array(place: key)
        if let own = state.entries[key]?.array, own.isBitwiseEqual(to: array) { continue }
        throw CheckpointError(
          .unsupported, file: model.file, place: key,
          reason: "it is in parts, and no parameter of the optimizer: how the parts make it up is "
            + "not known here")
      }
    }
  }

  /// Tells which tensors are the same in all parts of a model: each has the whole, or its part, which may be as
  /// those of the others.
  mutating func tellOfParts() {
    guard models.count > 1 else { return }
    let trained = Set(weights.keys)
    for key in state.entries.keys
    where !trained.contains(key) && models[0].aliases[key].map(trained.contains) != true {
      losses.append(
        ConversionLoss(
          .tensorDropped, key,
          "all parts of the model have the same values of it, which were taken for the whole: whether "
            + "they are parts is not in the folder"))
    }
    for (part, model) in models.enumerated().dropFirst() {
      for (key, value) in model.module.entries ?? [] where !value.isTensor {
        let own = try? models[0].module[key]?.converted(place: key)
        if own != nil, (try? value.converted(place: key)) == own { continue }
        losses.append(
          ConversionLoss(
            .metadataDropped, key,
            "part \(part) has another value of it than part 0, whose is taken"))
      }
    }
  }
}
