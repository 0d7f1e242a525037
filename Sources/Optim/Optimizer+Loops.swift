import Arrays
import CKernels
import Files
import Kernels
import Platform

/// A part of a parameter, and of what goes with it, for one thread.
struct UpdatePart {
  let type: CKType
  let values: UnsafeMutableRawPointer
  let gradient: UnsafeRawPointer
  /// In the order in which the slots were named.
  let slots: [UnsafeMutableRawPointer]
  let count: Int
}

extension Optimizer {
  /// Counts a step in the slot `step`, a scalar of `float32` as in PyTorch.
  ///
  /// - Returns: The number of the step, from 1.
  static func advance(_ slots: inout Slots) -> Double {
    let step = (slots["step"]?.item(as: Float.self) ?? 0) + 1
    slots["step"] = NDArray(step)
    return Double(step)
  }

  /// Calls `body` for parts of a parameter, on several threads if it is large.
  ///
  /// - Parameter names: The slots to change, each of the parameter's shape, and zero if absent. One
  ///   of another type, from before the parameter was converted, is converted too.
  /// - Precondition: The gradient has the parameter's shape and type, and is in row-major order.
  static func loop(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots, _ names: [String],
    _ body: (UpdatePart) -> Void
  ) {
    // Taken out of the slots before they are changed, or the change would copy them.
    var arrays = names.map { name in
      let slot =
        slots.removeValue(forKey: name) ?? NDArray(zeros: parameter.shape, dtype: parameter.dtype)
      require(
        slot.shape == parameter.shape,
        "step: \"\(name)\" has shape \(slot.shape), the parameter \(parameter.shape)")
      return slot.cast(to: parameter.dtype)
    }
    require(
      gradient.shape == parameter.shape && gradient.dtype == parameter.dtype
        && gradient.isContiguous,
      "step: a gradient of \(gradient.dtype) with shape \(gradient.shape) does not fit a parameter "
        + "of \(parameter.dtype) with shape \(parameter.shape)")
    let pointers = arrays.indices.map { arrays[$0].mutablePointer() }
    let values = parameter.mutablePointer()
    let size = parameter.dtype.itemSize
    withExtendedLifetime((gradient, arrays)) {
      Threads.split(parameter.elementCount, grain: Threads.elementGrain / 2) { range in
        let start = range.lowerBound * size
        body(
          UpdatePart(
            type: parameter.dtype.loops, values: values + start, gradient: gradient.pointer + start,
            slots: pointers.map { $0 + start }, count: range.count))
      }
    }
    for (name, array) in zip(names, arrays) { slots[name] = array }
  }
}

extension CKAdam {
  /// The options of Adam and its relatives at a step, counted from 1.
  init(_ group: ParameterGroup, step: Double) {
    let (beta1, beta2) = group.pair("betas")
    self.init(
      lr: group.lr, beta1: beta1, beta2: beta2, eps: group.number("eps"),
      weight_decay: group.number("weight_decay"), correction1: 1 - pow(beta1, step),
      correction2: 1 - pow(beta2, step), decoupled_decay: group.flag("decoupled_weight_decay"),
      maximize: group.flag("maximize"))
  }
}
