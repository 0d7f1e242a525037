import Arrays
import Autograd
import NN
import States

/// What is known of a layer under the names that PyTorch gives the arguments of layers.
///
/// There are more than any one layer takes: those that its maker in ``ModelCatalog`` asks for are its
/// arguments. Whether they make the same layer is for ``ModuleLikeness`` to say.
struct LayerFacts {
  private(set) var members: [String: Value] = [:]
  private let printed: String

  /// The options that a layer stores, and what the shapes of its tensors say.
  init(_ module: Module) {
    printed = module.extraDescription
    for (label, value) in StoredProperties(module).all { add(label, value) }
    addLengths(module)
    addTransformer(module)
  }

  private mutating func add(_ label: String, _ value: Any) {
    let name = Self.names[label] ?? Self.snakeCase(label)
    if let parts = value as? TransformerOptions {
      for child in Mirror(reflecting: parts).children {
        if let label = child.label { add(label, child.value) }
      }
      return
    }
    guard let option = Self.option(value) else { return }
    // Without one a pool has the length of its window.
    if name == "stride" && option == Value.none { return }
    members[name] = asPrinted(name, option)
    if name == "kind" { members["nonlinearity"] = option }
    if name == "has_bias" { members["bias"] = option }
  }

  /// An option as PyTorch prints it: one number for several that are equal, and a whole number where
  /// one was given.
  private func asPrinted(_ name: String, _ option: Value) -> Value {
    if name == "scale_factor", let factors = option.elements, let first = factors.first,
      factors.allSatisfy({ $0 == first })
    {
      return first
    }
    // One option alone may be printed without its name.
    let start = printed.firstRange(of: "\(name)=")?.upperBound ?? printed.startIndex
    let text = printed[start...].prefix { $0 == "-" || $0.isNumber || $0 == "." }
    guard start != printed.startIndex || text == printed else { return option }
    guard let whole = Int(text) else { return option }
    switch option {
    case .list(let elements) where elements.allSatisfy { $0 == .int(whole) }: return .int(whole)
    case .float(let number) where number == Double(whole): return .int(whole)
    default: return option
    }
  }

  /// An option as a value of JSON; nil if it is none.
  private static func option(_ value: Any) -> Value? {
    switch value {
    case let number as Int: return .int(number)
    case let number as Double: return .float(number)
    case let flag as Bool: return .bool(flag)
    case let text as String: return .string(text)
    case let shape as Shape: return .list(shape.dimensions.map { .int($0) })
    case let padding as ConvolutionPadding:
      switch padding {
      case .lengths(let rows, let columns): return .list([.int(rows), .int(columns)])
      case .toSameSize: return "same"
      case .nothing: return "valid"
      }
    case let padding as VolumePadding:
      switch padding {
      case .lengths(let depth, let rows, let columns):
        return .list([.int(depth), .int(rows), .int(columns)])
      case .toSameSize: return "same"
      case .nothing: return "valid"
      }
    case let named as any RawRepresentable: return option(named.rawValue)
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { option($0.value) } ?? Value.none
    case .tuple, .collection:
      let parts = mirror.children.map { option($0.value) }
      let known = parts.compactMap(\.self)
      return known.count == parts.count ? .list(known) : nil
    case .struct where "\(mirror.subjectType)".hasSuffix("Configuration"):
      var members: [(Value.Key, Value)] = []
      for child in mirror.children {
        guard let label = child.label, let part = option(child.value) else { continue }
        members.append((.string(snakeCase(label)), part))
        if let other = furtherNames[label] { members.append((.string(other), part)) }
      }
      return .dict(.init(members, uniquingKeysWith: { $1 }))
    default: return nil
    }
  }

