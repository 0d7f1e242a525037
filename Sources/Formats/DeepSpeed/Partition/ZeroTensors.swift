import Arrays
import Checkpoints
import OrderedCollections
import PyTorchFiles
import States

/// The tensors of parameters, put together from the flat tensors of the ranks: weights, and what the optimizer
/// keeps for each.
struct ZeroTensors {
  /// The weights by name, in the order of the groups.
  private(set) var weights: OrderedDictionary<String, NDArray> = [:]
  /// What the optimizer keeps, by name; nil if it was taken out of the files.
  private(set) var optimizer: OptimizerState?
  /// The values that are of no parameter, which the optimizer has.
  private(set) var optimizerValues: [(key: String, value: SavedValue)] = []
  /// What the files hold, and this does not.
  private(set) var losses: [ConversionLoss] = []

  private let folder: String
  private let ranks: [OptimizerStates]
  private let placed: [ZeroPartition.Placed]
  private var bundle = TensorBundle()

  /// - Parameters:
  ///   - ranks: The files of all ranks, in order.
  ///   - groups: The parameters of each group, as the model states have them.
  ///   - folder: The path of the folder, for errors.
  /// - Throws: `CheckpointError`: `damaged` if the files do not fit each other, `unsupported` if the optimizer
  ///   keeps what cannot be told apart.
  init(
    _ ranks: [OptimizerStates], _ groups: [[ZeroPartition.Parameter]], folder: String
  ) throws(CheckpointError) {
    self.ranks = ranks
    self.folder = folder
    placed = try Self.placed(ranks, groups, folder)
    try checkSlices(groups)
    try takeWeights()
    try takeOptimizer()
    optimizerValues = ranks.first?.others ?? []
    tellOfSurplus()
  }

  // MARK: Places

  static func placed(
    _ ranks: [OptimizerStates], _ groups: [[ZeroPartition.Parameter]], _ folder: String
  ) throws(CheckpointError) -> [ZeroPartition.Placed] {
    guard let first = ranks.first else { return [] }
    for rank in ranks {
      guard rank.stage == first.stage else {
        throw CheckpointError(
          .damaged, file: rank.file,
          reason: "it is of stage \(rank.stage) of ZeRO, and rank 0 of stage \(first.stage)")
      }
      guard rank.partitionCounts.allSatisfy({ $0 == rank.partitionCounts[0] }) else {
        throw CheckpointError(
          .unsupported, file: rank.file,
          reason: "its groups are divided among \(rank.partitionCounts.listed) ranks, as of a "
            + "model with experts (MoE), whose parts are not put together here")
      }
      guard rank.partitionCounts[0] == ranks.count else {
        let count = rank.partitionCounts[0]
        throw CheckpointError(
          .damaged, file: rank.file,
          reason: "it is one of \(count) ranks' files, and \(ranks.count) are in the folder",
          advice: count > ranks.count ? "Fetch those of all ranks." : nil)
      }
    }
    let lengths = ranks.map(\.lengths)
    do throws(ZeroPartition.Fault) {
      return first.stage == 3
        ? try ZeroPartition.divided(groups, lengths: lengths)
        : try ZeroPartition.joined(groups, lengths: lengths)
    } catch {
      throw CheckpointError(.damaged, file: folder, reason: "\(error)")
    }
  }

  /// Compares the places with those that DeepSpeed wrote down, which stages 1 and 2 do.
  private func checkSlices(_ groups: [[ZeroPartition.Parameter]]) throws(CheckpointError) {
    guard let first = ranks.first, first.stage < 3 else { return }
    var own: [[[String: (start: Int, count: Int)]]] = ranks.map { _ in groups.map { _ in [:] } }
    for parameter in placed {
      for piece in parameter.pieces {
        own[piece.rank][piece.group][parameter.parameter.name] = (
          piece.range.lowerBound, piece.range.count
        )
      }
    }
    for (number, rank) in ranks.enumerated() {
      for group in groups.indices {
        guard let said = try rank.slices(group) else { continue }
        for parameter in groups[group] where parameter.count > 0 {
          let name = parameter.name
          let (mine, theirs) = (own[number][group][name], said[name])
          guard mine?.start == theirs?.start, mine?.count == theirs?.count else {
            func text(_ slice: (start: Int, count: Int)?) -> String {
              slice.map { "\($0.count) elements from \($0.start) on" } ?? "none"
            }
            throw CheckpointError(
              .damaged, file: rank.file, place: name,
              reason: "the rank is said to have \(text(theirs)) of it, and by the shapes of the "
                + "parameters it has \(text(mine))")
          }
        }
      }
    }
  }

