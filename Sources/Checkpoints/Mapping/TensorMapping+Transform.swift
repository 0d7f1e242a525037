import Arrays
import States

/// Does to arrays what a rule says. Arrays that are the same elements stay the same elements, so
/// that ties survive rules that have to copy.
struct MappingTransform {
  private let rule: TensorMapping.Rule
  /// What was made of arrays before. Holds their storages, so that no identity is used twice.
  private var made: [[NDArray.Identity]: (inputs: [NDArray], outputs: [NDArray])] = [:]

  init(_ rule: TensorMapping.Rule) { self.rule = rule }

  /// What the rule makes of the arrays of a step.
  ///
  /// - Parameter names: Their keys, for errors.
  mutating func apply(
    to arrays: [NDArray], names: [String]
  ) throws(RuleFailure) -> [NDArray] {
    let identity = arrays.map(\.identity)
    if let known = made[identity] { return known.outputs }
    let outputs = try make(arrays, names)
    made[identity] = (arrays, outputs)
    return outputs
  }

  private func make(_ arrays: [NDArray], _ names: [String]) throws(RuleFailure) -> [NDArray] {
    let (array, name) = (arrays[0], names[0])
    switch rule {
    case .rename: return arrays
    case .permute(_, let axes):
      guard axes.count == array.rank else {
        throw RuleFailure(
          "'\(name)' has shape \(array.shape), and \(axes.count) axes are given",
          advice: "Make the expression narrower.")
      }
      return [array.permuted(axes)]
    case .transpose:
      guard array.rank >= 2 else {
        throw RuleFailure(
          "'\(name)' has shape \(array.shape), and no two dimensions to exchange",
          advice: "Make the expression narrower.")
      }
      return [array.transposed()]
    case .interleave(_, let rows): return [try Self.interleave(array, name, rows)]
    case .reshape(_, let shape, let from):
      if let from { try Self.check(array.shape, from, name) }
      return [array.reshaped(to: try Self.shape(shape, for: array.shape, name))]
    case .cast(_, let dtype, let from):
      if let from, array.dtype != from {
        throw RuleFailure("'\(name)' is of type \(array.dtype), not \(from)")
      }
      do {
        return [try array.converted(to: dtype)]
      } catch {
        throw RuleFailure("'\(name)' cannot be converted: \(error)")
      }
    case .split(_, let axis, let names, let sizes):
      return try Self.split(array, name, axis, names.count, sizes)
    case .concatenate(_, let axis, _, let sizes):
      return [try Self.concatenate(arrays, names, axis, sizes)]
    }
  }

  private static func interleave(
    _ array: NDArray, _ name: String, _ rows: [Int]
  ) throws(RuleFailure) -> NDArray {
    let (group, overflow) = rows[0].multipliedReportingOverflow(by: rows[1])
    guard !overflow, let count = array.shape.first, count.isMultiple(of: group) else {
      throw RuleFailure(
        "'\(name)' has shape \(array.shape), whose rows are no groups of \(rows[0]) times \(rows[1])",
        advice: "Make the expression narrower, or say how many rows a group has.")
    }
    let rest = Array(array.shape.dimensions.dropFirst())
    let grouped = array.reshaped(to: Shape([count / group] + rows + rest))
    return grouped.permuted([0, 2, 1] + rest.indices.map { $0 + 3 }).reshaped(to: array.shape)
  }

  private static func check(_ shape: Shape, _ from: [Int], _ name: String) throws(RuleFailure) {
    let isSame =
      shape.rank == from.count && zip(shape, from).allSatisfy { $1 == -1 || $0 == $1 }
    guard isSame else { throw RuleFailure("'\(name)' has shape \(shape), not \(from)") }
  }

  /// A shape with its −1 replaced by what is left.
  private static func shape(
    _ lengths: [Int], for shape: Shape, _ name: String
  ) throws(RuleFailure) -> Shape {
    let misfit = RuleFailure("'\(name)' has shape \(shape), which does not fill \(lengths)")
    var product = 1
    for length in lengths where length != -1 {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      guard !overflow else { throw misfit }
      product = next
    }
    let isWhole = product > 0 && shape.elementCount.isMultiple(of: product)
    let rest = isWhole ? shape.elementCount / product : 1
    let filled = lengths.map { $0 == -1 ? rest : $0 }
    guard
      lengths.contains(-1) ? isWhole : product == shape.elementCount,
      let result = Shape(validating: filled)
    else { throw misfit }
    return result
  }

  private static func axis(_ axis: Int, of shape: Shape, _ name: String) throws(RuleFailure) -> Int
  {
    let position = axis < 0 ? axis + shape.rank : axis
    guard shape.indices.contains(position) else {
      throw RuleFailure("'\(name)' has shape \(shape), and no axis \(axis)")
    }
    return position
  }

  private static func split(
    _ array: NDArray, _ name: String, _ axis: Int, _ count: Int, _ sizes: [Int]?
  ) throws(RuleFailure) -> [NDArray] {
    let axis = try Self.axis(axis, of: array.shape, name)
    let length = array.shape[axis]
    guard sizes != nil || length.isMultiple(of: count) else {
      throw RuleFailure(
        "'\(name)' has shape \(array.shape), whose axis \(axis) has not \(count) equal parts",
        advice: #"Add "sizes": […] to the rule."#)
    }
    let sizes = sizes ?? [Int](repeating: length / count, count: count)
    let total = sizes.reduce((sum: 0, overflow: false)) { partial, size in
      let (sum, overflow) = partial.sum.addingReportingOverflow(size)
      return (sum, partial.overflow || overflow)
    }
    guard total == (length, false) else {
      throw RuleFailure(
        "'\(name)' has shape \(array.shape), and the sizes \(sizes) do not fill axis \(axis)")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return array.sliced(axis: axis, start..<(start + size))
    }
  }

  private static func concatenate(
    _ arrays: [NDArray], _ names: [String], _ axis: Int, _ sizes: [Int]?
  ) throws(RuleFailure) -> NDArray {
    let first = arrays[0]
    let axis = try Self.axis(axis, of: first.shape, names[0])
    var lengths = first.shape.dimensions
    lengths[axis] = 0
    for (number, array) in arrays.enumerated() {
      var expected = first.shape.dimensions
      if array.rank == first.rank { expected[axis] = array.shape[axis] }
      guard array.dtype == first.dtype, array.shape.dimensions == expected else {
        throw RuleFailure(
          "'\(names[0])' (\(first.dtype), \(first.shape)) and '\(names[number])' "
            + "(\(array.dtype), \(array.shape)) cannot be joined along axis \(axis)")
      }
      let size = sizes?[number] ?? first.shape[axis]
      guard array.shape[axis] == size else {
        throw RuleFailure(
          "'\(names[number])' has shape \(array.shape), and its part of axis \(axis) is \(size)",
          advice: #"Say the lengths of unequal parts with "sizes": […]."#)
      }
      lengths[axis] += size
    }
    guard let shape = Shape(validating: lengths) else {
      throw RuleFailure("'\(names[0])' and what is joined to it are too large")
    }
    let whole = NDArray(uninitialized: shape, dtype: first.dtype)
    var start = 0
    for array in arrays {
      let end = start + array.shape[axis]
      array.scatter(into: whole.storage, as: whole.layout.sliced(axis: axis, start..<end))
      start = end
    }
    return whole
  }
}
