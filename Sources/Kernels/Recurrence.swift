import Arrays
import CKernels
import Files

/// A recurrence over time: the part of a recurrent layer in which each step needs the one before.
///
/// What the input contributes to the gates has been computed for all steps at once; here the
/// states' part is added step by step. Shapes: contributions (steps, batch, gates · hidden), weight
/// (gates · hidden, hidden), bias (gates · hidden,), states (steps + 1, batch, hidden), of which the
/// first is the initial one.
package struct Recurrence {
  package let kind: CKRecurrence
  package let steps: Int
  package let batch: Int
  package let hidden: Int

  /// What a gradient needs of the steps that were taken.
  package struct Trace {
    let states: NDArray
    let kept: NDArray
  }

  package init(_ kind: CKRecurrence, steps: Int, batch: Int, hidden: Int) {
    self.kind = kind
    self.steps = steps
    self.batch = batch
    self.hidden = hidden
  }

  /// The number of gates, each with a row of weights for each element of the state.
  package static func gates(of kind: CKRecurrence) -> Int {
    switch kind {
    case .tanh, .relu: 1
    case .GRU: 3
    case .LSTM: 4
    }
  }

  private var width: Int { Self.gates(of: kind) * hidden }
  private var stateCount: Int { kind == .LSTM ? 2 : 1 }
  private var isSimple: Bool { kind == .tanh || kind == .relu }

  /// The states, and for the LSTM the cells, as one array of (1 or 2, steps + 1, batch, hidden).
  ///
  /// - Parameters:
  ///   - contributions: What the input contributes to the gates, (steps, batch, gates · hidden).
  ///   - weight: The factor of the previous state, (gates · hidden, hidden).
  ///   - bias: Added to that product, (gates · hidden,).
  ///   - initial: (1 or 2, batch, hidden).
  package func forward(
    _ contributions: NDArray, _ weight: NDArray, _ bias: NDArray?, _ initial: NDArray
  ) -> (states: NDArray, trace: Trace) {
    let dtype = weight.dtype
    let size = dtype.itemSize
    let x = contributions.rows(
      "the input's part", dtype, [steps, batch, width], for: "recurrence")
    let matrix = weight.rows("the weight", dtype, [width, hidden], for: "recurrence")
    let states = NDArray(
      uninitialized: [stateCount, steps + 1, batch, hidden], dtype: dtype)
    let kept = NDArray(uninitialized: [isSimple ? 0 : steps, batch, 4 * hidden], dtype: dtype)
    let ofState = NDArray(uninitialized: [batch, width], dtype: dtype)
    let biases = bias?.rows("the bias", dtype, [width], for: "recurrence")
    let initial = initial.rows(
      "the initial state", dtype, [stateCount, batch, hidden], for: "recurrence")
    let weights = RepeatedFactor(matrix, isTransposed: true, uses: steps)
    let row = hidden * size
    let block = batch * row
    withExtendedLifetime((x, biases, initial)) {
      let first = states.freshPointer
      let cells = first + (stateCount - 1) * (steps + 1) * block
      first.copyMemory(from: initial.pointer, byteCount: block)
      cells.copyMemory(from: initial.pointer + (stateCount - 1) * block, byteCount: block)
      forEachBlock(weights) { rows, isDivided in
        let start = rows.lowerBound
        let h = ofState.freshPointer + start * width * size
        for step in 0..<steps {
          let place = step * block + start * row
          weights.multiply(
            rows.count, first + place, plus: biases?.pointer, startsAlike: true, into: h,
            isDivided: isDivided)
          ck_recurrent_step(
            dtype.loops, kind, x.pointer + (step * batch + start) * width * size, h, first + place,
            cells + place, first + place + block, cells + place + block,
            kept.freshPointer + (isSimple ? 0 : 4 * place), rows.count, hidden)
        }
      }
    }
    return (states, Trace(states: states, kept: kept))
  }

  /// Calls `body` with rows of the batch, which are independent of each other in all steps, and with whether
  /// threads should share each product.
  ///
  /// Few rows at a time keep what a step leaves for the next in the nearest memory. A weight that is not
  /// there itself is read as seldom as can be.
  private func forEachBlock(_ weights: RepeatedFactor, _ body: (Range<Int>, Bool) -> Void) {
    guard batch > 0 else { return }
    // What wakes another thread has to be worth it.
    let threads = Swift.min(
      Threads.count, Swift.max(1, batch * steps * hidden * width >> 20))
    guard batch >= threads && steps > 1 else { return body(0..<batch, true) }
    // Rows by which the registers of a processor divide.
    let length = weights.byteCount <= 512 << 10 ? 24 : batch
    Threads.split(batch, grain: batch / threads) { part in
      for start in stride(from: part.lowerBound, to: part.upperBound, by: length) {
        body(start..<Swift.min(start + length, part.upperBound), false)
      }
    }
  }

  /// The gradients for the arguments of ``forward(_:_:_:_:)``, from that of the states.
  package func gradients(
    _ gradient: NDArray, _ weight: NDArray, _ trace: Trace, hasBias: Bool
  ) -> (contributions: NDArray, weight: NDArray, bias: NDArray?, initial: NDArray) {
    let dtype = weight.dtype
    let size = dtype.itemSize
    let gradient = gradient.rows(
      "the gradient", dtype, [stateCount, steps + 1, batch, hidden], for: "recurrence")
    let matrix = weight.rows("the weight", dtype, [width, hidden], for: "recurrence")
    let ofInput = NDArray(uninitialized: [steps, batch, width], dtype: dtype)
    let ofState = kind == .GRU ? NDArray(uninitialized: ofInput.shape, dtype: dtype) : ofInput
    let carries = NDArray(zeros: [stateCount, batch, hidden], dtype: dtype)
    let weights = RepeatedFactor(matrix, isTransposed: false, uses: steps)
    let row = hidden * size
    let block = batch * row
    withExtendedLifetime((gradient, trace)) {
      let ofCells = (stateCount - 1) * (steps + 1) * block
      forEachBlock(weights) { rows, isDivided in
        let start = rows.lowerBound
        let carry = carries.freshPointer + start * row
        for step in (0..<steps).reversed() {
          let place = step * block + start * row
          let grad = gradient.pointer + place + block
          let last = trace.states.pointer + place
          let gates = (step * batch + start) * width * size
          let h = ofState.freshPointer + gates
          ck_recurrent_step_grad(
            dtype.loops, kind, grad, grad + ofCells, last, last + block, last + ofCells,
            last + ofCells + block, trace.kept.pointer + (isSimple ? 0 : 4 * place), carry,
            carry + (stateCount - 1) * block, ofInput.freshPointer + gates, h, rows.count, hidden)
          weights.multiply(rows.count, h, plus: carry, into: carry, isDivided: isDivided)
        }
      }
    }
    let rows = ofState.reshaped(to: [steps * batch, width])
    let before = trace.states.selected(axis: 0, 0).sliced(axis: 0, 0..<steps)
      .reshaped(to: [steps * batch, hidden])
    // The initial states are part of the result, and have gradients of their own there.
    let initial = NDArray.binary(
      .add, carries, gradient.selected(axis: 1, 0), for: "recurrence")
    return (
      ofInput, .matmul(rows.transposed(), before),
      hasBias ? rows.reduced(.sum, axes: [0]) : nil, initial
    )
  }
}
