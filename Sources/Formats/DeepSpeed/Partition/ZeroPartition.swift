/// Where the elements of parameters are in the flat tensors that ranks keep.
///
/// DeepSpeed lays the parameters of a group end to end and divides what comes of it. The rules are those of
/// `_zero2_merge_trainable_params` and `_zero3_merge_trainable_params` in `deepspeed/utils/zero_to_fp32.py` of
/// DeepSpeed 0.18.2. Only numbers are looked at here: how long each flat tensor is, and how large each parameter.
enum ZeroPartition {
  /// A parameter as the model states name it.
  struct Parameter: Hashable {
    let name: String
    let shape: [Int]
    /// The product of the lengths, which fits, as do the bytes of so many numbers of any type.
    let count: Int
  }

  /// Some elements of a parameter, and where they are.
  struct Piece: Hashable {
    /// Which of the parameter's elements is the first.
    let start: Int
    let rank: Int
    /// Which of the rank's flat tensors they are in.
    let group: Int
    /// The elements of that tensor.
    let range: Range<Int>
  }

  /// A parameter with its pieces in order, which make it up.
  struct Placed {
    let parameter: Parameter
    /// The flat tensor in which it begins.
    let group: Int
    let pieces: [Piece]
  }

  /// Why parameters and flat tensors do not fit each other.
  enum Fault: Error, Hashable, CustomStringConvertible {
    /// A rank has another number of flat tensors than there are groups.
    case groupCount(rank: Int, found: Int, expected: Int)
    /// The elements of a group, or of all, are not as many as its parameters need.
    case elementCount(group: Int?, found: Int, needed: Int)
    /// Two ranks have parts of another length, which are equal in this stage.
    case rankLength(rank: Int, group: Int, found: Int, expected: Int)
    /// The numbers are larger than any.
    case overflow

    /// A clause.
    var description: String {
      switch self {
      case .groupCount(let rank, let found, let expected):
        "rank \(rank) has \(found) flat tensors of weights, and there are \(expected) groups of "
          + "parameters"
      case .elementCount(let group, let found, let needed):
        "the ranks' flat tensors\(group.map { " of group \($0)" } ?? "") have \(found) elements, "
          + "and the parameters need \(needed)"
      case .rankLength(let rank, let group, let found, let expected):
        "rank \(rank) has \(found) elements of flat tensor \(group), and rank 0 has \(expected)"
      case .overflow: "the parameters are said to be larger than any can be"
      }
    }
  }

  /// The places of parameters at stages 1 and 2: the ranks' tensors of a group, end to end, have its parameters
  /// end to end, and padding behind them.
  ///
  /// - Parameters:
  ///   - groups: The parameters of each group in order.
  ///   - lengths: How long each rank's flat tensor of each group is, by rank.
  static func joined(
    _ groups: [[Parameter]], lengths: [[Int]]
  ) throws(Fault) -> [Placed] {
    for (rank, own) in lengths.enumerated() where own.count != groups.count {
      throw .groupCount(rank: rank, found: own.count, expected: groups.count)
    }
    let worldSize = lengths.count
    var placed: [Placed] = []
    for (group, parameters) in groups.enumerated() {
      let parts = lengths.map { $0[group] }
      let found = try sum(parts)
      let needed = try sum(parameters.map(\.count))
      // Both are padded to a multiple of twice the number of ranks, or one of them is.
      let unit = 2 * worldSize
      guard needed <= found, try roundedUp(needed, unit) == roundedUp(found, unit) else {
        throw .elementCount(group: group, found: found, needed: needed)
      }
      var starts: [Int] = []
      var start = 0
      for part in parts {
        starts.append(start)
        start += part
      }
      var offset = 0
      var rank = 0
      for parameter in parameters {
        let end = offset + parameter.count
        var pieces: [Piece] = []
        var place = offset
        while place < end {
          while starts[rank] + parts[rank] <= place { rank += 1 }
          let stop = min(end, starts[rank] + parts[rank])
          pieces.append(
            Piece(
              start: place - offset, rank: rank, group: group,
              range: place - starts[rank]..<stop - starts[rank]))
          place = stop
        }
        placed.append(Placed(parameter: parameter, group: group, pieces: pieces))
        offset = end
      }
    }
    return placed
  }

  /// The places of parameters at stage 3: each parameter is divided by itself, and every rank has as many
  /// elements of it, rounded up, at the same place.
  ///
  /// - Parameters:
  ///   - groups: The parameters of each group in order.
  ///   - lengths: How long each rank's flat tensors are, by rank.
  static func divided(
    _ groups: [[Parameter]], lengths: [[Int]]
  ) throws(Fault) -> [Placed] {
    guard let first = lengths.first else { return [] }
    for (rank, own) in lengths.enumerated() {
      guard own.count == first.count else {
        throw .groupCount(rank: rank, found: own.count, expected: first.count)
      }
      for (group, length) in own.enumerated() where length != first[group] {
        throw .rankLength(rank: rank, group: group, found: length, expected: first[group])
      }
    }
    let worldSize = lengths.count
    let found = try sum(first)
    let needed = try sum(groups.joined().map { share(of: $0.count, worldSize) })
    guard found == needed else { throw .elementCount(group: nil, found: found, needed: needed) }
    var starts: [Int] = []
    var start = 0
    for length in first {
      starts.append(start)
      start += length
    }
    var placed: [Placed] = []
    var offset = 0
    var current = 0
    for parameter in groups.joined() {
      let share = share(of: parameter.count, worldSize)
      while current + 1 < first.count, starts[current] + first[current] <= offset { current += 1 }
      var pieces: [Piece] = []
      for rank in 0..<worldSize {
        let own = min(share, max(parameter.count - rank * share, 0))
        var (place, group) = (offset, current)
        while place < offset + own {
          while starts[group] + first[group] <= place { group += 1 }
          let stop = min(offset + own, starts[group] + first[group])
          pieces.append(
            Piece(
              start: rank * share + place - offset, rank: rank, group: group,
              range: place - starts[group]..<stop - starts[group]))
          place = stop
        }
      }
      placed.append(Placed(parameter: parameter, group: current, pieces: pieces))
      offset += share
    }
    return placed
  }

  /// How many elements each rank has of so many: as many as are needed, the last of them padding.
  static func share(of count: Int, _ worldSize: Int) -> Int {
    count / worldSize + (count.isMultiple(of: worldSize) ? 0 : 1)
  }

  private static func sum(_ numbers: some Sequence<Int>) throws(Fault) -> Int {
    var sum = 0
    for number in numbers {
      let (next, overflow) = sum.addingReportingOverflow(number)
      guard !overflow else { throw .overflow }
      sum = next
    }
    return sum
  }

  private static func roundedUp(_ number: Int, _ unit: Int) throws(Fault) -> Int {
    let rest = number % unit
    guard rest > 0 else { return number }
    let (rounded, overflow) = number.addingReportingOverflow(unit - rest)
    guard !overflow else { throw .overflow }
    return rounded
  }
}
