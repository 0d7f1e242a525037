import States

/// What the metadata of a checkpoint say of how many features a head of the model has.
struct HeadSizes {
  /// The sizes, each with what says it.
  private(set) var found: [(source: String, size: Int)] = []

  /// Looks at what transformers keeps in `config.json`, and llama.cpp in GGUF files.
  ///
  /// Where both a size of heads and the width and number of heads are said, the first counts: heads need not be as
  /// wide as the quotient.
  init(_ checkpoint: Checkpoint) {
    let metadata = checkpoint.metadata
    let config = metadata["config"]
    for (part, name) in [(config, "config"), (config?["text_config"], "text_config")] {
      guard let part else { continue }
      add(
        [("head_dim of its \(name)", part["head_dim"])],
        (
          "hidden_size / num_attention_heads of its \(name)", part["hidden_size"],
          part["num_attention_heads"]
        ))
    }
    let model = metadata["general.architecture"]?.stringValue ?? "llama"
    let names = ["\(model).attention.key_length", "\(model).rope.dimension_count"]
    let (width, count) = ("\(model).embedding_length", "\(model).attention.head_count")
    add(
      names.map { ("its \($0)", metadata[$0]) },
      ("its \(width) / \(count)", metadata[width], metadata[count]))
  }

  private mutating func add(
    _ sizes: [(source: String, value: Value?)],
    _ quotient: (source: String, width: Value?, count: Value?)
  ) {
    for (source, value) in sizes {
      guard let size = value?.intValue else { continue }
      found.append((source, size))
      return
    }
    guard let width = quotient.width?.intValue, let count = quotient.count?.intValue, count > 0,
      width.isMultiple(of: count)
    else { return }
    found.append((quotient.source, width / count))
  }

  /// What is to be noted of a size that a mapping goes by; nil if the metadata say the same.
  ///
  /// - Throws: ``MappingError`` if they say another one.
  func note(on size: Int) throws(MappingError) -> String? {
    if let (source, other) = found.first(where: { $0.size != size }) {
      throw MappingError(
        "it is for heads of \(size) features, and \(source) says \(other)",
        advice: "It needs the mapping for heads of \(other).")
    }
    guard found.isEmpty else { return nil }
    return
      "the metadata do not say how many features a head has, which the mapping takes to be \(size): with "
      + "another number, queries and keys come out wrong"
  }
}
