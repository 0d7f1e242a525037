import Checkpoints
import Interchange
import OrderedCollections
import States

/// What reading or writing did not carry over, for people and for programs.
public struct LossReport {
  private let losses: [ConversionLoss]

  /// A report of these losses.
  public init(_ losses: [ConversionLoss]) { self.losses = losses }

  /// Whether nothing was lost or guessed.
  public var isEmpty: Bool { losses.isEmpty }

  /// A line for what became of tensors alike: the first names, and how many more. Where each has a
  /// line of its own, the first few lines of each sort of loss.
  public var lines: [String] {
    var groups: OrderedDictionary<ConversionLoss.Kind, OrderedDictionary<String, [String]>> = [:]
    for loss in losses {
      let subjects = loss.subject.map { [$0] } ?? []
      groups[loss.kind, default: [:]][loss.detail, default: []] += subjects
    }
    return groups.flatMap { kind, subjects in
      let label = kind.isGuess ? "guessed" : "lost"
      let shown = subjects.elements.prefix(Self.linesPerKind).map { detail, names in
        "\(label): \(names.isEmpty ? "" : Self.list(names) + ": ")\(detail)"
      }
      let rest = subjects.elements.dropFirst(Self.linesPerKind).reduce(0) {
        $0 + max($1.value.count, 1)
      }
      return rest == 0 ? shown : shown + ["\(label): and \(rest.grouped) more like these"]
    }
  }

  private static let linesPerKind = 3
  private static let namesPerLine = 3

  /// The first names, and how many more.
  private static func list(_ names: [String]) -> String {
    let rest = names.count - namesPerLine
    // One more name takes no more room than saying that there is one.
    guard rest > 1 else { return names.joined(separator: ", ") }
    return names.prefix(namesPerLine).joined(separator: ", ") + " and \(rest.grouped) more"
  }

  /// All losses for programs, one by one.
  public var value: Value {
    .list(
      losses.map {
        [
          "kind": .string($0.kind.rawValue), "subject": $0.subject.map { .string($0) } ?? .none,
          "detail": .string($0.detail),
        ]
      })
  }
}
