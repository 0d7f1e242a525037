import Arrays
import Autograd
import Files

extension Module {
  /// A table of the module's layers, with the output each has for an input of a given shape.
  /// Equivalent to `torchinfo.summary(model, input_size=…)`.
  ///
  /// ```swift
  /// print(model.summary(inputShape: [1, 3, 224, 224]))
  /// ```
  ///
  /// The module is called once, on zeros, in evaluation mode and without gradients. Modes, buffers,
  /// hooks and the random generator are restored afterwards.
  ///
  /// - Parameters:
  ///   - inputShape: The shape of the input, including the batch.
  ///   - dtype: The type of the input; an integer for a model that starts with an ``Embedding``.
  ///   - depth: The depth to which modules are printed.
  public final func summary(
    inputShape: Shape, dtype: DType = .float32, depth: Int = 3
  ) -> ModuleSummary {
    summary(inputShapes: [inputShape], dtypes: [dtype], depth: depth) { _ = self($0[0]) }
  }

  /// A table of the layers of a module with several inputs.
  ///
  /// ```swift
  /// decoder.summary(inputShapes: [[10, 2, 64], [7, 2, 64]]) { _ = decoder($0[0], $0[1]) }
  /// ```
  ///
  /// - Parameters:
  ///   - inputShapes: The shapes of the inputs.
  ///   - dtypes: Their types; `float32` if nil.
  ///   - depth: The depth to which modules are printed.
  ///   - call: Calls the module with the inputs.
  /// - Precondition: There are as many types as shapes.
  public final func summary(
    inputShapes: [Shape], dtypes: [DType]? = nil, depth: Int = 3, call: ([Tensor]) -> Void
  ) -> ModuleSummary {
    let dtypes = dtypes ?? inputShapes.map { _ in .float32 }
    require(
      dtypes.count == inputShapes.count,
      "summary: \(dtypes.count) types for inputs of \(inputShapes.count) shapes")
    let isMeta = parameters().contains { $0.device == .meta }
    let inputs = Device.with(isMeta ? .meta : .cpu) {
      zip(inputShapes, dtypes).map { Tensor.zeros($0, dtype: $1) }
    }
    let calls = recordingCalls { call(inputs) }
    var layers: [ModuleSummary.Layer] = []
    var counts: [Int] = []
    var seen: Set<ObjectIdentifier> = []
    collectLayers("", 0, calls, &seen, &counts, &layers)
    let parameters = parameters()
    return ModuleSummary(
      layers: layers, depth: depth,
      totalParameters: parameters.elementCount,
      trainableParameters: parameters.filter(\.requiresGrad).elementCount,
      parameterByteCount: parameters.reduce(0) { $0 + $1.elementCount * $1.dtype.itemSize },
      inputByteCount: inputs.reduce(0) { $0 + $1.elementCount * $1.dtype.itemSize })
  }

  /// The first outputs of each module's calls while `body` runs, which leaves everything else as it
  /// was.
  private final func recordingCalls(_ body: () -> Void) -> [ObjectIdentifier: [Tensor]] {
    let modules = modules()
    let states = modules.map { (module: $0, isTraining: $0.isTraining, hooks: $0.hooks) }
    let kept = buffers().map { (buffer: $0, array: $0.array, version: $0.version) }
    let log = CallLog()
    let handles = modules.map { module in
      module.onForward { module, _, outputs in
        log.outputs[ObjectIdentifier(module), default: []].append(outputs[0].detached())
        return nil
      }
    }
    eval()
    noGrad { Generator(seed: 0).use(body) }
    for handle in handles { handle.remove() }
    for state in states {
      state.module.isTraining = state.isTraining
      state.module.hooks = state.hooks
    }
    for (buffer, array, version) in kept where buffer.version != version {
      if buffer.device != .meta { buffer.overwrite(array) }
      buffer.version = version
    }
    return log.outputs
  }

  private final func collectLayers(
    _ path: String, _ depth: Int, _ calls: [ObjectIdentifier: [Tensor]],
    _ seen: inout Set<ObjectIdentifier>, _ counts: inout [Int],
    _ layers: inout [ModuleSummary.Layer]
  ) {
    guard seen.insert(ObjectIdentifier(self)).inserted else { return }
    if counts.count == depth { counts.append(0) }
    counts[depth] += 1
    let children = namedChildren()
    let parameters = parameters()
    let outputs = calls[ObjectIdentifier(self)] ?? []
    layers.append(
      ModuleSummary.Layer(
        path: path, typeName: typeName, depth: depth, index: counts[depth],
        outputShape: outputs.first?.shape, parameterCount: parameters.elementCount,
        trainableParameterCount: parameters.filter(\.requiresGrad).elementCount,
        ownParameterCount: self.parameters(recurse: false).elementCount,
        isLeaf: children.isEmpty,
        multiplyAdds: children.isEmpty
          ? outputs.reduce(0) { $0 + multiplyAdds(for: $1.shape) } : 0,
        outputByteCount: outputs.reduce(0) { $0 + $1.elementCount * $1.dtype.itemSize }))
    for (name, child) in children {
      child.collectLayers(Self.join(path, name), depth + 1, calls, &seen, &counts, &layers)
    }
  }

  /// Products that are added up for an output of this shape.
  private final func multiplyAdds(for shape: Shape) -> Int {
    let count = parameters().elementCount
    let lengths = shape.dimensions
    switch self {
    case is Embedding: return 0
    case is Linear: return count * lengths.dropLast().reduce(1, *)
    case is RecurrentLayer: return count * lengths.dropLast().prefix(2).reduce(1, *)
    case _ where typeName.contains("Conv"):
      return count * (lengths.prefix(1) + lengths.dropFirst(2)).reduce(1, *)
    default: return count * (lengths.first ?? 1)
    }
  }
}

/// What hooks have seen.
private final class CallLog {
  var outputs: [ObjectIdentifier: [Tensor]] = [:]
}

extension [Parameter] {
  fileprivate var elementCount: Int { reduce(0) { $0 + $1.elementCount } }
}
