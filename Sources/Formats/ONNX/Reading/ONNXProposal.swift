import States

/// What the graph tells of a tensor whose name an exporter made up, or of one that it has transposed.
struct ONNXProposal: Sendable {
  /// The name in the file.
  let key: String
  /// The name that the tensor would have in a state dict; nil where none follows, or another tensor has it.
  var name: String?
  /// That name, though another tensor may have it: then this one may be made of it.
  let wanted: String?
  /// The operator that takes it.
  let kind: String
  /// Whether it is the transpose of the weight of a linear layer.
  let isTransposed: Bool

  /// The rules that give the tensor that name and that shape, as a file of `--map-file` has them.
  var rules: [Value] {
    let key = Self.escaped(key)
    var rules: [Value] = []
    if isTransposed { rules.append(["transpose": .string("^\(key)$")]) }
    if let name, name != self.key {
      rules.append(["rename": .string("^\(key)$"), "to": .string(Self.replacement(name))])
    }
    return rules
  }

  /// A name as a regular expression that matches it alone.
  private static func escaped(_ name: String) -> String {
    String(name.flatMap { #"\^$.|?*+()[]{}"#.contains($0) ? ["\\", $0] : [$0] })
  }

  /// A name as what an expression is replaced by, in which a backslash begins a group.
  private static func replacement(_ name: String) -> String {
    String(name.flatMap { $0 == "\\" ? ["\\", "\\"] : [$0] })
  }
}

extension ONNXProposal {
  /// Whether an exporter made a name up: `onnx::MatMul_25`, `val_16`, `25`.
  static func isMadeUp(_ name: String) -> Bool {
    if name.hasPrefix("onnx::") { return true }
    let number = name.hasPrefix("val_") ? name.dropFirst(4) : name[...]
    return !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// What is worth knowing of the names of a file's tensors, a sentence each.
  static func notes(_ model: ONNXModel) -> [String] {
    let proposals = model.proposals
    var notes: [String] = []
    let madeUp = proposals.filter { isMadeUp($0.key) }
    if !madeUp.isEmpty {
      let shown = madeUp.prefix(4).map { "\($0.key) is \($0.name ?? "taken by \($0.kind)")" }
      notes.append(
        "\(count(madeUp)) whose names the exporter made up, kept as they are; by the graph "
          + listed(shown, of: madeUp.count))
    }
    let transposed = proposals.filter(\.isTransposed)
    if !transposed.isEmpty {
      notes.append(
        "\(count(transposed)) that the graph multiplies from the right, so that as the weight of a linear layer "
          + "the transpose counts: " + listed(transposed.prefix(4).map(\.key), of: transposed.count)
      )
    }
    if !model.foldedKeys.isEmpty {
      notes.append(
        "a batch normalisation was folded into the convolution of these, whose values are not the model's then: "
          + listed(Array(model.foldedKeys.prefix(4)), of: model.foldedKeys.count))
    }
    // An exporter that keeps values keeps their names.
    let folded = madeUp.filter {
      ["Conv", "ConvTranspose"].contains($0.kind) && !model.foldedKeys.contains($0.key)
    }
    if !folded.isEmpty {
      notes.append(
        "\(count(folded)) of convolutions without a name of the model's: their values were computed at export, "
          + "mostly by folding a batch normalisation into the convolution: "
          + listed(folded.prefix(4).map(\.key), of: folded.count))
    }
    if proposals.contains(where: { !$0.rules.isEmpty }) {
      notes.append(
        "ballast-inspect --facts has rules for --map-file that give these names and shapes")
    }
    return notes
  }

  private static func count(_ proposals: [ONNXProposal]) -> String {
    proposals.count == 1 ? "1 tensor" : "\(proposals.count) tensors"
  }

  private static func listed(_ shown: [String], of count: Int) -> String {
    let rest = count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
