import Arrays
import Files
import Kernels

extension Tensor {
  /// Sums of products of elements, over dimensions named by an equation. Equivalent to
  /// `torch.einsum`.
  ///
  /// ```swift
  /// Tensor.einsum("bij,bjk->bik", x, y)    // products of stacks of matrices
  /// Tensor.einsum("ii", x)                 // the trace
  /// Tensor.einsum("...ij->...ji", x)       // transposes
  /// ```
  ///
  /// Each letter names a dimension of the operands; an ellipsis names those that remain, which
  /// broadcast. A letter repeated within an operand takes its diagonal. Without an arrow, the
  /// result has the dimensions of the ellipsis, then those whose letters occur once, in
  /// alphabetical order. Operands are multiplied from left to right, each pair as one matrix
  /// product.
  ///
  /// - Parameters:
  ///   - equation: The letters of each operand, separated by commas, then optionally `->` and those
  ///     of the result. An invalid equation traps with a message like PyTorch's.
  ///   - operands: The tensors, at least one.
  public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
    einsum(equation, operands)
  }

  /// Sums of products of elements of an array of operands. See the variant with separate operands.
  ///
  /// - Parameters:
  ///   - equation: The letters of each operand, separated by commas, then optionally `->` and those
  ///     of the result.
  ///   - operands: The tensors, at least one.
  /// - Precondition: There is an operand, and the equation fits the shapes.
  public static func einsum(_ equation: String, _ operands: [Tensor]) -> Tensor {
    require(!operands.isEmpty, "einsum(): must provide at least one operand")
    let parsed = EinsumEquation(equation, operands.map(\.shape))
    var terms = zip(operands, parsed.operands).enumerated().map {
      EinsumTerm($0.element.0, $0.element.1, index: $0.offset)
    }
    let lengths = einsumLengths(parsed, operands)
    var product = terms.removeFirst()
    while !terms.isEmpty {
      let next = terms.removeFirst()
      let needed = Set(parsed.output).union(terms.flatMap(\.labels))
      product = product.multiplied(with: next, keeping: needed, lengths)
    }
    let summed = product.summed(keeping: Set(parsed.output))
    // A dimension that only an output's ellipsis covers is there already; all others are moved.
    return summed.tensor(in: parsed.output)
  }

  /// The length of each dimension.
  private static func einsumLengths(
    _ equation: EinsumEquation, _ operands: [Tensor]
  ) -> [EinsumEquation.Label: Int] {
    var lengths: [EinsumEquation.Label: Int] = [:]
    for (index, labels) in equation.operands.enumerated() {
      let shape = operands[index].shape
      for (axis, label) in labels.enumerated() {
        let known = lengths[label] ?? 1
        require(
          known == shape[axis] || known == 1 || shape[axis] == 1,
          "einsum(): \(label) has size \(shape[axis]) for operand \(index) of shape \(shape), which "
            + "does not broadcast with previously seen size \(known)")
        lengths[label] = known == 1 ? shape[axis] : known
      }
    }
    return lengths
  }
}

/// A tensor with a label for each of its dimensions, no two of them equal.
private struct EinsumTerm {
  let tensor: Tensor
  let labels: [EinsumEquation.Label]

  /// An operand, with the diagonals that repeated labels stand for.
  init(_ operand: Tensor, _ names: [EinsumEquation.Label], index: Int) {
    var (tensor, labels) = (operand, names)
    var axis = 0
    while axis < labels.count {
      guard let other = labels[..<axis].firstIndex(of: labels[axis]) else {
        axis += 1
        continue
      }
      require(
        tensor.shape[other] == tensor.shape[axis],
        "einsum(): \(labels[axis]) is repeated for operand \(index) of shape \(operand.shape) "
          + "but the sizes don't match, \(tensor.shape[axis]) != \(tensor.shape[other])")
      tensor = tensor.diagonal(0, other, axis)
      let label = labels.remove(at: axis)
      labels.remove(at: other)
      labels.append(label)
      axis = 0
    }
    self.tensor = tensor
    self.labels = labels
  }

  private init(unique tensor: Tensor, _ labels: [EinsumEquation.Label]) {
    self.tensor = tensor
    self.labels = labels
  }

  /// The sum over all dimensions but these.
  func summed(keeping kept: Set<EinsumEquation.Label>) -> EinsumTerm {
    let axes = labels.indices.filter { !kept.contains(labels[$0]) }
    guard !axes.isEmpty else { return self }
    return EinsumTerm(unique: tensor.sum(axes), labels.filter { kept.contains($0) })
  }

  /// The tensor with its dimensions in this order.
  func tensor(in order: [EinsumEquation.Label]) -> Tensor {
    tensor.permuted(order.map { labels.firstIndex(of: $0) ?? 0 })
  }

  /// The product with another, summed over all dimensions that are not needed any more.
  func multiplied(
    with other: EinsumTerm, keeping needed: Set<EinsumEquation.Label>,
    _ lengths: [EinsumEquation.Label: Int]
  ) -> EinsumTerm {
    let x = summed(keeping: needed.union(other.labels))
    let y = other.summed(keeping: needed.union(labels))
    let shared = x.labels.filter { y.labels.contains($0) }
    let batch = shared.filter { needed.contains($0) }
    let folded = shared.filter { !needed.contains($0) }
    let rows = x.labels.filter { !shared.contains($0) }
    let columns = y.labels.filter { !shared.contains($0) }
    func count(_ labels: [EinsumEquation.Label]) -> Int {
      labels.reduce(1) { $0 * lengths[$1, default: 1] }
    }
    /// The dimensions in three groups, each as one.
    func grouped(_ term: EinsumTerm, _ groups: [[EinsumEquation.Label]]) -> Tensor {
      let order = groups.flatMap(\.self)
      // Of a dimension that another operand has longer, the one element stands for all.
      return term.tensor(in: order).expanded(Shape(order.map { lengths[$0, default: 1] }))
        .reshaped(Shape(groups.map(count)))
    }
    var (left, right) = (grouped(x, [batch, rows, folded]), grouped(y, [batch, folded, columns]))
    // Where nothing is summed PyTorch multiplies elements, and so promotes types.
    if folded.isEmpty, left.dtype != right.dtype {
      let dtype = left.dtype.promoted(with: right.dtype)
      (left, right) = (left.to(dtype), right.to(dtype))
    }
    let product = left.matmul(right)
    let order = batch + rows + columns
    return EinsumTerm(
      unique: product.reshaped(Shape(order.map { lengths[$0, default: 1] })), order)
  }
}
