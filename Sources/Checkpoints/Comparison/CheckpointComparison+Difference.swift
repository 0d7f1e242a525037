import Arrays
import States

extension CheckpointComparison {
  /// How one thing differs.
  public enum Difference: Sendable, Hashable {
    /// The second checkpoint does not have the tensor.
    case missing
    /// Only the second checkpoint has the tensor.
    case unexpected
    /// The second has it under another name, and if `axes` are given, with its dimensions in
    /// another order: permuted by them it is the first's.
    case renamed(String, axes: [Int]?)
    /// The second, its dimensions permuted by these axes, is the first. Looked for in tensors of
    /// two to four dimensions.
    case transposed([Int])
    /// The shape in the first, and the other one in the second.
    case shape(Shape, Shape)
    /// The type in the first, and the other one in the second; the values differ too if a
    /// difference is given. With a tolerance types may differ, and this is not reported.
    case dtype(DType, DType, ValueDifference?)
    /// Its values differ by more than the tolerance; without one, its bits differ.
    case values(ValueDifference)
    /// It is a parameter in one and a buffer in the other. A tensor whose role is not known in one
    /// of them does not differ.
    case role
    /// The name with which it shares its tensor in the first, and in the second; nil where it has a
    /// tensor of its own.
    case tie(String?, String?)
    /// Something of the optimizer besides its tensors, in words: its class, its groups, an option.
    case optimizer(String)
    /// Something of the metadata, the versions of modules, the order of the tensors or the
    /// description of the model, in words. Only with
    /// ``CheckpointComparison/Extent/everything``.
    case other(String)

    /// What sort of difference it is, for programs: the name of the case. `ballast-verify` has it
    /// as `kind` in its JSON.
    public var code: String {
      switch self {
      case .missing: "missing"
      case .unexpected: "unexpected"
      case .renamed: "renamed"
      case .transposed: "transposed"
      case .shape: "shape"
      case .dtype: "dtype"
      case .values: "values"
      case .role: "role"
      case .tie: "tie"
      case .optimizer: "optimizer"
      case .other: "other"
      }
    }
  }
}

extension CheckpointComparison.Difference {
  /// The difference of two tensors of one name, nil if there is none.
  init?(
    _ a: Checkpoint.NamedTensor, _ b: Checkpoint.NamedTensor,
    _ tolerance: CheckpointComparison.Tolerance?
  ) throws {
    guard a.array.shape == b.array.shape else {
      if let axes = try ContentMatching.axes(from: b.array, to: a.array) {
        self = .transposed(axes)
      } else {
        self = .shape(a.array.shape, b.array.shape)
      }
      return
    }
    let hasOneType = a.array.dtype == b.array.dtype
    let isSame = try hasOneType && Digest(a.array) == Digest(b.array)
    if !isSame {
      let values = try ValueDifference(a.array, b.array, tolerance ?? .init())
      if tolerance == nil && !hasOneType {
        self = .dtype(a.array.dtype, b.array.dtype, values.count > 0 ? values : nil)
        return
      }
      if values.count > 0 || tolerance == nil {
        let axes = values.count > 0 ? try ContentMatching.axes(from: b.array, to: a.array) : nil
        self = axes.map { .transposed($0) } ?? .values(values)
        return
      }
    }
    guard let mine = a.role, let theirs = b.role, mine != theirs else { return nil }
    self = .role
  }
}

extension CheckpointComparison.Difference: CustomStringConvertible {
  /// The difference in words.
  public var description: String {
    switch self {
    case .missing: "only in the first"
    case .unexpected: "only in the second"
    case .renamed(let name, nil): "named '\(name)' in the second"
    case .renamed(let name, let axes?):
      "named '\(name)' in the second, and transposed: its axes \(axes) are the first's"
    case .transposed(let axes): "transposed: the axes \(axes) of the second are the first's"
    case .shape(let a, let b): "shape \(a) and \(b)"
    case .dtype(let a, let b, nil): "type \(a) and \(b), of the same values"
    case .dtype(let a, let b, let values?): "type \(a) and \(b), \(values)"
    case .values(let values): "\(values)"
    case .role: "a parameter in one, a buffer in the other"
    case .tie(let a, let b): "\(Self.tied(a)) in the first, \(Self.tied(b)) in the second"
    case .optimizer(let text), .other(let text): text
    }
  }

  private static func tied(_ name: String?) -> String {
    name.map { "tied to '\($0)'" } ?? "a tensor of its own"
  }
}
