import Checkpoints
import Foundation
import TestSupport
import Testing

/// The proof that boxes tile a tensor, against counting element by element.
@Suite struct BoxTilingTests {
  private func fault(_ boxes: [Box], _ shape: [Int]) -> BoxTiling.Fault? {
    do throws(BoxTiling.Fault) {
      try BoxTiling.prove(boxes, of: shape)
      return nil
    } catch {
      return error
    }
  }

  /// The first element that is not in one box, and in how many it is.
  private func counted(_ boxes: [Box], _ shape: [Int]) -> (element: [Int], count: Int)? {
    func look(_ element: [Int]) -> (element: [Int], count: Int)? {
      guard element.count == shape.count else {
        return (0..<shape[element.count]).lazy.compactMap { look(element + [$0]) }.first
      }
      let count = boxes.count { box in
        element.indices.allSatisfy { axis in
          (box.offsets[axis]..<box.offsets[axis] + box.sizes[axis]).contains(element[axis])
        }
      }
      return count == 1 ? nil : (element, count)
    }
    return look([])
  }

  /// Cuts a box in two along some axis, again and again: any tiling by cuts.
  private func cut(
    _ shape: [Int], _ times: Int, _ generator: inout SeededGenerator
  ) -> [Box] {
    var boxes = [Box(all: shape)]
    for _ in 0..<times where !shape.isEmpty {
      let index = Int.random(in: boxes.indices, using: &generator)
      let axis = Int.random(in: shape.indices, using: &generator)
      let box = boxes[index]
      let length = Int.random(in: 0...box.sizes[axis], using: &generator)
      var (first, second, offsets) = (box.sizes, box.sizes, box.offsets)
      first[axis] = length
      second[axis] -= length
      offsets[axis] += length
      boxes[index] = Box(box.offsets, first)
      boxes.append(Box(offsets, second))
    }
    return boxes.shuffled(using: &generator)
  }

  @Test(arguments: 0..<60) func itSaysWhatCountingSays(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<40 {
      let rank = Int.random(in: 0...4, using: &generator)
      let shape = (0..<rank).map { _ in Int.random(in: 0...6, using: &generator) }
      var boxes = cut(shape, Int.random(in: 0...12, using: &generator), &generator)
      #expect(fault(boxes, shape) == nil, "\(shape): \(boxes)")
      // A box less, one twice, and one that is moved or longer or shorter.
      for change in 0..<4 {
        var changed = boxes
        let index = Int.random(in: boxes.indices, using: &generator)
        switch change {
        case 0: changed.remove(at: index)
        case 1: changed.append(boxes[index])
        default:
          guard rank > 0 else { continue }
          let axis = Int.random(in: 0..<rank, using: &generator)
          var (offsets, sizes) = (boxes[index].offsets, boxes[index].sizes)
          if change == 2 {
            offsets[axis] += Int.random(in: -1...1, using: &generator)
          } else {
            sizes[axis] += Int.random(in: -1...1, using: &generator)
          }
          changed[index] = Box(offsets, sizes)
        }
        if let outside = changed.first(where: { !$0.isWithin(shape) }) {
          #expect(fault(changed, shape) == .outside(outside))
          continue
        }
        switch counted(changed, shape) {
        case nil: #expect(fault(changed, shape) == nil)
        case let (element, 0)?: #expect(fault(changed, shape) == .gap(element))
        case let (element, count)?:
          #expect(fault(changed, shape) == .overlap(element, count: count))
        }
      }
      boxes.removeAll()
      #expect((fault(boxes, shape) == nil) == shape.contains(0))
    }
  }

  /// As many elements as the tensor, and yet a hole and an overlap: the sum of the sizes does not tell.
  @Test func theSumOfTheSizesIsNotEnough() {
    let boxes = [Box([0, 0], [2, 2]), Box([1, 1], [2, 2]), Box([0, 2], [1, 1])]
    #expect(fault(boxes, [3, 3]) == .overlap([1, 1], count: 2))
    #expect(fault([Box([0], [2]), Box([1], [2])], [4]) == .overlap([1], count: 2))
    #expect(fault([Box([0], [2]), Box([2], [1])], [4]) == .gap([3]))
  }

  /// Five boxes around a middle: no cut from end to end makes these.
  @Test func aPinwheelIsATiling() {
    let wheel = [
      Box([0, 0], [1, 2]), Box([0, 2], [2, 1]), Box([2, 1], [1, 2]), Box([1, 0], [2, 1]),
      Box([1, 1], [1, 1]),
    ]
    #expect(fault(wheel, [3, 3]) == nil)
    #expect(fault(wheel.dropLast(), [3, 3]) == .gap([1, 1]))
  }

  @Test func aTensorWithoutAxesIsOneElement() {
    #expect(fault([Box([], [])], []) == nil)
    #expect(fault([], []) == .gap([]))
    #expect(fault([Box([], []), Box([], [])], []) == .overlap([], count: 2))
    #expect(fault([Box([0], [1])], []) == .outside(Box([0], [1])))
  }

  @Test func aTensorWithoutElementsNeedsNoBoxes() {
    #expect(fault([], [0, 3]) == nil)
    #expect(fault([Box([0, 0], [0, 3]), Box([0, 1], [0, 1])], [0, 3]) == nil)
    #expect(fault([Box([0, 0], [1, 3])], [0, 3]) == .outside(Box([0, 0], [1, 3])))
  }