  // MARK: Tensors

  private mutating func takeWeights() throws(CheckpointError) {
    var flat: [[NDArray]] = []
    for rank in ranks {
      var own: [NDArray] = []
      for (group, tensor) in rank.weights.enumerated() {
        own.append(try tensor.array(place: "the weights of group \(group)"))
      }
      flat.append(own)
    }
    for parameter in placed {
      let array = try tensor(parameter, slot: nil) { flat[$0.rank][$0.group] }
      // Swift has texts equal that Python has not.
      guard weights.updateValue(array, forKey: parameter.parameter.name) == nil else {
        throw CheckpointError(
          .unsupported, file: folder, place: parameter.parameter.name,
          reason: "two parameters have names that are the same text in other code points")
      }
    }
  }

  /// One tensor of its pieces.
  ///
  /// - Parameters:
  ///   - slot: What of the optimizer's it is; nil for the weights.
  ///   - flat: The flat tensor in which a piece is.
  private mutating func tensor(
    _ placed: ZeroPartition.Placed, slot: String?, _ flat: (ZeroPartition.Piece) -> NDArray
  ) throws(CheckpointError) -> NDArray {
    let parameter = placed.parameter
    let place = slot.map { "\(parameter.name), \($0)" } ?? parameter.name
    let dtype = placed.pieces.first.map { flat($0).dtype } ?? .float32
    var pieces: [TensorBundle.Piece] = []
    for piece in placed.pieces {
      let array = flat(piece)
      guard array.dtype == dtype else {
        throw CheckpointError(
          .damaged, file: ranks[piece.rank].file, place: place,
          reason: "rank \(piece.rank) has its part as \(array.dtype), and another rank as \(dtype)")
      }
      pieces.append(
        TensorBundle.Piece(Box([piece.start], [piece.range.count]), piece.range, of: array))
    }
    // Of several tensors of a name none is another's.
    let key = "\(slot ?? "")\0\(parameter.name)"
    do throws(TensorBundle.Fault) {
      return try bundle.addFlat(key, dtype, parameter, pieces: pieces)
    } catch {
      throw CheckpointError(.damaged, file: folder, place: place, reason: "\(error)")
    }
  }

  // MARK: The optimizer

