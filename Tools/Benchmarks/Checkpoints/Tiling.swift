import Checkpoints

/// Boxes that tile a tensor, as many processes have them, in an order of no use.
struct Tiling {
  let shape: [Int]
  let boxes: [Box]

  /// - Parameters:
  ///   - kind: `rows` is a tensor that is cut along one axis; `columns` along the shorter one; `grid` along two; in
  ///     `bricks` each row is cut elsewhere; `cube` is cut along three axes.
  ///   - count: How many boxes there are: a power of its root.
  init?(_ kind: String, _ count: Int) {
    let rank = kind == "cube" ? 3 : 2
    var side = 1
    while (0..<rank).reduce(1, { power, _ in power * (side + 1) }) <= count { side += 1 }
    var boxes: [Box] = []
    boxes.reserveCapacity(count)
    switch kind {
    case "rows":
      shape = [count * 2, 64]
      for row in 0..<count { boxes.append(Box([row * 2, 0], [2, 64])) }
    case "columns":
      shape = [count * 2, count]
      for column in 0..<count { boxes.append(Box([0, column], [count * 2, 1])) }
    case "grid", "bricks":
      shape = [side * 2, side * side]
      for row in 0..<side {
        let shift = kind == "grid" ? 0 : row
        for column in 0..<side {
          let start = column == 0 ? 0 : column * side + shift
          let end = column == side - 1 ? side * side : (column + 1) * side + shift
          boxes.append(Box([row * 2, start], [2, end - start]))
        }
      }
    case "cube":
      shape = [Int](repeating: side * 2, count: 3)
      for number in 0..<side * side * side {
        let place = [number / (side * side), number / side % side, number % side].map { $0 * 2 }
        boxes.append(Box(place, [2, 2, 2]))
      }
    default: return nil
    }
    var generator = Steps()
    self.boxes = boxes.shuffled(using: &generator)
  }

  /// The same order in every run (a linear congruence of 64 bits, its upper half).
  private struct Steps: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let high = state >> 32
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return high << 32 | state >> 32
    }
  }
}
