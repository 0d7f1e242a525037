import Arrays
import Checkpoints
import PyTorchFiles
import States

/// What the optimizers of the ranks keep for one flat tensor: tensors that are divided as the weights are, and
/// values that all have.
struct ZeroSlots {
  /// The names of all, in order.
  let names: [String]
  /// The tensors of the ranks, by name.
  private(set) var flat: [String: [NDArray]] = [:]
  /// The other values, by name.
  private(set) var values: [String: Value] = [:]

  /// - Parameters:
  ///   - ranks: The files of all ranks, in order.
  ///   - group: Which of their flat tensors it is.
  ///   - folder: The path of the folder, for errors.
  /// - Throws: `CheckpointError`: `damaged` if the ranks contradict each other, `unsupported` for a tensor of
  ///   which it is not known what belongs to which parameter.
  init(_ ranks: [OptimizerStates], _ group: Int, folder: String) throws(CheckpointError) {
    var all: [[(key: String, value: SavedValue)]] = []
    for rank in ranks { all.append(try rank.slots(group)) }
    names = all.first?.map(\.key) ?? []
    let names = names
    for (rank, own) in all.enumerated() where own.map(\.key) != names {
      throw CheckpointError(
        .damaged, file: ranks[rank].file,
        reason: "its optimizer keeps \(own.map(\.key).list) for flat tensor \(group), and that of "
          + "rank 0 keeps "
          + names.list)
    }
    let lengths = ranks.map { $0.lengths[group] }
    for (index, name) in names.enumerated() {
      let saved = all.map { $0[index].value }
      if saved.allSatisfy({ $0.shape?.count == 1 }) {
        let found = saved.map { $0.shape?[0] ?? 0 }
        guard Self.fit(found, lengths, isPadded: (ranks.first?.stage ?? 3) < 3) else {
          throw CheckpointError(
            .unsupported, file: folder, place: "\(name) of flat tensor \(group)",
            reason: "the ranks have \(found.listed) elements of it, and \(lengths.listed) of the "
              + "weights")
        }
        var arrays: [NDArray] = []
        for value in saved {
          arrays.append(
            try value.array(
              place: "\(name) of flat tensor \(group)"))
        }
        flat[name] = arrays
      } else {
        values[name] = try Self.value(name, saved, ranks, group)
      }
    }
  }

  /// Whether tensors are as long as the weights. Those of stages 1 and 2 have padding behind the last, which
  /// DeepSpeed takes off the weights alone.
  private static func fit(_ found: [Int], _ lengths: [Int], isPadded: Bool) -> Bool {
    guard found != lengths else { return true }
    guard isPadded, let last = found.last, let own = lengths.last else { return false }
    return found.dropLast() == lengths.dropLast() && last >= own
  }

  /// A value that all ranks have.
  private static func value(
    _ name: String, _ saved: [SavedValue], _ ranks: [OptimizerStates], _ group: Int
  ) throws(CheckpointError) -> Value {
    let place = "\(name) of flat tensor \(group)"
    let first = try saved[0].converted(place: place)
    if let tensor = first.tensor, tensor.shape.rank > 0 {
      throw CheckpointError(
        .unsupported, file: ranks[0].file, place: place,
        reason: "it is a tensor of shape \(tensor.shape), of which it is not known what belongs "
          + "to which parameter")
    }
    for (rank, value) in saved.enumerated().dropFirst() {
      guard try value.converted(place: place) == first else {
        throw CheckpointError(
          .damaged, file: ranks[rank].file, place: place,
          reason: "rank \(rank) has another value of it than rank 0")
      }
    }
    return first
  }
}

extension [String] {
  /// The names in a sentence.
  fileprivate var list: String { isEmpty ? "nothing" : enumeration }
}
