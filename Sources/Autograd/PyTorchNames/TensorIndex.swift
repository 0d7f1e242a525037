import Arrays
import Files

/// What can stand between the brackets of a tensor: an `Int`, a range, `...`, `.newAxis`, a step, a
/// tensor of indices, a mask, or an array of indices.
///
/// | Python | Swift |
/// |---|---|
/// | `x[0, -1]` | `x[0, -1]` |
/// | `x[1:3]`, `x[1:]`, `x[:3]`, `x[-2:]` | `x[1..<3]`, `x[1...]`, `x[..<3]`, `x[(-2)...]` |
/// | `x[1:-1]`, `x[::2]` | `x[.slice(1, -1)]`, `x[.slice(step: 2)]` |
/// | `x[:, 1]` | `x[0..., 1]` or `x[.all, 1]` |
/// | `x[..., 1]` | `x[..., 1]` |
/// | `x[None]` | `x[.newAxis]` |
/// | `x[mask]`, `x[x > 0]` | the same |
/// | `x[[2, 0]]`, `x[rows, columns]` | the same |
public protocol TensorIndex {
  /// What the index does.
  var meaning: TensorIndexMeaning { get }
}

/// What an index of a tensor does.
public enum TensorIndexMeaning {
  /// Picks one position, and removes the dimension.
  case at(Int)
  /// Keeps part of a dimension. As in Python, positions beyond its ends are cut off; nil stands for
  /// an end.
  case slice(from: Int?, to: Int?, step: Int)
  /// Picks by integers or by a mask.
  case tensor(Tensor)
  /// Puts in a dimension of length one.
  case newAxis
  /// Stands for all dimensions that no other index is for.
  case ellipsis
}

/// An index that is none of Swift's own types.
public struct PlainTensorIndex: TensorIndex {
  /// What the index does.
  public let meaning: TensorIndexMeaning
}

extension TensorIndex where Self == PlainTensorIndex {
  /// All of a dimension. Equivalent to Python's `:`.
  public static var all: PlainTensorIndex {
    PlainTensorIndex(meaning: .slice(from: nil, to: nil, step: 1))
  }
  /// A new dimension of length one. Equivalent to Python's `None`.
  public static var newAxis: PlainTensorIndex { PlainTensorIndex(meaning: .newAxis) }
  /// All dimensions that no other index is for. Equivalent to Python's `...`.
  public static var ellipsis: PlainTensorIndex { PlainTensorIndex(meaning: .ellipsis) }
  /// Part of a dimension. Equivalent to Python's `from:to:step`.
  ///
  /// - Parameters:
  ///   - from: The first position; negative ones count from the end.
  ///   - to: The position after the last; negative ones count from the end.
  ///   - step: The distance between positions, at least 1.
  public static func slice(_ from: Int? = nil, _ to: Int? = nil, step: Int = 1) -> PlainTensorIndex
  {
    PlainTensorIndex(meaning: .slice(from: from, to: to, step: step))
  }
}

extension Int: TensorIndex {
  /// One position.
  public var meaning: TensorIndexMeaning { .at(self) }
}

