import Arrays
import OrderedCollections
import States

/// What a format of named arrays gives: the arrays, texts, and perhaps an outline that says what
/// they are.
struct ArrayCollection {
  /// The path, for errors.
  let file: String
  /// The arrays by name, in the file's order.
  var tensors: OrderedDictionary<String, NDArray>
  /// Names without an array of their own, and the array that each is another name of.
  var aliases: OrderedDictionary<String, String> = [:]
  /// What the file has as metadata.
  var texts: OrderedDictionary<String, String> = [:]
  /// The JSON of a ``CheckpointOutline``.
  var outline: String?

  /// What came of it.
  struct Result {
    var checkpoint: Checkpoint
    var roleRules: OrderedDictionary<String, RoleRule>
    var notes: [String]
  }

  /// The checkpoint that the arrays are.
  ///
  /// - Throws: ``InterchangeError`` if the outline contradicts itself.
  func checkpoint() throws(InterchangeError) -> Result {
    var result = Result(checkpoint: Checkpoint(state: StateDict()), roleRules: [:], notes: [])
    if let outline {
      let restored = try CheckpointOutline.restore(outline, tensors: tensors, file: file)
      result.checkpoint = restored.checkpoint
      result.notes = restored.notes
      if !restored.unlistedKeys.isEmpty {
        result.notes.append(
          "\(restored.unlistedKeys.joined(separator: ", ")): another program added "
            + (restored.unlistedKeys.count == 1 ? "this tensor" : "these tensors"))
      }
      takeTexts(&result)
    } else {
      for (name, array) in tensors {
        result.checkpoint.state.entries[name] = StateDict.Entry(array)
      }
      for (name, original) in aliases {
        guard let array = tensors[original] else { continue }
        result.checkpoint.state.entries[name] = StateDict.Entry(array)
      }
      result.checkpoint.metadata = texts.mapValues(Value.string)
    }
    for (key, entry) in result.checkpoint.state.entries where entry.role == nil {
      let rule = RoleRule(byTypeOrName: key, entry.array.dtype)
      result.checkpoint.state.entries[key]?.role = rule == .dtypeOrName ? .buffer : .parameter
      result.roleRules[key] = rule
    }
    return result
  }

  /// Takes what another program has written into the metadata since.
  private func takeTexts(_ result: inout Result) {
    for (name, text) in texts {
      let value = result.checkpoint.metadata[name]
      guard value?.metadataText != text else { continue }
      if value != nil {
        result.notes.append("the metadata \(name): the outline has another value than the file")
      }
      result.checkpoint.metadata[name] = .string(text)
    }
  }
}

extension Value {
  /// The value in a format whose metadata are texts; nil for what a text would not be read as.
  var metadataText: String? {
    switch self {
    case .string(let text): text
    case .int, .bigInt, .bool: json()
    case .float(let number): number.isFinite ? json() : nil
    default: nil
    }
  }
}

extension RoleRule {
  /// The rule that tells the role of a tensor of which only the name and the type are known.
  init(byTypeOrName key: String, _ dtype: DType) {
    self = Self.isBufferByTypeOrName(key, dtype) ? .dtypeOrName : .default
  }
}
