import Arrays
import Autograd
import NN
import States

/// The keys of a state and the shapes of its tensors.
struct StateShapes: Sendable {
  let shapes: [String: Shape]

  /// Those of a model.
  init(_ model: Module) {
    shapes = Dictionary(
      model.stateDict(keepVars: true).map { ($0.key, $0.value.shape) }, uniquingKeysWith: { $1 })
  }

  /// Those of a state.
  init(_ state: StateDict) {
    shapes = Dictionary(
      state.entries.map { ($0.key, $0.value.array.shape) }, uniquingKeysWith: { $1 })
  }

  /// Which part of all keys both have, with the same shape.
  func likeness(to other: StateShapes) -> Double {
    let common = shapes.count { other.shapes[$0.key] == $0.value }
    return Double(common) / Double(max(shapes.count + other.shapes.count - common, 1))
  }

  /// Which part of all keys both have, where all numbers in keys count as the same.
  func likenessOfNames(to other: StateShapes) -> Double {
    let (mine, theirs) = (names, other.names)
    return Double(mine.intersection(theirs).count) / Double(max(mine.union(theirs).count, 1))
  }

  /// The keys without their numbers.
  private var names: Set<String> {
    Set(
      shapes.keys.map { key in
        key.split(separator: ".").map { $0.allSatisfy(\.isNumber) ? "#" : $0 }
          .joined(separator: ".")
      })
  }

  /// How many numbered parts there are behind a prefix: one more than the greatest number.
  func count(behind prefix: String) -> Int? {
    let numbers = shapes.keys.compactMap { key -> Int? in
      guard key.hasPrefix(prefix) else { return nil }
      return Int(key.dropFirst(prefix.count).prefix { $0 != "." })
    }
    return numbers.max().flatMap { $0 == .max ? nil : $0 + 1 }
  }
}

extension Architecture {
  /// The model with some arguments, without values; nil if they do not fit.
  func outline(_ arguments: [String: Value] = [:]) -> Module? {
    var members = arguments
    members["module"] = .string(name)
    let description = ModelDescription(
      .dict(.init(uniqueKeysWithValues: members.map { (.string($0.key), $0.value) })))
    return Device.with(.meta) { try? description.build() }
  }
}
