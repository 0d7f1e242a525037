import Ballast
import ToolSupport

/// What loading and running a model came to.
struct LoadResult {
  private let report: LoadReport
  private var output: NDArray?
  private var greatestDifference: Double?
  /// What of the model the file did not say, or the reader has no place for.
  private let losses: LossReport

  /// Whether the output is what was expected, if anything was.
  private(set) var isAsExpected = true

  /// - Parameter losses: What was lost in reading.
  init(_ report: LoadReport, losses: LossReport) {
    self.report = report
    self.losses = losses
  }

  /// Runs a model on an array.
  ///
  /// - Throws: `UsageError` if an Embedding is given what are not numbers of its rows.
  mutating func run(_ model: Module, on path: String, _ console: Console) throws {
    let input = try NPYFile.read(path)
    let watch = TableWatch(model)
    defer { watch.stop() }
    console.progress("Running on \(path)")
    let result = noGrad { model(Tensor(input)) }
    console.clearProgress()
    if let mistake = watch.mistake { throw UsageError("\(path): \(mistake)") }
    output = result.array
    console.print("\(path) \(input.shape) → \(result.array.shape)")
  }

  /// Writes the output as `.npy`.
  func writeOutput(to path: String, _ overwrite: ReplacementFile.Overwrite) throws {
    if let output { try NPYFile.write(output, to: path, overwrite: overwrite) }
  }

  /// Compares the output with an array.
  mutating func compare(with path: String, tolerance: Double, _ console: Console) throws {
    guard let output else { return }
    let expected = try NPYFile.read(path)
    guard expected.shape == output.shape else {
      isAsExpected = false
      console.print("expected shape \(expected.shape) (\(path)), and got \(output.shape)")
      return
    }
    let mine = try output.converted(to: .float64).elements(as: Double.self)
    let theirs = try expected.converted(to: .float64).elements(as: Double.self)
    let difference = zip(mine, theirs).reduce(0.0) { greatest, pair in
      let apart = (pair.0 - pair.1).magnitude
      return apart.isNaN && !(pair.0.isNaN && pair.1.isNaN) ? .infinity : max(greatest, apart)
    }
    greatestDifference = difference
    isAsExpected = difference <= tolerance
    console.print(
      "greatest difference from \(path): \(difference) "
        + (isAsExpected ? "(within \(tolerance))" : "(more than \(tolerance))"))
  }

  /// The result for programs.
  func value(file: String) -> Value {
    .dict(
      .init(
        uniqueKeysWithValues: [("file", .string(file))] + report.members + [
          ("output_shape", output.map { .list($0.shape.map { .int($0) }) } ?? .none),
          ("greatest_difference", greatestDifference.map { .float($0) } ?? .none),
          ("as_expected", .bool(isAsExpected)), ("losses", losses.value),
        ]))
  }
}
