/// The samples of one operation, module or optimizer: see `Samples/encoding.py`.
struct SampleFile {
  /// What is judged: `operation`, `module`, `optimizer`, `scheduler` or `seed`.
  let kind: String
  /// The operation or class, unless a sample has one of its own.
  private let name: String
  let samples: [Value]
  private let file: SafetensorsFile
  /// Whether arguments are views with gaps between their elements.
  private let isStrided: Bool

  init(_ path: String, isStrided: Bool) throws {
    file = try SafetensorsFile(path)
    self.isStrided = isStrided
    guard let text = file.metadata["samples"] else {
      throw NotExpressible("\(path) has no samples")
    }
    let about = try Value(json: text)
    kind = about["kind"]?.stringValue ?? ""
    name = about["name"]?.stringValue ?? ""
    samples = about["samples"]?.elements ?? []
  }

  /// The operation or class that a sample is of.
  func name(of sample: Value) -> String { sample["name"]?.stringValue ?? name }

  /// The group that a sample is counted in.
  static func group(of sample: Value) -> String { sample["group"]?.stringValue ?? "" }

  /// What asks for a layout, and so is another question of views.
  private static let ofLayouts: Set<String> = [
    "as_strided", "as_strided.partial_views", "view", "view_as",
  ]

  /// A tensor of the file. It is a copy, so that a sanitizer sees what is read beyond its end.
  func array(_ number: Int) throws -> NDArray {
    guard let array = file.tensors["\(number)"] else {
      throw NotExpressible("there is no tensor \(number)")
    }
    return array.copied()
  }

  /// The texts of a list.
  static func texts(_ list: Value?) -> [String] { list?.elements?.compactMap(\.stringValue) ?? [] }

  /// The tensors of a list of numbers, nil where there is none.
  func arrays(_ list: Value?) throws -> [NDArray?]? {
    try list?.elements?.map { try $0.intValue.map(array) }
  }

  /// The tensors of a list of numbers, each of which there is.
  func present(_ list: Value?) throws -> [NDArray] { try arrays(list)?.compactMap { $0 } ?? [] }

  /// The call of a sample, and those of its tensors that require a gradient.
  func call(_ sample: Value) throws -> (call: Call, leaves: [Tensor]) {
    var leaves: [Tensor] = []
    let hasGaps = isStrided && !Self.ofLayouts.contains(name(of: sample))
    let make = { (number: Int, needsGradient: Bool) throws -> Tensor in
      let array = try array(number)
      let tensor = Tensor(
        hasGaps ? array.withGaps : array, requiresGrad: needsGradient)
      if needsGradient { leaves.append(tensor) }
      return tensor
    }
    let positional = try sample["arguments"]?.elements?.map {
      try Argument($0, tensor: make)
    }
    var keywords: [String: Argument] = [:]
    for (key, value) in sample["keywords"]?.dictionary ?? [:] {
      guard case .string(let name) = key else { continue }
      keywords[name] = try Argument(value, tensor: make)
    }
    return (Call(positional ?? [], keywords), leaves)
  }
}

extension NDArray {
  /// The same elements with gaps between them, and the last two dimensions exchanged in memory.
  fileprivate var withGaps: NDArray {
    guard rank > 0, elementCount > 0 else { return self }
    let turned = rank > 1 ? transposed() : self
    let wide = NDArray(zeros: Shape(turned.shape.dimensions + [2]), dtype: dtype)
    let target = wide.selected(axis: rank, 0)
    turned.scatter(into: target.storage, as: target.layout)
    return rank > 1 ? target.transposed() : target
  }
}
