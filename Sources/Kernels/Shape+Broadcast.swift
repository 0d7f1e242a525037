import Arrays
import Files

extension Shape {
  /// The shape that arrays of two shapes broadcast to, as in NumPy.
  ///
  /// - Precondition: Along each dimension, counted from the last, the lengths are equal or one
  ///   of them is one; `operation` names who asked in the message.
  package static func broadcast(
    _ x: Shape, _ y: Shape, for operation: StaticString
  ) -> Shape {
    if x == y { return x }
    let (longer, shorter) = x.rank >= y.rank ? (x, y) : (y, x)
    var lengths = longer.dimensions
    let added = longer.rank - shorter.rank
    for axis in 0..<shorter.rank where lengths[axis + added] != shorter[axis] {
      if lengths[axis + added] == 1 {
        lengths[axis + added] = shorter[axis]
      } else if shorter[axis] != 1 {
        trap("\(operation): shapes \(x) and \(y) do not broadcast")
      }
    }
    return Shape(lengths)
  }

  /// Whether an array of this shape broadcasts to `target`.
  package func broadcasts(to target: Shape) -> Bool {
    guard rank <= target.rank else { return false }
    return zip(dimensions.reversed(), target.dimensions.reversed()).allSatisfy {
      $0 == $1 || $0 == 1
    }
  }

  /// The dimensions that must be summed to undo a broadcast to `target`.
  package func axesBroadcast(to target: Shape) -> [Int] {
    let added = target.rank - rank
    return target.indices.filter { axis in
      axis < added || (self[axis - added] == 1 && target[axis] != 1)
    }
  }
}

/// The dimensions over which a loop over several arrays runs, as few of them as the strides allow.
struct LoopNest {
  /// The lengths, outermost first. At least one.
  private(set) var lengths: [Int]
  /// For each array the strides along these dimensions.
  private(set) var strides: [[Int]]

  /// The loop over all elements of arrays that broadcast to `shape`.
  init(_ shape: Shape, _ layouts: [Layout]) {
    let expanded = layouts.map { $0.shape == shape ? $0 : $0.expanded(to: shape) }
    self.init(lengths: shape.dimensions, strides: expanded.map(\.strides))
  }

  /// A loop over these dimensions, some of which may be joined.
  init(lengths allLengths: [Int], strides allStrides: [[Int]]) {
    lengths = []
    strides = allStrides.map { _ in [] }
    for axis in allLengths.indices where allLengths[axis] != 1 {
      let length = allLengths[axis]
      let joins =
        !lengths.isEmpty
        && allStrides.indices.allSatisfy {
          strides[$0][lengths.count - 1] == allStrides[$0][axis] * length
        }
      if joins {
        lengths[lengths.count - 1] *= length
        for array in allStrides.indices {
          strides[array][lengths.count - 1] = allStrides[array][axis]
        }
      } else {
        lengths.append(length)
        for array in allStrides.indices { strides[array].append(allStrides[array][axis]) }
      }
    }
    if lengths.isEmpty {
      lengths = [1]
      strides = allStrides.map { _ in [1] }
    }
  }

  /// Calls `body` with parts of the loop for several threads: lengths, the first index along the
  /// outermost dimension, and the number of elements before the part.
  func split(_ body: ([Int], Int, Int) -> Void) {
    let inner = lengths.dropFirst().reduce(1, *)
    let grain = Swift.max(1, Threads.elementGrain / Swift.max(inner, 1))
    Threads.split(lengths[0], grain: grain) { range in
      var part = lengths
      part[0] = range.count
      body(part, range.lowerBound, range.lowerBound * inner)
    }
  }
}