extension Range: TensorIndex where Bound == Int {
  /// Part of a dimension.
  public var meaning: TensorIndexMeaning { .slice(from: lowerBound, to: upperBound, step: 1) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// Part of a dimension, the upper bound included.
  public var meaning: TensorIndexMeaning {
    .slice(from: lowerBound, to: upperBound == -1 ? nil : upperBound + 1, step: 1)
  }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// A dimension from a position on.
  public var meaning: TensorIndexMeaning { .slice(from: lowerBound, to: nil, step: 1) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// A dimension up to a position, which is not included.
  public var meaning: TensorIndexMeaning { .slice(from: nil, to: upperBound, step: 1) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// A dimension up to a position, which is included.
  public var meaning: TensorIndexMeaning {
    .slice(from: nil, to: upperBound == -1 ? nil : upperBound + 1, step: 1)
  }
}

extension Tensor: TensorIndex {
  /// Indices or a mask.
  public final var meaning: TensorIndexMeaning { .tensor(self) }
}

extension Array: TensorIndex where Element == Int {
  /// Indices.
  public var meaning: TensorIndexMeaning { .tensor(Tensor(self)) }
}

/// Indices as what they do to the dimensions of one shape.
struct IndexPlan {
  enum Step {
    case select(axis: Int, Int)
    case slice(axis: Int, Range<Int>, step: Int)
    case unsqueeze(axis: Int)
  }

  /// What is done without picking, in order.
  private(set) var steps: [Step] = []
  /// The tensors to pick with afterwards, by dimension.
  private(set) var tensors: [Tensor?] = []

  /// Whether elements are picked, and not only dimensions cut.
  var isPicking: Bool { tensors.contains { $0 != nil } }

  init(_ indices: [any TensorIndex], _ shape: Shape) {
    let meanings = indices.map { Self.meaning($0) }
    let used = meanings.reduce(0) { count, meaning in
      switch meaning {
      case .at, .slice: count + 1
      case .tensor(let tensor): count + (tensor.dtype == .bool ? tensor.rank : 1)
      case .newAxis, .ellipsis: count
      }
    }
    require(
      used <= shape.rank,
      "index: too many indices for tensor of dimension \(shape.rank), shape \(shape)")
    var axis = 0
    var hasEllipsis = false
    for meaning in meanings {
      switch meaning {
      case .at(let index):
        select(index, of: shape[axis], axis)
        axis += 1
      case .slice(let from, let to, let step):
        slice(from, to, step, of: shape[axis])
        axis += 1
      case .tensor(let tensor):
        add(tensor, shape, axis)
        axis += tensor.dtype == .bool ? tensor.rank : 1
      case .newAxis:
        steps.append(.unsqueeze(axis: tensors.count))
        tensors.append(nil)
      case .ellipsis:
        require(!hasEllipsis, "index: an index can only have a single ellipsis ('...')")
        hasEllipsis = true
        tensors += [Tensor?](repeating: nil, count: shape.rank - used)
        axis += shape.rank - used
      }
    }
  }

  /// The part of a layout that is left without picking.
  func part(of layout: Layout) -> Layout {
    steps.reduce(layout) { layout, step in
      switch step {
      case .select(let axis, let index): layout.selected(axis: axis, index)
      case .slice(let axis, let range, let step): layout.sliced(axis: axis, range, step: step)
      case .unsqueeze(let axis): layout.unsqueezed(axis)
      }
    }
  }

  /// What an index does; a tensor of one integer without dimensions is that integer.
  private static func meaning(_ index: any TensorIndex) -> TensorIndexMeaning {
    guard case .tensor(let tensor) = index.meaning else { return index.meaning }
    require(
      tensor.dtype.isIntegral,
      "index: tensors used as indices must be int or bool, not \(tensor.dtype) of shape "
        + "\(tensor.shape)")
    require(
      tensor.dtype != .uint8 && (tensor.rank > 0 || tensor.dtype != .bool),
      "index: \(tensor.dtype) of shape \(tensor.shape) is neither a mask nor indices: convert it "
        + "with to(.bool) or to(.int64)")
    return tensor.rank == 0 ? .at(Int(tensor)) : .tensor(tensor)
  }

  private mutating func select(_ index: Int, of length: Int, _ axis: Int) {
    require(
      (-length..<length).contains(index),
      "index: index \(index) is out of bounds for dimension \(axis) with size \(length)")
    steps.append(.select(axis: tensors.count, index < 0 ? index + length : index))
  }

  private mutating func slice(_ from: Int?, _ to: Int?, _ step: Int, of length: Int) {
    require(step > 0, "index: slice step must be positive, not \(step)")
    func position(_ bound: Int) -> Int {
      Swift.min(Swift.max(bound < 0 ? bound + length : bound, 0), length)
    }
    let lower = from.map(position) ?? 0
    let upper = Swift.max(lower, to.map(position) ?? length)
    if lower > 0 || upper < length || step > 1 {
      steps.append(.slice(axis: tensors.count, lower..<upper, step: step))
    }
    tensors.append(nil)
  }

  /// Adds indices, or those of a mask: a tensor for each of its dimensions.
  private mutating func add(_ tensor: Tensor, _ shape: Shape, _ axis: Int) {
    guard tensor.dtype == .bool else {
      tensors.append(tensor)
      return
    }
    require(
      shape.dimensions.dropFirst(axis).starts(with: tensor.shape.dimensions),
      "index: the shape of the mask \(tensor.shape) does not match the shape of the indexed tensor "
        + "\(shape) at dimension \(axis)")
    let places = tensor.nonzero()
    tensors += (0..<tensor.rank).map { places.select(1, $0) }
  }
}
