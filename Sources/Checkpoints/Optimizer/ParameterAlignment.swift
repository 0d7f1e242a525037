import Arrays

/// Finds the places of an optimizer's parameters among the tensors of a state dict.
///
/// Both are said to be in the order of the model, except that the optimizer's are split into groups, and
/// that the state dict has more: buffers, and parameters that are not optimised. So each group is
/// matched in order, by shapes. Only if there is exactly one way to do it is it believed: a
/// wrong match would give one parameter the momentum of another.
package enum ParameterAlignment {
  private static let maximumStateCount = 4096
  private static let maximumWork = 500_000

  /// A parameter put in a place, after others. Kept in a list and referred to by index.
  private struct Step {
    let group: Int
    let place: Int
    let before: Int?
  }

  private struct Ways {
    var count: Int
    var last: Int?
  }

  /// The place in `shapes` of each parameter of each group, or nil unless there is one way only.
  ///
  /// - Parameter groups: The shape of each parameter, nil where the optimizer does not say.
  package static func unique(of groups: [[Shape?]], in shapes: [Shape]) -> [[Int]]? {
    let total = groups.reduce(0) { $0 + $1.count }
    guard total > 0, total <= shapes.count else { return nil }
    var states: [[Int]: Ways] = [
      [Int](repeating: 0, count: groups.count): Ways(count: 1, last: nil)
    ]
    var steps: [Step] = []
    var work = 0
    for (place, shape) in shapes.enumerated() {
      let left = shapes.count - place - 1
      var next: [[Int]: Ways] = [:]
      func add(_ progress: [Int], _ ways: Ways) {
        let taken = progress.reduce(0, +)
        guard total - taken <= left else { return }
        if let known = next[progress] {
          next[progress] = Ways(count: min(2, known.count + ways.count), last: known.last)
        } else {
          next[progress] = ways
        }
      }
      for (progress, ways) in states {
        work += groups.count
        add(progress, ways)
        for (group, members) in groups.enumerated() where progress[group] < members.count {
          if let wanted = members[progress[group]], wanted != shape { continue }
          var advanced = progress
          advanced[group] += 1
          steps.append(Step(group: group, place: place, before: ways.last))
          add(advanced, Ways(count: ways.count, last: steps.count - 1))
        }
      }
      guard !next.isEmpty, next.count <= maximumStateCount, work <= maximumWork else {
        return nil
      }
      states = next
    }
    guard let ways = states[groups.map(\.count)], ways.count == 1 else { return nil }
    var places = [[Int]](repeating: [], count: groups.count)
    var step = ways.last
    while let index = step {
      places[steps[index].group].append(steps[index].place)
      step = steps[index].before
    }
    return places.map { $0.reversed() }
  }
}
