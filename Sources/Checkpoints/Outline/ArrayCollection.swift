import Arrays
import OrderedCollections
import States

/// What a format of named arrays gives: the arrays, texts, and perhaps an outline that says what
/// they are.
package struct ArrayCollection {
  /// The path, for errors.
  package let file: String
  /// The arrays by name, in the file's order.
  package var tensors: OrderedDictionary<String, NDArray>
  /// Names without an array of their own, and the array that each is another name of.
  package var aliases: OrderedDictionary<String, String> = [:]
  /// What the file has as metadata.
  package var texts: OrderedDictionary<String, String> = [:]
  /// What the file says of the library for which it was made, as safetensors do.
  package var framework: String?
  /// The JSON of a ``CheckpointOutline``.
  package var outline: String?

  /// Arrays without aliases, texts and outline.
  package init(
    file: String, tensors: OrderedDictionary<String, NDArray>, outline: String? = nil
  ) {
    self.file = file
    self.tensors = tensors
    self.outline = outline
  }

  /// The checkpoint that the arrays are.
  ///
  /// - Throws: ``CheckpointError`` if the outline contradicts itself.
  package func checkpoint() throws(CheckpointError) -> ReadResult {
    var result = ReadResult(Checkpoint(state: StateDict()))
    if let outline {
      let restored = try CheckpointOutline.restore(outline, tensors: tensors, file: file)
      result.checkpoint = restored.checkpoint
      result.notes = restored.notes
      result.losses = restored.losses
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
    takeFramework(&result)
    let state = result.checkpoint.state
    for (key, entry) in state.entries where entry.role == nil {
      let isBuffer = RoleRule.isBufferByTypeOrName(key, entry.array.dtype) { state[$0] != nil }
      let rule = isBuffer ? RoleRule.dtypeOrName : .default
      result.checkpoint.state.entries[key]?.role = isBuffer ? .buffer : .parameter
      result.roleRules[key] = rule
    }
    return result
  }

  /// Keeps the name of the framework in the origin, unless the outline says that it is the user's. An
  /// outline has it where the checkpoint named it; otherwise it is the one that Ballast writes by
  /// default.
  private func takeFramework(_ result: inout ReadResult) {
    guard outline == nil || framework != "pt" else { return }
    guard let framework, result.checkpoint.metadata["format"]?.stringValue != framework else {
      return
    }
    result.checkpoint.origin["safetensors"] = ["texts": ["format": .string(framework)]]
  }

  /// Takes what another program has written into the metadata since.
  private func takeTexts(_ result: inout ReadResult) {
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
  package var metadataText: String? {
    switch self {
    case .string(let text): text
    case .int, .bigInt, .bool: json()
    case .float(let number): number.isFinite ? json() : nil
    default: nil
    }
  }
}