  private mutating func takeOptimizer() throws(CheckpointError) {
    guard let first = ranks.first else { return }
    for rank in ranks where (rank.base == nil) != (first.base == nil) {
      throw CheckpointError(
        .damaged, file: rank.file,
        reason: "some of the ranks have the state of the optimizer, and others have not")
    }
    guard first.base != nil else {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil,
          "the state of the optimizer was taken out of the files, and is not there"))
      return
    }
    var slots: [ZeroSlots] = []
    do throws(CheckpointError) {
      for group in first.weights.indices {
        slots.append(try ZeroSlots(ranks, group, folder: folder))
      }
    } catch {
      // As 8-bit and 1-bit optimizers keep: the weights are whole all the same.
      guard error.code == .unsupported else { throw error }
      losses.append(
        ConversionLoss(
          .optimizerDropped, error.place, "the state of the optimizer was left out: \(error.reason)"
        ))
      return
    }
    var state = OptimizerState()
    for parameter in placed {
      let own = try self.slots(parameter, slots)
      if !own.isEmpty { state.state[parameter.parameter.name] = own }
    }
    state.groups = try groups()
    state.type = OptimizerState.type(
      options: state.groups.first?.options, slotNames: Set(state.state.values.flatMap(\.keys)))
    optimizer = state
  }

  /// Tells what the optimizers keep for flat tensors that are in no file.
  private mutating func tellOfSurplus() {
    for (number, rank) in ranks.enumerated() {
      let surplus = rank.surplus
      guard !surplus.isEmpty else { continue }
      losses.append(
        ConversionLoss(
          .optimizerDropped, "state",
          "what rank \(number) keeps for \(surplus.enumeration) was left out: there are "
            + "\(rank.weights.count) flat tensors"))
    }
  }

  /// What the optimizer keeps for a parameter.
  private mutating func slots(
    _ parameter: ZeroPartition.Placed, _ slots: [ZeroSlots]
  ) throws(CheckpointError) -> OptimizerState.Slots {
    let name = parameter.parameter.name
    guard parameter.group < slots.count else { return [:] }
    let first = slots[parameter.group]
    // A parameter may reach from one flat tensor into the next.
    for piece in parameter.pieces where slots[piece.group].names != first.names {
      throw CheckpointError(
        .damaged, file: folder, place: name,
        reason: "it is in two flat tensors, for which the optimizer keeps different values")
    }
    var own: OptimizerState.Slots = [:]
    for slot in first.names {
      if first.flat[slot] != nil {
        own[slot] = .tensor(
          try tensor(parameter, slot: slot) { piece in
            slots[piece.group].flat[slot]?[piece.rank]
              ?? NDArray(uninitialized: [0], dtype: .float32)
          })
        continue
      }
      guard let value = first.values[slot] else { continue }
      for piece in parameter.pieces where slots[piece.group].values[slot] != value {
        throw CheckpointError(
          .damaged, file: folder, place: "\(name), \(slot)",
          reason: "it is in two flat tensors, for which the optimizer keeps different values")
      }
      // Each has one of its own: an optimizer counts up what it has for each parameter.
      own[slot] = value.tensor.map { .tensor($0.copied()) } ?? value
    }
    return own
  }

  /// The optimizer's groups, with the names of parameters.
  private mutating func groups() throws(CheckpointError) -> [OptimizerState.Group] {
    var names: [Int: [String]] = [:]
    for parameter in placed {
      names[parameter.group, default: []].append(parameter.parameter.name)
    }
    guard let saved = try ranks[0].groups() else {
      losses.append(
        ConversionLoss(
          .optimizerDropped, "param_groups", "the options of the groups are not in the files"))
      let indices = ranks[0].weights.indices
      return indices.map { OptimizerState.Group(options: [:], parameters: names[$0] ?? []) }
    }
    var groups: [OptimizerState.Group] = []
    for (number, group) in saved.enumerated() {
      var options: OrderedDictionary<String, Value> = [:]
      for (key, value) in group.options.entries ?? [] where key != "params" {
        options[key] = try value.converted(place: "optimizer.param_groups[\(number)].\(key)")
      }
      groups.append(
        OptimizerState.Group(
          options: options, parameters: group.tensors.sorted().flatMap { names[$0] ?? [] }))
    }
    try compareOptions(groups)
    return groups
  }

  /// Tells options that another rank has otherwise.
  private mutating func compareOptions(
    _ groups: [OptimizerState.Group]
  ) throws(CheckpointError) {
    for (number, rank) in ranks.enumerated().dropFirst() {
      let saved = try rank.groups() ?? []
      for index in 0..<max(groups.count, saved.count) {
        let own = index < groups.count ? groups[index].options : [:]
        var theirs: OrderedDictionary<String, Value> = [:]
        if index < saved.count {
          for (key, value) in saved[index].options.entries ?? [] where key != "params" {
            theirs[key] = try value.converted(place: "param_groups[\(index)].\(key)")
          }
        }
        for key in own.keys + theirs.keys.filter({ own[$0] == nil }) where own[key] != theirs[key] {
          losses.append(
            ConversionLoss(
              .optimizerDropped, "param_groups[\(index)].\(key)",
              "rank \(number) has another value of it than rank 0, whose is taken"))
        }
      }
    }
  }
}
