import Arrays

extension LoadReport {
  /// What prevents a load, one line per problem, in PyTorch's wording; empty if nothing does.
  ///
  /// - Parameters:
  ///   - strict: Whether missing and unexpected keys, and tensors of the file that were left out, are
  ///     problems.
  ///   - count: How many keys to name for each kind of problem. The rest are only counted.
  public func problems(strict: Bool, atMost count: Int = .max) -> [String] {
    var lines: [String] = []
    if strict && !missing.isEmpty {
      lines.append("Missing key(s) in state_dict: \(Self.quoted(missing, atMost: count)).")
    }
    if strict && !unexpected.isEmpty {
      lines.append("Unexpected key(s) in state_dict: \(Self.quoted(unexpected, atMost: count)).")
    }
    if strict {
      lines += Self.lines(droppedTensors, atMost: count) { "Tensor of the file not loaded: \($0)." }
    }
    lines += Self.lines(shapeMismatches, atMost: count) {
      "size mismatch for \($0.key): copying a param with shape \(Self.torchSize($0.checkpointShape)) "
        + "from checkpoint, the shape in current model is \(Self.torchSize($0.modelShape))."
    }
    lines += Self.lines(unconvertible, atMost: count) {
      "type mismatch for \($0.key): \($0.checkpointType) from checkpoint cannot be converted to the "
        + "\($0.modelType) in current model."
    }
    lines += Self.lines(tieConflicts, atMost: count) {
      "conflicting values for \($0): the model has one tensor under several names, "
        + "the checkpoint has different values for them."
    }
    if strict {
      let suggested = missing.compactMap { key in suggestions[key].map { (key, $0) } }
      lines += Self.lines(suggested, atMost: count) { "Did you mean: \"\($1)\" for \"\($0)\"?" }
    }
    return lines
  }

  private static func quoted(_ keys: [String], atMost count: Int) -> String {
    let shown = keys.prefix(count).map { "\"\($0)\"" }.joined(separator: ", ")
    return keys.count > count ? "\(shown) and \(keys.count - count) more" : shown
  }

  private static func lines<Problem>(
    _ problems: [Problem], atMost count: Int, _ text: (Problem) -> String
  ) -> [String] {
    let shown = problems.prefix(count).map(text)
    return problems.count > count
      ? shown + ["and \(problems.count - count) more like these"] : shown
  }

  private static func torchSize(_ shape: Shape) -> String {
    "torch.Size([" + shape.dimensions.map(String.init).joined(separator: ", ") + "])"
  }
}

extension LoadReport: CustomStringConvertible {
  /// PyTorch's `<All keys matched successfully>`, or the number of keys of each kind and all
  /// problems; then how the file was brought under the model's names, and what else of the model in
  /// the file did not come over as it is there.
  public var description: String {
    let rest =
      adaptations
      + losses.filter { $0.kind.concernsModel && $0.kind != .tensorDropped }
      .map { "not as in the file: \($0)" }
    if missing.isEmpty && unexpected.isEmpty && skipped.isEmpty && problems(strict: true).isEmpty {
      return (["<All keys matched successfully>"] + rest).joined(separator: "\n")
    }
    let counts =
      "\(matched.count) matched, \(missing.count) missing, \(unexpected.count) unexpected, "
      + "\(shapeMismatches.count + skipped.count) of another shape"
    let skipped = skipped.map {
      "skipped: \($0.key) is \($0.checkpointShape) in the checkpoint and \($0.modelShape) in the model"
    }
    return ([counts] + problems(strict: true) + skipped + rest).joined(separator: "\n")
  }
}

/// An error thrown when a load is refused. The model is unchanged.
///
/// Its ``description`` reads as PyTorch's `RuntimeError` from `load_state_dict`, one line per problem;
/// ``report`` has the same for programs.
public struct LoadError: Error, Sendable {
  /// The class of the module that was to be loaded.
  public let moduleType: String
  /// What happened to each key.
  public let report: LoadReport
  /// Whether missing and unexpected keys were refused too.
  public let strict: Bool
  /// A sentence about what to do, if the caller knows; it ends the ``description``.
  public var advice: String?

  /// An error for a refused load.
  ///
  /// - Parameters:
  ///   - moduleType: The class of the module that was to be loaded.
  ///   - report: What happened to each key.
  ///   - strict: Whether missing and unexpected keys were refused too.
  public init(moduleType: String, report: LoadReport, strict: Bool) {
    self.moduleType = moduleType
    self.report = report
    self.strict = strict
  }
}

extension LoadError: CustomStringConvertible {
  /// PyTorch's message: the class of the module, then one line per problem, then ``advice``.
  public var description: String {
    let lines =
      ["Error(s) in loading state_dict for \(moduleType):"] + report.problems(strict: strict)
    return (lines + [advice].compactMap(\.self)).joined(separator: "\n\t")
  }
}
