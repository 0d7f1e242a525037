/// Proves that boxes tile a tensor exactly: that each of its elements is in one of them and in no other.
///
/// The number of boxes that an element is in is a function on the grid of elements, and zero outside of the
/// boxes. Such a function is known from its mixed difference, that along all axes one after the other, as a
/// sequence is known from its steps. The mixed difference of one box is +1 or −1 at each of its corners, by
/// whether an even or an odd number of the coordinates are ends. So boxes tile a tensor exactly if their
/// corners, added up, are those of the tensor and nothing else. Nothing is compared pair by pair: it takes
/// n·log n for n boxes, however they lie. What validates the plans of `torch.distributed.checkpoint` 2.13
/// (`_validate_global_plan` in `default_planner.py`) compares each with all that it meets along the longest
/// axis, which for boxes that reach from end to end of that is each with each.
///
/// Where the sum differs first, in the order of the coordinates, is also the first element that is in
/// another number of boxes than one, which the error names.
///
/// An axis along which every box reaches from end to end has no corners to add and is left out: of a tensor
/// that is split along one axis, only that is looked at.
package enum BoxTiling {
  /// What is wrong with a set of boxes.
  package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A box reaches out of the tensor, or has another number of axes.
    case outside(Box)
    /// No box has this element.
    case gap([Int])
    /// More than one box has this element.
    case overlap([Int], count: Int)
    /// The boxes have another number of elements, and more corners than are looked at for the place.
    case elementCount(Int, of: Int)
    /// There are more corners than are looked at.
    case tooMany(axes: Int)

    /// A clause.
    package var description: String {
      switch self {
      case .outside(let box): "the piece \(box) is not within it"
      case .gap(let place): "no piece has its element \(place.listed)"
      case .overlap(let place, let count): "\(count) pieces have its element \(place.listed)"
      case .elementCount(let count, let whole):
        "its pieces have \(count) elements, and it has \(whole)"
      case .tooMany(let axes): "it is cut along \(axes) axes, into more corners than are looked at"
      }
    }
  }

  /// How many corners are added up at most. A box has two along an axis: a million boxes may be cut along
  /// four axes.
  private static let maximumCornerCount = 1 << 24

  /// Proves that boxes tile a tensor.
  ///
  /// Boxes without elements are passed over, as long as they are within it.
  ///
  /// - Parameters:
  ///   - boxes: The boxes, in any order.
  ///   - shape: The lengths of the tensor, whose product fits in an `Int`.
  /// - Throws: ``Fault``, the first that is found.
  package static func prove(_ boxes: some Collection<Box>, of shape: [Int]) throws(Fault) {
    var cornerCount = maximumCornerCount
    try prove(boxes, of: shape, corners: &cornerCount)
  }

  /// Proves that boxes tile a tensor, of several that may have so many corners together.
  ///
  /// - Parameter cornerCount: How many corners may be added up; those of the boxes are taken away.
  /// - Throws: ``Fault``, the first that is found.
  package static func prove(
    _ boxes: some Collection<Box>, of shape: [Int], corners cornerCount: inout Int
  ) throws(Fault) {
    var effort = 0
    try prove(boxes, of: shape, corners: &cornerCount, effort: &effort)
  }

  /// Proves that boxes tile a tensor, and counts what that takes.
  ///
  /// - Parameter effort: How often a number was compared with another, or a corner was added; what it took is
  ///   added to it.
  /// - Throws: ``Fault``, the first that is found.
  package static func prove(
    _ boxes: some Collection<Box>, of shape: [Int], corners cornerCount: inout Int,
    effort: inout Int
  ) throws(Fault) {
    var parts: [Box] = []
    parts.reserveCapacity(boxes.count)
    for box in boxes {
      guard box.isWithin(shape) else { throw .outside(box) }
      if !box.isEmpty { parts.append(box) }
    }
    guard !shape.contains(0) else { return }
    let axes = shape.indices.filter { axis in
      parts.contains { $0.sizes[axis] != shape[axis] }
    }
    // Without boxes there is nothing to leave axes out for.
    guard !parts.isEmpty else { throw .gap(shape.map { _ in 0 }) }
    let limit = min(cornerCount, maximumCornerCount)
    guard axes.count < 26, (parts.count + 1) << axes.count <= limit else {
      // Of many corners the sum of the sizes may tell that they do not tile it.
      let whole = shape.reduce(1, *)
      var rest = whole
      for part in parts {
        let size = part.sizes.reduce(1, *)
        guard size <= rest else { throw .tooMany(axes: axes.count) }
        rest -= size
      }
      throw rest > 0 ? .elementCount(whole - rest, of: whole) : .tooMany(axes: axes.count)
    }
    cornerCount -= (parts.count + 1) << axes.count
    let corners = Corners(parts, axes, shape, &effort)
    try corners.check(parts, &effort)
  }
}

/// The signed corners of boxes along some of the axes.
private struct Corners {
  private let axes: [Int]
  private let shape: [Int]
  /// The coordinates that occur along each of the axes, in order.
  private let marks: [[Int]]
  /// How far apart neighbours along each of the axes are when all corners are in one row.
  private let strides: [UInt128]
  private let count: UInt128

