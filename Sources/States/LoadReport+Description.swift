import Arrays

extension LoadReport {
  /// What stands in the way of a load, in PyTorch's wording, a line each; empty if nothing does.
  ///
  /// - Parameters:
  ///   - strict: Whether missing and unexpected keys do.
  ///   - count: How many keys are named of each sort of problem; the others are counted.
  public func problems(strict: Bool, atMost count: Int = .max) -> [String] {
    var lines: [String] = []
    if strict && !missing.isEmpty {
      lines.append("Missing key(s) in state_dict: \(Self.quoted(missing, atMost: count)).")
    }
    if strict && !unexpected.isEmpty {
      lines.append("Unexpected key(s) in state_dict: \(Self.quoted(unexpected, atMost: count)).")
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
  /// What PyTorch prints for a load that went well, or the counts and all problems.
  public var description: String {
    if missing.isEmpty && unexpected.isEmpty && problems(strict: true).isEmpty {
      return "<All keys matched successfully>"
    }
    let counts =
      "\(matched.count) matched, \(missing.count) missing, \(unexpected.count) unexpected, "
      + "\(shapeMismatches.count) of another shape"
    return ([counts] + problems(strict: true)).joined(separator: "\n")
  }
}

/// A load that was refused; the model is as it was.
public struct LoadError: Error, Sendable {
  /// The class of the module that was to be loaded.
  public let moduleType: String
  /// What became of each key.
  public let report: LoadReport
  /// Whether missing and unexpected keys were refused too.
  public let strict: Bool
  /// What can be done about it, as a sentence, if the caller knows something.
  public var advice: String?

  /// A refusal for the reasons that `report` gives.
  public init(moduleType: String, report: LoadReport, strict: Bool) {
    self.moduleType = moduleType
    self.report = report
    self.strict = strict
  }
}

extension LoadError: CustomStringConvertible {
  /// PyTorch's message: the module's class, then a line for each problem; and the advice.
  public var description: String {
    let lines =
      ["Error(s) in loading state_dict for \(moduleType):"] + report.problems(strict: strict)
    return (lines + [advice].compactMap(\.self)).joined(separator: "\n\t")
  }
}
