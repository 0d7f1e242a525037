import Checkpoints
import Interchange
import States
import ToolSupport

/// Which tensors are converted, and under which names.
struct KeySelection {
  private let filter: KeyFilter
  private let isFiltering: Bool
  private let rules: [(text: String, rule: KeyRenaming)]

  /// - Throws: ``UsageError`` or `MappingError` if an expression is wrong.
  init(include: [String], exclude: [String], maps: [String]) throws {
    for (option, expressions) in [("include", include), ("exclude", exclude)] {
      for expression in expressions {
        do {
          _ = try KeyFilter(include: [expression])
        } catch {
          throw UsageError("--\(option) '\(expression)' cannot be used: \(error)")
        }
      }
    }
    filter = try KeyFilter(include: include, exclude: exclude)
    isFiltering = !include.isEmpty || !exclude.isEmpty
    rules = try maps.map { ($0, try KeyRenaming($0)) }
  }

  /// Leaves tensors out, and notes how many.
  ///
  /// - Throws: ``UsageError`` if no tensor is left.
  func leaveOut(of opened: inout OpenedCheckpoint) throws {
    guard isFiltering else { return }
    let keys = Array(opened.checkpoint.state.keys)
    opened.checkpoint = opened.checkpoint.filtered(filter)
    let count = opened.checkpoint.state.count
    if count == 0 && !keys.isEmpty {
      throw UsageError(
        "--include and --exclude leave none of the \(keys.count.of("tensor")) of \(opened.path), "
          + "whose keys begin with '\(keys[0])'")
    }
    if count < keys.count { opened.notes.append("\((keys.count - count).of("tensor")) left out") }
  }

  /// Gives tensors other names, and notes what changed none.
  ///
  /// - Throws: `MappingError` if two get one name.
  func rename(_ opened: inout OpenedCheckpoint) throws {
    guard isFiltering || !rules.isEmpty else { return }
    let kept = Array(opened.checkpoint.state.keys)
    var names = kept
    for (text, rule) in rules {
      let renamed = names.map(rule.renamed)
      // Most likely a mistake in the expression, which should not go unseen.
      if renamed == names { opened.notes.append("--map '\(text)' changed no key") }
      names = renamed
    }
    let renamed = try opened.checkpoint.renamed(rules.map(\.rule))
    let origins = Dictionary(uniqueKeysWithValues: zip(names, kept))
    opened.result.replaceCheckpoint(renamed, origins: origins)
  }
}