  /// Corners of which there are few places are added up where they are; others are sorted.
  private static let densePerCorner = 4

  init(_ boxes: [Box], _ axes: [Int], _ shape: [Int], _ effort: inout Int) {
    self.axes = axes
    self.shape = shape
    var comparisons = 0
    marks = axes.map { axis in
      var marks = [0, shape[axis]]
      marks.reserveCapacity(2 * boxes.count + 2)
      for box in boxes {
        marks.append(box.offsets[axis])
        marks.append(box.offsets[axis] + box.sizes[axis])
      }
      marks.sort { first, second in
        comparisons += 1
        return first < second
      }
      var distinct: [Int] = []
      for mark in marks where mark != distinct.last { distinct.append(mark) }
      return distinct
    }
    var strides = [UInt128](repeating: 1, count: axes.count)
    var count: UInt128 = 1
    for index in axes.indices.reversed() {
      strides[index] = count
      // At most 23 axes with no more than 2²⁴ corners in all: two coordinates or more each, and few of them.
      count = count.multipliedReportingOverflow(by: UInt128(marks[index].count)).partialValue
    }
    self.strides = strides
    self.count = count
    effort += comparisons
  }

  /// Whether all places of corners have numbers of their own.
  private var isExact: Bool {
    var product: UInt128 = 1
    for marks in marks {
      let (next, overflow) = product.multipliedReportingOverflow(by: UInt128(marks.count))
      guard !overflow else { return false }
      product = next
    }
    return true
  }

  func check(_ boxes: [Box], _ effort: inout Int) throws(BoxTiling.Fault) {
    guard isExact else { throw .tooMany(axes: axes.count) }
    let cornerCount = (boxes.count + 1) << axes.count
    if count <= UInt128(Self.densePerCorner * cornerCount) {
      try checkDense(boxes, Int(count), &effort)
    } else {
      try checkSparse(boxes, cornerCount, &effort)
    }
  }

  private func checkDense(
    _ boxes: [Box], _ count: Int, _ effort: inout Int
  ) throws(BoxTiling.Fault) {
    var sums = [Int](repeating: 0, count: count)
    addAll(boxes) { place, sign in
      sums[Int(place)] += sign
      effort += 1
    }
    effort += count
    if let place = sums.firstIndex(where: { $0 != 0 }) {
      throw fault(at: UInt128(place), sums[place])
    }
  }

  private func checkSparse(
    _ boxes: [Box], _ cornerCount: Int, _ effort: inout Int
  ) throws(BoxTiling.Fault) {
    var corners: [(place: UInt128, sign: Int)] = []
    corners.reserveCapacity(cornerCount)
    addAll(boxes) { corners.append(($0, $1)) }
    var comparisons = corners.count
    corners.sort { first, second in
      comparisons += 1
      return first.place < second.place
    }
    effort += comparisons
    var start = 0
    while start < corners.count {
      var end = start
      var sum = 0
      while end < corners.count, corners[end].place == corners[start].place {
        sum += corners[end].sign
        end += 1
      }
      guard sum == 0 else { throw fault(at: corners[start].place, sum) }
      start = end
    }
  }

  /// Gives the corners of all boxes, and those of the tensor with the other sign.
  private func addAll(_ boxes: [Box], _ add: (UInt128, Int) -> Void) {
    let ranks = marks.map { marks in
      Dictionary(uniqueKeysWithValues: marks.enumerated().map { ($1, UInt128($0)) })
    }
    var low = [UInt128](repeating: 0, count: axes.count)
    var high = low
    func addCorners(_ sign: Int) {
      for choice in 0..<(1 << axes.count) {
        var place: UInt128 = 0
        for index in axes.indices {
          place += choice >> index & 1 == 0 ? low[index] : high[index]
        }
        add(place, choice.nonzeroBitCount.isMultiple(of: 2) ? sign : -sign)
      }
    }
    for box in boxes {
      for (index, axis) in axes.enumerated() {
        let start = box.offsets[axis]
        low[index] = (ranks[index][start] ?? 0) * strides[index]
        high[index] = (ranks[index][start + box.sizes[axis]] ?? 0) * strides[index]
      }
      addCorners(1)
    }
    for (index, marks) in marks.enumerated() {
      low[index] = 0
      high[index] = UInt128(marks.count - 1) * strides[index]
    }
    addCorners(-1)
  }

  /// What the first difference says: all corners before it, in each coordinate, are as they should be, so
  /// that the element there is in one box and as many more as the sum says.
  private func fault(at place: UInt128, _ sum: Int) -> BoxTiling.Fault {
    var rest = place
    var element = [Int](repeating: 0, count: shape.count)
    for (index, axis) in axes.enumerated() {
      element[axis] = marks[index][Int(rest / strides[index])]
      rest %= strides[index]
    }
    return sum < 0 ? .gap(element) : .overlap(element, count: sum + 1)
  }
}
