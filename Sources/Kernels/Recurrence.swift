import Arrays
import CKernels

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
    let biases = bias?.operand("the bias", dtype, [width], for: "recurrence")
      .expanded(to: [batch, width]).contiguous()
    let initial = initial.rows(
      "the initial state", dtype, [stateCount, batch, hidden], for: "recurrence")
    let block = batch * hidden * size
    withExtendedLifetime((x, matrix, biases, initial)) {
      let first = states.freshPointer
      let cells = first + (stateCount - 1) * (steps + 1) * block
      first.copyMemory(from: initial.pointer, byteCount: block)
      cells.copyMemory(from: initial.pointer + (stateCount - 1) * block, byteCount: block)
      let w = Matrix(pointer: matrix.pointer, isTransposed: true, leading: hidden)
      let h = ofState.freshPointer
      for step in 0..<steps where batch > 0 {
        if let biases { h.copyMemory(from: biases.pointer, byteCount: batch * width * size) }
        let last = first + step * block
        Product.multiplyInParallel(
          dtype, rows: batch, columns: width, inner: hidden,
          Matrix(pointer: last, isTransposed: false, leading: hidden), w,
          beta: biases == nil ? 0 : 1, into: h)
        ck_recurrent_step(
          dtype.loops, kind, x.pointer + step * batch * width * size, h, last,
          cells + step * block, last + block, cells + (step + 1) * block,
          kept.freshPointer + (isSimple ? 0 : step * 4 * block), batch, hidden)
      }
    }
    return (states, Trace(states: states, kept: kept))
  }

  /// The gradients for the arguments of ``forward(_:_:_:_:)``, from that of the states.
  package func gradients(
    _ gradient: NDArray, _ weight: NDArray, _ trace: Trace
  ) -> (contributions: NDArray, weight: NDArray, bias: NDArray, initial: NDArray) {
    let dtype = weight.dtype
    let size = dtype.itemSize
    let gradient = gradient.rows(
      "the gradient", dtype, [stateCount, steps + 1, batch, hidden], for: "recurrence")
    let matrix = weight.rows("the weight", dtype, [width, hidden], for: "recurrence")
    let ofInput = NDArray(uninitialized: [steps, batch, width], dtype: dtype)
    let ofState = kind == .GRU ? NDArray(uninitialized: ofInput.shape, dtype: dtype) : ofInput
    let carries = NDArray(zeros: [stateCount, batch, hidden], dtype: dtype)
    let block = batch * hidden * size
    withExtendedLifetime((gradient, matrix, trace)) {
      let ofCells = (stateCount - 1) * (steps + 1) * block
      let carry = carries.freshPointer
      let cellCarry = carry + (stateCount - 1) * block
      let w = Matrix(pointer: matrix.pointer, isTransposed: false, leading: hidden)
      for step in (0..<steps).reversed() where batch > 0 {
        let grad = gradient.pointer + (step + 1) * block
        let last = trace.states.pointer + step * block
        let h = ofState.freshPointer + step * batch * width * size
        ck_recurrent_step_grad(
          dtype.loops, kind, grad, grad + ofCells, last, last + block, last + ofCells,
          last + ofCells + block, trace.kept.pointer + (isSimple ? 0 : step * 4 * block), carry,
          cellCarry, ofInput.freshPointer + step * batch * width * size, h, batch, hidden)
        Product.multiplyInParallel(
          dtype, rows: batch, columns: hidden, inner: width,
          Matrix(pointer: h, isTransposed: false, leading: width), w, beta: 1, into: carry)
      }
    }
    let rows = ofState.reshaped(to: [steps * batch, width])
    let before = trace.states.selected(axis: 0, 0).sliced(axis: 0, 0..<steps)
      .reshaped(to: [steps * batch, hidden])
    // The initial states are part of the result, and have gradients of their own there.
    let initial = NDArray.binary(
      .add, carries, gradient.selected(axis: 1, 0), for: "recurrence")
    return (
      ofInput, .matmul(rows.transposed(), before), rows.reduced(.sum, axes: [0]), initial
    )
  }
}
