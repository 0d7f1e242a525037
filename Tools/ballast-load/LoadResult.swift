import Ballast
import ToolSupport

/// What loading and running a model came to.
struct LoadResult {
  private var report: LoadReport
  private var output: NDArray?
  private var greatestDifference: Double?

  /// Whether the output is what was expected, if anything was.
  private(set) var isAsExpected = true

  /// - Parameter skipped: What was left out for its shape.
  init(_ report: LoadReport, skipped: [LoadReport.ShapeMismatch]) {
    self.report = report
    self.report.shapeMismatches += skipped
  }

  /// Runs a model on an array.
  mutating func run(_ model: Module, on path: String, _ console: Console) throws {
    let input = try NPYFile.read(path)
    if let words = model.firstLayer as? Embedding { try words.check(input, path) }
    console.progress("Running on \(path)")
    let result = noGrad { model(Tensor(input)) }
    console.clearProgress()
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
          ("as_expected", .bool(isAsExpected)),
        ]))
  }
}

extension Module {
  /// The layer that an input meets first, going by the order of the modules.
  fileprivate var firstLayer: Module {
    children().first?.firstLayer ?? self
  }
}

extension Embedding {
  /// Holds that an array has the numbers of rows, which a table cannot do without.
  ///
  /// - Throws: ``UsageError``.
  fileprivate func check(_ input: NDArray, _ path: String) throws {
    guard input.dtype.isIntegral, input.dtype != .bool else {
      throw UsageError(
        "\(path): the model begins with an Embedding, which takes integers, not \(input.dtype)")
    }
    let rows = try input.converted(to: .int64).elements(as: Int64.self)
    guard let row = rows.first(where: { !(0..<Int64(weight.shape[0])).contains($0) }) else {
      return
    }
    throw UsageError(
      "\(path): the model begins with an Embedding of \(weight.shape[0]) rows, and there is a "
        + "\(row)")
  }
}
