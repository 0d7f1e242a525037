/// A box within a tensor: where it begins and how long it is along each axis, in elements.
package struct Box: Hashable, Sendable, CustomStringConvertible {
  /// Where it begins along each axis.
  package let offsets: [Int]
  /// How long it is along each axis.
  package let sizes: [Int]

  /// A box of these numbers, which nobody has checked yet: see ``BoxTiling``.
  package init(_ offsets: [Int], _ sizes: [Int]) {
    self.offsets = offsets
    self.sizes = sizes
  }

  /// All of a tensor.
  package init(all sizes: [Int]) {
    self.init([Int](repeating: 0, count: sizes.count), sizes)
  }

  /// Whether it has no element.
  package var isEmpty: Bool { sizes.contains(0) }

  /// Whether it is a box of as many axes as a tensor, and within it. Numbers near `Int.max` are no harm.
  package func isWithin(_ shape: [Int]) -> Bool {
    guard offsets.count == shape.count, sizes.count == shape.count else { return false }
    for axis in shape.indices {
      guard offsets[axis] >= 0, sizes[axis] >= 0, offsets[axis] <= shape[axis],
        sizes[axis] <= shape[axis] - offsets[axis]
      else { return false }
    }
    return true
  }

  /// The ranges along the axes, as Python writes a part of an array: `[0:3, 4:8]`.
  package var description: String {
    let ranges = zip(offsets, sizes).map { offset, size in
      let (end, overflow) = offset.addingReportingOverflow(size)
      return "\(offset):\(overflow ? "…" : String(end))"
    }
    return ranges.listed
  }
}

extension [Int] {
  /// Lengths or a place in a sentence; of many the first: a file may claim any number.
  package var listed: String { map(String.init).listed }
}

extension [String] {
  /// In brackets; of many the first.
  fileprivate var listed: String {
    let shown = 8
    guard count > shown else { return "[\(joined(separator: ", "))]" }
    return "[\(prefix(shown).joined(separator: ", ")), … (\(count) axes)]"
  }
}
