/// Answers of which PyTorch leaves open which of several is given: which of equal elements an index names,
/// and what becomes of a number that an integer cannot hold.
enum OpenAnswers {
  /// PyTorch's answers, with those of ours in their place that are as right: only where it is open.
  static func settled(
    _ expected: [NDArray?], by found: [NDArray], of name: String, _ call: Call
  ) throws -> [NDArray?] {
    switch name {
    case "argsort":
      if case .bool(true)? = call.argument(nil, "stable") { return expected }
      return try indices(expected, found, at: 0, call, axis: call.int(1, "dim", -1))
    case "topk", "kthvalue":
      return try indices(expected, found, at: 1, call, axis: call.int(2, "dim", -1))
    case "int": return [try integers(expected.first ?? nil, found.first, call)]
    default: return expected
    }
  }

  /// The indices of a result, each ours where it names an element equal to the one that PyTorch's names.
  private static func indices(
    _ expected: [NDArray?], _ found: [NDArray], at place: Int, _ call: Call, axis: Int
  ) throws -> [NDArray?] {
    let x = try call.tensor(0).array
    guard place < found.count, place < expected.count, let wanted = expected[place],
      wanted.shape == found[place].shape, wanted.dtype == found[place].dtype, x.rank > 0
    else { return expected }
    let elements = Comparison.real(x)
    let dimensions = x.shape.dimensions
    let turned = axis < 0 ? axis + x.rank : axis
    let length = dimensions[turned]
    let inner = dimensions[(turned + 1)...].reduce(1, *)
    let lines = dimensions[..<turned].reduce(1, *) * inner
    let ours = Comparison.whole(found[place])
    var theirs = Comparison.whole(wanted)
    let count = lines == 0 ? 0 : ours.count / lines
    for line in 0..<lines {
      let (outer, rest) = line.quotientAndRemainder(dividingBy: inner)
      let places = (0..<count).map { (outer * count + $0) * inner + rest }
      // Each element is named once.
      guard Set(places.map { ours[$0] }).count == count else { continue }
      for place in places where (0..<Int64(length)).contains(ours[place]) {
        func element(_ index: Int64) -> Double {
          elements[(outer * length + Int(index)) * inner + rest]
        }
        let (own, other) = (element(ours[place]), element(theirs[place]))
        if own == other || own.isNaN && other.isNaN { theirs[place] = ours[place] }
      }
    }
    var settled = expected
    settled[place] = NDArray(theirs, shape: wanted.shape)
    return settled
  }

  /// Integers of numbers, ours where the number is none that an integer can hold.
  private static func integers(
    _ expected: NDArray?, _ found: NDArray?, _ call: Call
  ) throws -> NDArray? {
    guard let expected, let found, expected.shape == found.shape else { return expected }
    let ours = Comparison.whole(found)
    let settled = zip(
      zip(ours, Comparison.whole(expected)), Comparison.real(try call.tensor(0).array)
    )
    .map { pair, number in Int32(exactly: number.rounded(.towardZero)) == nil ? pair.0 : pair.1 }
    return NDArray(settled, shape: expected.shape).cast(to: expected.dtype)
  }
}
