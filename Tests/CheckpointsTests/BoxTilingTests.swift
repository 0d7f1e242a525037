import Checkpoints
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
}
