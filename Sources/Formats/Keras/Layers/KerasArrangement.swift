import Arrays

/// In which order the features along an axis come in PyTorch's twin.
///
/// Keras has the channels of images last, PyTorch first. Where axes become one, as in `Flatten`, the
/// features along it come in two orders, and the weights that take them have to be permuted.
enum KerasArrangement: Hashable {
  /// In Keras's order.
  case plain
  /// Blocks one after the other, of which each has an order of its own.
  case blocks([Block])
  /// In an order that is not known, for this reason.
  case unknown(String)

  /// Features that were axes of their own.
  struct Block: Hashable {
    /// The lengths of the axes in Keras's order.
    let lengths: [Int]
    /// The axes in the twin's order.
    let order: [Int]

    /// How many features there are.
    var count: Int { lengths.reduce(1, *) }
    /// Whether both orders are the same.
    var isPlain: Bool { order == Array(lengths.indices) }
  }

  /// Axes of these lengths that became one, in Keras's order, and the order that the twin has.
  static func merged(_ lengths: [Int], order: [Int]) -> KerasArrangement {
    guard Shape(validating: lengths) != nil else {
      return .unknown("there are too many features")
    }
    return normal([Block(lengths: lengths, order: order)])
  }

  /// Features of several axes that were put one after the other.
  static func joined(_ parts: [(features: KerasArrangement, length: Int?)]) -> KerasArrangement {
    if let unknown = parts.first(where: { $0.features.reason != nil }) { return unknown.features }
    if parts.allSatisfy({ $0.features == .plain }) { return .plain }
    let blocks = parts.map { $0.features.blocks(of: $0.length) }
    guard !blocks.contains(nil) else {
      return .unknown("the lengths of what is put together are not known")
    }
    return normal(blocks.compactMap(\.self).flatMap(\.self))
  }

  /// Why the order is not known, nil if it is.
  var reason: String? {
    if case .unknown(let reason) = self { return reason }
    return nil
  }

  /// The blocks of so many features, nil if the count is needed and not known.
  func blocks(of count: Int?) -> [Block]? {
    switch self {
    case .plain: return count.map { [Block(lengths: [$0], order: [0])] }
    case .blocks(let blocks): return blocks
    case .unknown: return nil
    }
  }

  /// The maximum number of blocks of one axis.
  private static let maximumBlockCount = 4096

  /// The axis and those before it as one, if neither library moves any of those.
  func after(_ lengths: [Int?]) -> KerasArrangement {
    guard case .blocks(let blocks) = self else { return self }
    let known = lengths.compactMap(\.self)
    guard known.count == lengths.count, let count = Shape(validating: known)?.elementCount else {
      return .unknown("the lengths of what is made one axis are not known")
    }
    if blocks.count == 1 {
      let all = known + blocks[0].lengths
      let order = Array(known.indices) + blocks[0].order.map { $0 + known.count }
      return .merged(all, order: order)
    }
    let (total, overflow) = count.multipliedReportingOverflow(by: blocks.count)
    guard !overflow, total <= Self.maximumBlockCount else {
      return .unknown("too many parts are put together")
    }
    return Self.normal((0..<count).flatMap { _ in blocks })
  }

  /// Whether features in this order are an image's of these lengths, channels last, whose channels
  /// the twin has first.
  func isImage(_ lengths: [Int]) -> Bool { self == .image(lengths) }

  /// What an image of these lengths, channels last, becomes as a vector.
  static func image(_ lengths: [Int], lead: Int = 0) -> KerasArrangement {
    let last = lengths.count - 1
    guard last > lead else { return .plain }
    return .merged(lengths, order: Array(0..<lead) + [last] + Array(lead..<last))
  }

  /// The same with as few blocks and axes as there can be.
  private static func normal(_ blocks: [Block]) -> KerasArrangement {
    var result: [Block] = []
    for block in blocks.map(normal) {
      if let last = result.last, last.isPlain, block.isPlain {
        result[result.count - 1] = Block(lengths: [last.count + block.count], order: [0])
      } else {
        result.append(block)
      }
    }
    return result.allSatisfy(\.isPlain) ? .plain : .blocks(result)
  }

  /// Axes of one element are left out, and those that stay side by side are one.
  private static func normal(_ block: Block) -> Block {
    guard block.count > 0 else { return Block(lengths: [0], order: [0]) }
    var runs: [[Int]] = []
    // Those of one element do not come between others.
    let kept = block.lengths.indices.filter { block.lengths[$0] != 1 }
    let positions = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    for axis in block.order.compactMap({ positions[$0] }) {
      if let last = runs.last?.last, last + 1 == axis {
        runs[runs.count - 1].append(axis)
      } else {
        runs.append([axis])
      }
    }
    let byKeras = runs.sorted { $0[0] < $1[0] }
    let lengths = byKeras.map { run in run.map { block.lengths[kept[$0]] }.reduce(1, *) }
    let order = runs.map { run in byKeras.firstIndex(of: run) ?? 0 }
    return lengths.isEmpty
      ? Block(lengths: [1], order: [0]) : Block(lengths: lengths, order: order)
  }
}
