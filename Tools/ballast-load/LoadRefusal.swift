import Ballast
import ToolSupport

/// A load that the model refused, for people and for programs.
struct LoadRefusal {
  private let file: String
  private let error: LoadError

  /// How many keys a line names; a model may have thousands.
  static let namedCount = 8

  init(file: String, _ error: LoadError) {
    self.file = file
    self.error = error
  }

  /// Says why, and what can be done.
  ///
  /// - Returns: How the tool ends.
  func tell(_ console: Console) -> ExitStatus {
    console.clearProgress()
    let status = ExitStatus(error)
    let text = "Error(s) in loading state_dict for \(error.moduleType):"
    let problems = error.report.problems(strict: error.strict, atMost: Self.namedCount)
    Console.error(
      text, details: problems + [error.advice].compactMap(\.self), tool: LoadCommand.toolName)
    let outcome: [(Value.Key, Value)] = [
      ("error", .string(error.description)), ("status", .int(Int(status.rawValue))),
    ]
    console.report(
      .dict(
        .init(
          uniqueKeysWithValues: [("file", .string(file))] + error.report.members + outcome)))
    return status
  }
}

extension LoadReport {
  /// What became of each key, for programs.
  var members: [(Value.Key, Value)] {
    [
      ("matched", .list(matched.map { .string($0) })),
      ("missing", .list(missing.map { .string($0) })),
      ("unexpected", .list(unexpected.map { .string($0) })),
      (
        "mismatched",
        .list(
          (shapeMismatches + skipped).map {
            [
              "key": .string($0.key),
              "checkpoint_shape": .list($0.checkpointShape.map { .int($0) }),
              "model_shape": .list($0.modelShape.map { .int($0) }),
            ]
          })
      ),
      ("narrowed", .list(narrowings.map { .string($0.key) })),
      ("mappings", .list(mappings.map { .string($0) })),
      ("adaptations", .list(adaptations.map { .string($0) })),
    ]
  }
}
