import OrderedCollections
import States

/// What the nodes that take a tensor tell of it, if an exporter made up its name.
struct ONNXProposal: Sendable {
  /// The key.
  let key: String
  /// The name that the tensor would have in a state dict; nil where none follows, or another tensor has it.
  var name: String?
  /// The names that nodes tell, though other tensors may have them: then this one may be made of those.
  var wanted: OrderedSet<String>
  /// The operator that takes it, the first one if there are several.
  let kind: String
  /// Whether it is the transpose of the weight of a linear layer.
  var isTransposed: Bool
  /// Whether nodes tell different things of it.
  var isDisputed = false

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
    if !proposals.isEmpty {
      let shown = proposals.prefix(4).map { "\($0.key) is \($0.meaning)" }
      notes.append(
        "\(count(proposals.count)) whose names the exporter made up, kept as they are; by the graph "
          + listed(shown, of: proposals.count))
    }
    let transposed = proposals.filter(\.isTransposed)
    if !transposed.isEmpty {
      notes.append(
        "\(count(transposed.count)) of these the graph multiplies from the right, so that as the weight of a linear "
          + "layer the transpose counts: "
          + listed(transposed.prefix(4).map(\.key), of: transposed.count))
    }
    if !model.rightKeys.isEmpty {
      notes.append(
        "\(count(model.rightKeys.count)) of names that were not made up the graph multiplies from the right: a model "
          + "that has them so needs no transpose, and as the weight of a linear layer it would count: "
          + listed(Array(model.rightKeys.prefix(4)), of: model.rightKeys.count))
    }
    if !model.foldedKeys.isEmpty {
      notes.append(
        "a batch normalisation was folded into the convolution of these, whose values are not the model's then: "
          + listed(Array(model.foldedKeys.prefix(4)), of: model.foldedKeys.count))
    }
    // An exporter that keeps values keeps their names.
    let folded = proposals.filter {
      ["Conv", "ConvTranspose"].contains($0.kind) && !model.foldedKeys.contains($0.key)
    }
    if !folded.isEmpty {
      notes.append(
        "\(count(folded.count)) of convolutions without a name of the model's: their values were computed at export, "
          + "mostly by folding a batch normalisation into the convolution: "
          + listed(folded.prefix(4).map(\.key), of: folded.count))
    }
    if proposals.contains(where: { !$0.rules.isEmpty }) {
      notes.append(
        "ballast-inspect --facts has rules for --map-file that give these names and shapes")
    }
    return notes
  }

  /// What the tensor is, for a sentence.
  private var meaning: String {
    name ?? (isDisputed ? "taken by \(kind), and otherwise too" : "taken by \(kind)")
  }

  private static func count(_ number: Int) -> String {
    number == 1 ? "1 tensor" : "\(number) tensors"
  }

  private static func listed(_ shown: [String], of count: Int) -> String {
    let rest = count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
