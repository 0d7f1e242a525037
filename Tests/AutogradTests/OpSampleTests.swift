import Arrays
import Autograd
import Files
import Testing

/// The same checks over every operation of the table.
@Suite struct OpSampleTests {
  @Test func tableAndFixtureListTheSameOperations() {
    #expect(Set(OpSample.all.map(\.name)) == Set(Fixture.operations.keys))
    #expect(OpSample.all.count == Fixture.operations.count)
    #expect(Set(Fixture.edges.keys).isSubset(of: Fixture.operations.keys))
  }

  private func gradient(_ output: Tensor) -> Tensor {
    Tensor(pattern(output.shape, 7), shape: output.shape).to(output.dtype)
  }

  private func gradients(_ sample: OpSample, _ inputs: [Tensor]) -> (Tensor, [Tensor?]) {
    let output = sample.function(inputs)
    guard output.requiresGrad else { return (output, inputs.map { _ in nil }) }
    return (output, Tensor.gradients(of: [output], for: inputs, [gradient(output)]))
  }

  private func expectGolden(
    _ sample: OpSample, _ inputs: [Tensor], _ tolerance: Double, _ edge: Fixture.Sample? = nil
  ) throws {
    let tolerance =
      OpSample.inexactInPyTorch.contains(sample.name) ? max(tolerance, 1e-7) : tolerance
    let golden = try edge ?? #require(Fixture.operations[sample.name])
    let (output, found) = gradients(sample, inputs)
    #expect(output.shape.dimensions == golden.shape)
    #expect(output.dtype == inputs[0].dtype)
    #expect(isClose(output.doubles, golden.output, tolerance), "\(output.doubles) \(golden.output)")
    for (index, expected) in golden.gradients.enumerated() {
      // PyTorch says nothing of an input that does not matter, or that it is zero.
      let zeros = [Double](repeating: 0, count: inputs[index].elementCount)
      #expect(
        isClose(found[index]?.doubles ?? zeros, expected ?? zeros, tolerance),
        "gradient \(index): \(found[index]?.doubles ?? []) \(expected ?? [])")
      #expect(found[index].map { $0.shape == inputs[index].shape } ?? true)
      #expect(found[index].map { $0.dtype == inputs[index].dtype } ?? true)
    }
  }

  /// Values and gradients are PyTorch's, to 1e-12 in `float64`.
  @Test(arguments: OpSample.all) func float64EqualsPyTorch(_ sample: OpSample) throws {
    try expectGolden(sample, sample.inputs(), 1e-12)
  }

  /// Values and gradients are PyTorch's, to 1e-5 in `float32`.
  @Test(arguments: OpSample.all) func float32EqualsPyTorch(_ sample: OpSample) throws {
    try expectGolden(sample, sample.inputs(.float32), 1e-5)
  }

  /// Inputs with no elements, or without axes, wherever PyTorch has a result for them.
  @Test(arguments: OpSample.all.filter { Fixture.edges[$0.name] != nil })
  func emptyAndScalarInputsEqualPyTorch(_ sample: OpSample) throws {
    for edge in try #require(Fixture.edges[sample.name]) {
      let shapes = try #require(edge.shapes).map { Shape($0) }
      try expectGolden(sample, sample.inputs(shapes: shapes), 1e-12, edge)
      try expectGolden(sample, sample.inputs(.float32, shapes: shapes), 1e-5, edge)
    }
  }

  /// Inputs whose elements lie in another order, with gaps.
  @Test(arguments: OpSample.all) func stridedInputsGiveTheSame(_ sample: OpSample) throws {
    let inputs = sample.inputs().map { input -> Tensor in
      let reversed = Array(input.shape.indices.reversed())
      let padded = NDArray.concatenated(
        [input.array, input.array].map { $0.unsqueezed(0) }, axis: 0)
      let apart = padded.permuted([0] + reversed.map { $0 + 1 }).copied()
        .permuted([0] + reversed.map { $0 + 1 })
      let strided = apart.selected(axis: 0, 1)
      return Tensor(strided, requiresGrad: true)
    }
    try expectGolden(sample, inputs, 1e-12)
  }

  @Test(arguments: OpSample.all) func finiteDifferencesAgree(_ sample: OpSample) {
    let inputs = sample.inputs()
    let (output, found) = gradients(sample, inputs)
    guard !sample.limits.contains(.constantInputs) else { return }
    let weights = gradient(output)
    for (index, input) in inputs.enumerated() {
      let numeric = differences(input.doubles) { values in
        var moved = sample.inputs(requiresGrad: false)
        moved[index] = Tensor(values, shape: input.shape, dtype: .float64)
        return (sample.function(moved) * weights).sum().item(as: Double.self)
      }
      let zeros = [Double](repeating: 0, count: input.elementCount)
      #expect(isClose(found[index]?.doubles ?? zeros, numeric, 1e-6))
    }
  }

  @Test(arguments: OpSample.all) func secondDerivativesAgree(_ sample: OpSample) {
    guard sample.limits.isEmpty else { return }
    let inputs = sample.inputs()
    let output = sample.function(inputs)
    guard output.requiresGrad else { return }
    // The first derivatives, folded with weights into one number, are differentiated.
    func folded(_ inputs: [Tensor], createGraph: Bool) -> Tensor {
      let output = sample.function(inputs)
      let first = Tensor.gradients(
        of: [output], for: inputs, [gradient(output)], createGraph: createGraph)
      return first.enumerated().reduce(Tensor(0.0, dtype: .float64)) { sum, part in
        guard let gradient = part.element else { return sum }
        let weights = Tensor(pattern(gradient.shape, 3 + part.offset), shape: gradient.shape)
        return sum + (gradient * weights).sum()
      }
    }
    let total = folded(inputs, createGraph: true)
    let second =
      total.requiresGrad
      ? Tensor.gradients(of: [total], for: inputs) : inputs.map { _ in nil }
    for (index, input) in inputs.enumerated() {
      let numeric = differences(input.doubles) { values in
        var moved = sample.inputs()
        moved[index] = Tensor(NDArray(values, shape: input.shape), requiresGrad: true)
        return folded(moved, createGraph: false).item(as: Double.self)
      }
      let zeros = [Double](repeating: 0, count: input.elementCount)
      #expect(isClose(second[index]?.doubles ?? zeros, numeric, 1e-5), "input \(index)")
    }
  }

  /// Central differences of a function of several numbers.
  private func differences(_ values: [Double], _ function: ([Double]) -> Double) -> [Double] {
    let step = 1e-6
    return values.indices.map { index in
      var moved = values
      moved[index] += step
      let above = function(moved)
      moved[index] -= 2 * step
      return (above - function(moved)) / (2 * step)
    }
  }

  /// Each input alone requires a gradient: it gets the same, and the others none.
  @Test(arguments: OpSample.all) func frozenInputsGetNoGradient(_ sample: OpSample) {
    let (_, all) = gradients(sample, sample.inputs())
    for active in sample.shapes.indices {
      let inputs = sample.inputs(requiresGrad: false)
      inputs[active].requiresGrad = true
      let output = sample.function(inputs)
      guard output.requiresGrad else { continue }
      output.backward(gradient(output))
      for index in inputs.indices where index != active { #expect(inputs[index].grad == nil) }
      #expect(inputs[active].grad?.doubles == all[active]?.doubles)
    }
  }

  @Test(arguments: OpSample.all) func nothingIsRecordedInNoGrad(_ sample: OpSample) {
    #expect(!noGrad { sample.function(sample.inputs()) }.requiresGrad)
    #expect(!sample.function(sample.inputs(requiresGrad: false)).requiresGrad)
  }

  @Test(arguments: OpSample.all) func metaInputsGiveShapeAndType(_ sample: OpSample) throws {
    // Of indices and statistics that lie elsewhere only the shape is asked here.
    let inputs = Device.with(.meta) { sample.shapes.map { Tensor.ones($0, dtype: .float64) } }
    let output = sample.function(inputs)
    #expect(output.device == .meta)
    #expect(output.shape.dimensions == Fixture.operations[sample.name]?.shape)
    #expect(output.dtype == .float64)
  }
}
