import States
import ToolSupport

/// A fact of a file as lines: its name, and behind or below it what it is.
struct FactLines {
  let lines: [String]

  init(_ name: String, _ value: Value) {
    switch value {
    case .list(let elements) where !elements.isEmpty:
      lines = ["  \(name) (\(elements.count.grouped))"] + elements.map { "    \(Self.text($0))" }
    case .dict(let members) where !members.isEmpty:
      lines =
        ["  \(name)"] + members.map { "    \($0.key.text): \(Self.text($0.value))" }
    default: lines = ["  \(name)  \(Self.text(value))"]
    }
  }

  /// A value in one line; what has parts, as `name: value` one after the other.
  private static func text(_ value: Value) -> String {
    switch value {
    case .string(let text): shortened(text)
    case .int(let number): number.grouped
    case .dict(let members):
      members.map { $0.key == "name" ? text($0.value) : "\($0.key.text) \(text($0.value))" }
        .joined(separator: "  ")
    default: value.json()
    }
  }

  /// The beginning of a text that would fill the screen, such as an outline of all tensors.
  private static func shortened(_ text: String) -> String {
    guard text.count > maximumCount else { return text }
    return "\(text.prefix(maximumCount)) … (\(text.count.of("character")); --json shows all)"
  }

  private static let maximumCount = 160
}
