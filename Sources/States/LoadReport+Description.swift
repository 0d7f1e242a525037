import Arrays

extension LoadReport {
  /// What stands in the way of a load, in PyTorch's wording, a line each; empty if nothing does.
  public func problems(strict: Bool) -> [String] {
    var lines: [String] = []
    if strict && !missing.isEmpty {
      lines.append("Missing key(s) in state_dict: \(Self.quoted(missing)).")
    }
    if strict && !unexpected.isEmpty {
      lines.append("Unexpected key(s) in state_dict: \(Self.quoted(unexpected)).")
    }
    lines += shapeMismatches.map {
      "size mismatch for \($0.key): copying a param with shape \(Self.torchSize($0.checkpointShape)) "
        + "from checkpoint, the shape in current model is \(Self.torchSize($0.modelShape))."
    }
    lines += unconvertible.map {
      "type mismatch for \($0.key): \($0.checkpointType) from checkpoint cannot be converted to the "
        + "\($0.modelType) in current model."
    }
    lines += tieConflicts.map {
      "conflicting values for \($0): the model has one tensor under several names, "
        + "the checkpoint has different values for them."
    }
    if strict {
      lines += missing.compactMap { key in
        suggestions[key].map { "Did you mean: \"\($0)\" for \"\(key)\"?" }
      }
    }
    return lines
  }

  private static func quoted(_ keys: [String]) -> String {
    keys.map { "\"\($0)\"" }.joined(separator: ", ")
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