  /// What the shapes of a layer's own tensors say.
  private mutating func addLengths(_ module: Module) {
    let own = Dictionary(
      module.namedParameters(recurse: false).map { ($0.name, $0.parameter.shape) },
      uniquingKeysWith: { $1 })
    members["bias"] = members["has_bias"] ?? .bool((own["bias"] ?? own["in_proj_bias"]) != nil)
    members["affine"] = .bool(own["weight"] != nil)
    members["elementwise_affine"] = .bool(own["weight"] != nil)
    members["track_running_stats"] = .bool(
      module.buffers(recurse: false).contains { $0.dtype == .int64 })
    members["add_bias_kv"] = .bool(own["bias_k"] != nil)
    for (name, key) in [("kdim", "k_proj_weight"), ("vdim", "v_proj_weight")] {
      if let shape = own[key] { members[name] = .int(shape[1]) }
    }
    if let cell = own["bias_ih"] ?? own["weight_ih"], cell.rank > 0, own["weight_hh"] != nil {
      members["bias"] = .bool(own["bias_ih"] != nil)
    }
    guard let weight = own["weight"] else { return }
    func set(_ names: [String], _ axis: Int, times factor: Int = 1) {
      guard axis < weight.rank else { return }
      for name in names { members[name] = .int(weight[axis] * factor) }
    }
    if module is ConvolutionLayer {
      let groups = members["groups"]?.intValue ?? 1
      let isTransposed = members["is_transposed"]?.boolValue ?? false
      set([isTransposed ? "in_channels" : "out_channels"], 0)
      set([isTransposed ? "out_channels" : "in_channels"], 1, times: groups)
      let kernel = weight.dimensions.dropFirst(2)
      members["kernel_size"] =
        kernel.count == 1 ? .int(kernel.last ?? 1) : .list(kernel.map { .int($0) })
      // A line is padded as an image of one row.
      if kernel.count == 1, case .list(let sides)? = members["padding"] {
        members["padding"] = sides.last
      }
      return
    }
    set(["out_features", "num_embeddings", "num_parameters"], 0)
    set(weight.rank == 3 ? ["in1_features"] : ["in_features", "embedding_dim"], 1)
    set(["in2_features"], 2)
  }

  /// What the parts of a transformer say, whose options are kept in its layers.
  private mutating func addTransformer(_ module: Module) {
    let parts = module.namedModules().dropFirst()
    func first<M: Module>(_ type: M.Type) -> M? { parts.lazy.compactMap { $0.module as? M }.first }
    guard let attention = first(MultiheadAttention.self) else { return }
    let layer: Module? =
      module is TransformerEncoderLayer || module is TransformerDecoderLayer
      ? module
      : first(TransformerEncoderLayer.self) ?? first(TransformerDecoderLayer.self)
    guard let layer else { return }
    for (label, value) in StoredProperties(layer).all where label == "options" { add(label, value) }
    members["d_model"] = .int(attention.embedDim)
    members["nhead"] = .int(attention.numHeads)
    let names = module.namedModules().map(\.name)
    func count(_ prefix: String) -> Int {
      Set(names.filter { $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains(".") }).count
    }
    members["num_layers"] = .int(count("layers."))
    members["num_encoder_layers"] = .int(count("encoder.layers."))
    members["num_decoder_layers"] = .int(count("decoder.layers."))
    members["norm"] = .bool(names.contains("norm"))
  }

  /// Properties whose names are not PyTorch's in camelCase.
  private static let names = [
    "paddingIndex": "padding_idx", "lambda": "lambd", "keepDim": "keepdim",
    "addZeroAttention": "add_zero_attn", "padTokenID": "pad_token_id",
  ]

  /// What configurations of some families call an option too.
  private static let furtherNames = [
    "hiddenDropout": "hidden_dropout_prob", "attentionDropout": "attention_probs_dropout_prob",
  ]

  /// `numFeatures` as `num_features`.
  static func snakeCase(_ name: String) -> String {
    var result = ""
    for character in name {
      if character.isUppercase {
        result += "_" + character.lowercased()
      } else {
        result.append(character)
      }
    }
    return result
  }
}
