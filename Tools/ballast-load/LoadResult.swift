import Ballast
import OrderedCollections
import ToolSupport

/// What loading and running a model came to.
struct LoadResult {
  private let report: LoadReport
  /// How much the model holds: the number of its parameters, and the bytes of all its tensors.
  private let size: (parameters: Int, bytes: Int)
  private var outputs = NamedArrays([:])
  private var greatestDifference: Double?
  /// What of the model the file did not say, or the reader has no place for.
  private var losses: [ConversionLoss]
  private var notes: [String]
  /// The outputs that no expected array was held against, where any was.
  private var uncompared: [String] = []

  /// Whether the output is what was expected, if anything was.
  private(set) var isAsExpected = true

  /// - Parameters:
  ///   - losses: What was lost in reading the model.
  ///   - notes: What was noted in reading it.
  init(_ report: LoadReport, _ model: Module, losses: [ConversionLoss], notes: [String]) {
    self.report = report
    self.losses = losses
    self.notes = notes
    size = (
      model.parameters().reduce(0) { $0 + $1.elementCount },
      (model.parameters() + model.buffers()).reduce(0) { $0 + $1.elementCount * $1.dtype.itemSize }
    )
  }

  /// The size of the model in words.
  var sizeText: String { "\(size.parameters.of("parameter")), \(size.bytes.byteCountText)" }

  /// Tells what reading arrays lost and noted.
  mutating func tell(of arrays: NamedArrays, _ console: Console) {
    for (path, losses, notes) in arrays.remarks {
      for line in LossReport(losses).lines { console.print("  \(path): \(line)") }
      for note in notes { console.print("  \(path): note: \(note)") }
      self.losses += losses
      self.notes += notes.map { "\(path): \($0)" }
    }
  }

  /// Runs a model on arrays: on all of them by name if its inputs have names, or else on the only one.
  ///
  /// - Throws: `UsageError` if an array does not fit, or an Embedding is given what are not numbers of its
  ///   rows.
  mutating func run(_ model: Module, on inputs: NamedArrays, _ console: Console) throws {
    let watch = TableWatch(model)
    defer { watch.stop() }
    console.progress("Running")
    let start = ContinuousClock.now
    let results: OrderedDictionary<String, Tensor>
    if let named = model as? any NamedInputs {
      results = try Self.run(named, on: inputs)
    } else {
      guard inputs.arrays.count == 1, let input = inputs.arrays.values.first else {
        throw UsageError(
          "\(model.typeName) takes one array, and there are "
            + inputs.arrays.keys.map(inputs.title).joined(separator: ", "))
      }
      results = noGrad { [NamedArrays.nameless: model(Tensor(input))] }
    }
    let duration = ContinuousClock.now - start
    console.clearProgress()
    if let mistake = watch.mistake {
      throw UsageError(
        "\(inputs.arrays.keys.map(inputs.title).joined(separator: ", ")): \(mistake)")
    }
    outputs = NamedArrays(results.mapValues(\.array))
    let taken = inputs.arrays.map { "\(inputs.title($0.key)) \($0.value.shape)" }
    let given = outputs.arrays.map { "\($0.key)\($0.key.isEmpty ? "" : " ")\($0.value.shape)" }
    console.print(
      "\(taken.joined(separator: ", ")) → \(given.joined(separator: ", ")) in \(duration.text)")
  }

  /// Runs a model by the names of its inputs. One array without a name is the first of them.
  private static func run(
    _ model: any NamedInputs, on inputs: NamedArrays
  ) throws -> OrderedDictionary<String, Tensor> {
    var tensors: [String: Tensor] = [:]
    for (name, array) in inputs.arrays {
      let isNameless = name == NamedArrays.nameless
      let input = isNameless ? model.inputs.first?.name ?? name : name
      guard tensors.updateValue(Tensor(array), forKey: input) == nil else {
        throw UsageError("\(inputs.title(name)) has no name, and there is another \(input)")
      }
    }
    do {
      return try noGrad { try model.run(tensors) }
    } catch let error as ModelError {
      throw UsageError("\(error)")
    }
  }

  /// Writes the outputs: one as `.npy`, or all of them by name.
  func writeOutput(to path: String, _ overwrite: ReplacementFile.Overwrite) throws {
    try outputs.write(to: path, overwrite)
  }

  /// Compares outputs with expected ones, by their names, and names those of which nothing is expected.
  ///
  /// - Throws: `UsageError` if an expected output is not among the model's.
  mutating func compare(with path: String, tolerance: Double, _ console: Console) throws {
    let expected = try NamedArrays(reading: [path])
    tell(of: expected, console)
    var compared: Set<String> = []
    for (name, array) in expected.arrays {
      guard let counterpart = outputs.counterpart(of: name),
        let output = outputs.arrays[counterpart]
      else {
        throw UsageError(
          name == NamedArrays.nameless
            ? "\(path) has no name, and the model gives \(outputs.names)"
            : "\(path) has \(name), and the model gives \(outputs.names)")
      }
      compared.insert(counterpart)
      try compare(output, with: array, expected.title(name), tolerance: tolerance, console)
    }
    uncompared = outputs.arrays.keys.filter { !compared.contains($0) }
    if !uncompared.isEmpty {
      console.print("not compared, since \(path) has none: \(uncompared.joined(separator: ", "))")
    }
  }

  private mutating func compare(
    _ output: NDArray, with expected: NDArray, _ title: String, tolerance: Double,
    _ console: Console
  ) throws {
    guard expected.shape == output.shape else {
      isAsExpected = false
      console.print("expected shape \(expected.shape) (\(title)), and got \(output.shape)")
      return
    }
    guard !output.dtype.isComplex && !expected.dtype.isComplex else {
      throw UsageError("\(title): complex numbers are not compared")
    }
    let mine = try output.converted(to: .float64).elements(as: Double.self)
    let theirs = try expected.converted(to: .float64).elements(as: Double.self)
    let difference = zip(mine, theirs).reduce(0.0) { greatest, pair in
      // Equal infinities have no difference.
      let apart = pair.0 == pair.1 ? 0 : (pair.0 - pair.1).magnitude
      return apart.isNaN && !(pair.0.isNaN && pair.1.isNaN) ? .infinity : max(greatest, apart)
    }
    greatestDifference = max(greatestDifference ?? 0, difference)
    isAsExpected = isAsExpected && difference <= tolerance
    console.print(
      "greatest difference from \(title): \(difference) "
        + (difference <= tolerance ? "(within \(tolerance))" : "(more than \(tolerance))"))
  }

  /// The result for programs.
  func value(file: String) -> Value {
    .dict(
      .init(
        uniqueKeysWithValues: [("file", .string(file))] + report.members + [
          ("parameters", .int(size.parameters)), ("bytes", .int(size.bytes)),
          (
            "outputs",
            .dict(
              .init(
                uniqueKeysWithValues: outputs.arrays.map { name, array in
                  (.string(name), .list(array.shape.map { .int($0) }))
                }))
          ),
          ("greatest_difference", greatestDifference.map { .float($0) } ?? .none),
          ("as_expected", .bool(isAsExpected)),
          ("not_compared", .list(uncompared.map { .string($0) })),
          ("losses", LossReport(losses).value), ("notes", .list(notes.map { .string($0) })),
        ]))
  }
}

extension Duration {
  /// The time as people read it, in milliseconds or seconds.
  var text: String {
    let seconds = self / .seconds(1)
    return seconds < 1
      ? "\((seconds * 10_000).rounded() / 10) ms" : "\((seconds * 100).rounded() / 100) s"
  }
}
