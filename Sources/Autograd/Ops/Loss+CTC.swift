import Arrays
import Files
import Kernels
import Platform

extension Tensor {
  /// The connectionist temporal classification loss of logarithms of probabilities. Equivalent to
  /// `torch.nn.functional.ctc_loss`.
  ///
  /// Graves et al., "Connectionist temporal classification: labelling unsegmented sequence data with
  /// recurrent neural networks" (2006). As in PyTorch the gradient is that of what ``logSoftmax(_:)``
  /// returned, and it cannot be differentiated again.
  ///
  /// - Parameters:
  ///   - targets: (batch, length), or all targets one after the other; integers that are not `blank`.
  ///   - inputLengths: The number of steps of each sequence.
  ///   - targetLengths: The length of each target.
  ///   - blank: The class between two others.
  ///   - reduction: How losses are combined. For the mean each is divided by the length of its target.
  ///   - zeroInfinity: Whether the loss of a target that does not fit, and its gradient, is zero.
  /// - Returns: A scalar, or (batch,) without reduction. NaN among what the loss of a sample depends on
  ///   makes that loss NaN, also with `zeroInfinity`, and its whole gradient.
  /// - Precondition: This tensor is (time, batch, classes), of `float32` or `float64`, and the lengths
  ///   fit.
  public final func ctcLoss(
    _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int], blank: Int = 0,
    reduction: LossReduction = .mean, zeroInfinity: Bool = false
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).ctcLoss(
        targets, inputLengths, targetLengths, blank: blank, reduction: reduction,
        zeroInfinity: zeroInfinity)
    }) {
      return result
    }
    require(
      rank == 3 && (dtype == .float32 || dtype == .float64)
        && inputLengths.count == shape[1] && targetLengths.count == shape[1]
        && inputLengths.allSatisfy { (0...shape[0]).contains($0) }
        && targetLengths.allSatisfy { $0 >= 0 } && (0..<shape[2]).contains(blank),
      "ctcLoss: \(dtype) of shape \(shape) is not (time, batch, classes) for lengths "
        + "\(inputLengths) and \(targetLengths), blank \(blank)")
    let labels = CTCAlignment.labels(targets, targetLengths)
    require(
      labels.joined().allSatisfy { (0..<shape[2]).contains($0) },
      "ctcLoss: a target is not among the classes of shape \(shape)")
    let (time, batch, classes) = (shape[0], shape[1], shape[2])
    let values = [Double](detached())
    let alignments = labels.enumerated().map { sample, labels in
      CTCAlignment(
        labels, blank: blank,
        rows: (0..<inputLengths[sample]).map { step in
          let start = (step * batch + sample) * classes
          return Array(values[start..<start + classes])
        })
    }
    let losses = alignments.map { zeroInfinity && $0.loss == .infinity ? 0 : $0.loss }
    let array = NDArray(losses, shape: [batch]).cast(to: dtype)
    let (dtype, resultShape) = (dtype, array.shape)
    let each = Tensor.record("CtcLossBackward0", [self], array) { _ in
      [
        { grad in
          require(!GradMode.isEnabled, "ctcLoss: there is no second derivative for \(resultShape)")
          let shares = [Double](grad)
          var slopes = [Double](repeating: 0, count: time * batch * classes)
          for (sample, alignment) in alignments.enumerated() {
            if zeroInfinity && alignment.loss == .infinity { continue }
            for (step, row) in alignment.slopes().enumerated() {
              let start = (step * batch + sample) * classes
              for index in 0..<classes { slopes[start + index] = row[index] * shares[sample] }
            }
          }
          return Tensor(NDArray(slopes, shape: [time, batch, classes]).cast(to: dtype))
        }
      ]
    }
    switch reduction {
    case .none: return each
    case .sum: return each.sum()
    case .mean:
      let lengths = targetLengths.map { Double(Swift.max(1, $0)) }
      return (each / Tensor(lengths, dtype: dtype)).mean()
    default: trap("ctcLoss: \(reduction) is not a reduction of shape \(each.shape)")
    }
  }
}

/// The alignments of one target with one sequence.
private struct CTCAlignment {
  /// The logarithms of the probabilities by step.
  private let rows: [[Double]]
  /// The target with a blank before, between and after its labels.
  private let states: [Int]
  private let forward: [[Double]]
  let loss: Double

  /// The target of each sample.
  static func labels(_ targets: Tensor, _ lengths: [Int]) -> [[Int]] {
    let numbers = [Int](targets)
    if targets.rank == 1 {
      require(
        numbers.count == lengths.reduce(0, +),
        "ctcLoss: \(numbers.count) targets are not as many as the lengths \(lengths)")
      var start = 0
      return lengths.map { length in
        defer { start += length }
        return Array(numbers[start..<start + length])
      }
    }
    require(
      targets.rank == 2 && targets.shape[0] == lengths.count
        && lengths.allSatisfy { $0 <= targets.shape[1] },
      "ctcLoss: targets of shape \(targets.shape) do not fit the lengths \(lengths)")
    return lengths.enumerated().map { sample, length in
      let start = sample * targets.shape[1]
      return Array(numbers[start..<start + length])
    }
  }

  init(_ labels: [Int], blank: Int, rows: [[Double]]) {
    self.rows = rows
    let states = [blank] + labels.flatMap { [$0, blank] }
    self.states = states
    forward = Self.walk(states, rows)
    guard let last = forward.last else {
      loss = labels.isEmpty ? 0 : .infinity
      return
    }
    loss = -Self.sum(last.suffix(labels.isEmpty ? 1 : 2))
  }

  /// For each step and state the logarithm of the probability of all ways to be there.
  private static func walk(_ states: [Int], _ rows: [[Double]]) -> [[Double]] {
    var result: [[Double]] = []
    for row in rows {
      let next = states.indices.map { index -> Double in
        guard let before = result.last else {
          return index < 2 ? row[states[index]] : -.infinity
        }
        var ways = [before[index]]
        if index > 0 { ways.append(before[index - 1]) }
        if index > 1, states[index] != states[index - 2] { ways.append(before[index - 2]) }
        return sum(ways[...]) + row[states[index]]
      }
      result.append(next)
    }
    return result
  }

  /// log Σ eˣ.
  private static func sum(_ logarithms: ArraySlice<Double>) -> Double {
    // NaN is not among what `max` compares.
    guard !logarithms.contains(where: \.isNaN) else { return .nan }
    guard let greatest = logarithms.max(), greatest > -.infinity else { return -.infinity }
    return greatest + log(logarithms.reduce(0) { $0 + exp($1 - greatest) })
  }

  /// The gradient of the loss for each step and class.
  func slopes() -> [[Double]] {
    let backward = Self.walk(states.reversed(), rows.reversed()).reversed().map {
      Array($0.reversed())
    }
    return rows.indices.map { step in
      let row = rows[step]
      var ways = [[Double]](repeating: [], count: row.count)
      for (index, state) in states.enumerated() {
        ways[state].append(forward[step][index] + backward[step][index])
      }
      return row.indices.map { index in
        exp(row[index]) - exp(Self.sum(ways[index][...]) + loss - row[index])
      }
    }
  }
}