  /// Boxes without elements, as ranks have that get no row, are passed over.
  @Test func boxesWithoutElementsAreNoMatter() {
    #expect(fault([Box([0], [2]), Box([2], [0]), Box([2], [0]), Box([0], [0])], [2]) == nil)
    #expect(fault([Box([0], [0]), Box([1], [1])], [2]) == .gap([0]))
    #expect(fault([Box([0], [2]), Box([3], [0])], [2]) == .outside(Box([3], [0])))
  }

  @Test func numbersNearTheLargestAreNoHarm() {
    let most = Int.max
    #expect(fault([Box([0], [most])], [most]) == nil)
    #expect(fault([Box([0], [most - 1]), Box([most - 1], [1])], [most]) == nil)
    #expect(fault([Box([0], [most - 1])], [most]) == .gap([most - 1]))
    for box in [
      Box([most], [most]), Box([1], [most]), Box([most], [1]), Box([-1], [most]), Box([0], [-1]),
      Box([Int.min], [most]), Box([0, 0], [1, 1]), Box([0], []), Box([], [1]),
    ] {
      #expect(fault([box], [most]) == .outside(box))
    }
    #expect(fault([Box([most, 0], [0, 1])], [most, 1]) == .gap([0, 0]))
  }

  @Test func manyAxesAreRefusedRatherThanCounted() {
    let shape = [Int](repeating: 2, count: 30)
    #expect(fault([Box(all: shape)], shape) == nil)
    let small = [Int](repeating: 1, count: 30)
    // Of few boxes the sum of the sizes tells.
    #expect(
      fault([Box(small.map { _ in 0 }, small)], shape) == .elementCount(1, of: 1 << 30))
    let boxes = (0...30).map { number in
      Box(
        (0..<30).map { $0 < number ? 1 : 0 },
        (0..<30).map { $0 < number || $0 == number ? 1 : 2 })
    }
    #expect(fault(boxes, shape) == .tooMany(axes: 30))
    #expect(fault(boxes + [boxes[30]], shape) == .tooMany(axes: 30))
    #expect(fault(boxes.dropLast(), shape) == .elementCount((1 << 30) - 1, of: 1 << 30))
  }

  /// A grid of boxes, of which one is missing, or there twice.
  @Test func aLargeGridIsProved() {
    var boxes: [Box] = []
    for row in 0..<60 {
      for column in 0..<60 { boxes.append(Box([row * 3, column * 2], [3, 2])) }
    }
    #expect(fault(boxes, [180, 120]) == nil)
    let last = boxes.removeLast()
    #expect(fault(boxes, [180, 120]) == .gap(last.offsets))
    #expect(fault(boxes + [boxes[77], last], [180, 120]) == .overlap(boxes[77].offsets, count: 2))
  }

  /// Ways to cut a tensor into boxes, as many as are asked for: in rows; in a grid; in rows of which each is cut
  /// elsewhere; into columns that reach from end to end of the longest axis, which PyTorch compares each with each;
  /// and at places of which no two boxes share one.
  private enum Cuts: CaseIterable {
    case rows, grid, bricks, columns, stairs

    func boxes(_ side: Int) -> (boxes: [Box], shape: [Int]) {
      let count = side * side
      var generator = SeededGenerator(seed: 5)
      switch self {
      case .rows:
        return (
          (0..<count).map { Box([$0 * 3, 0], [3, 5]) }.shuffled(using: &generator), [count * 3, 5]
        )
      case .columns:
        let boxes = (0..<count).map { Box([0, $0], [count * 7, 1]) }
        return (boxes.shuffled(using: &generator), [count * 7, count])
      case .grid, .bricks:
        let boxes = (0..<side).flatMap { row in
          // Of bricks no two rows have a joint in common.
          let shift = self == .grid ? 0 : row
          return (0..<side).map { column in
            let start = column == 0 ? 0 : column * side + shift
            let end = column == side - 1 ? count : (column + 1) * side + shift
            return Box([row * 2, start], [2, end - start])
          }
        }
        return (boxes.shuffled(using: &generator), [side * 2, count])
      case .stairs:
        // A box, and what is below and beside it as a smaller tensor of the same kind.
        let length = count / 2 + 1
        let boxes = (0..<length).flatMap { step -> [Box] in
          let rest = length - step
          return rest == 1
            ? [Box([step, step], [1, 1])]
            : [Box([step, step], [1, rest]), Box([step + 1, step], [rest - 1, 1])]
        }
        return (boxes.shuffled(using: &generator), [length, length])
      }
    }
  }

  private func effort(_ boxes: [Box], _ shape: [Int]) throws -> Int {
    var (corners, effort) = (Int.max, 0)
    try BoxTiling.prove(boxes, of: shape, corners: &corners, effort: &effort)
    return effort
  }

  /// Sixteen times as many boxes take little more than sixteen times as much, by n·log n. To compare each with each
  /// would take 256 times as much.
  @Test func theEffortIsInProportionToTheBoxes() throws {
    for cuts in Cuts.allCases {
      let (few, shape) = cuts.boxes(24)
      let (many, larger) = cuts.boxes(96)
      #expect(many.count >= few.count * 15)
      let (first, second) = (try effort(few, shape), try effort(many, larger))
      let growth = Double(many.count) / Double(few.count)
      let bound = growth * log2(Double(many.count)) / log2(Double(few.count)) * 1.25
      #expect(Double(second) / Double(first) <= bound, "\(cuts): \(first), \(second)")
      // And it is more than nothing: each box was looked at.
      #expect(first >= few.count * 4, "\(cuts): \(first)")
      // Each box has four corners and four coordinates.
      #expect(Double(second) <= 16 * Double(many.count) * log2(Double(many.count)), "\(cuts)")
    }
  }
}
