import Arrays
import Autograd
import Files
import Testing

/// How gradients are computed, kept and freed, as in PyTorch.
@Suite struct TapeTests {
  private func leaf(_ values: [Double]) -> Tensor { Tensor(NDArray(values), requiresGrad: true) }

  @Test func backwardAddsToGrad() {
    let x = leaf([1, 2, 3])
    (x * x).sum().backward()
    #expect(x.grad?.doubles == [2, 4, 6])
    (x * 3).sum().backward()
    #expect(x.grad?.doubles == [5, 7, 9])
    x.zeroGrad()
    #expect(x.grad == nil)
    (x * 3).sum().backward()
    #expect(x.grad?.doubles == [3, 3, 3])
  }

  @Test func backwardTakesAGradient() {
    let x = leaf([1, 2, 3])
    (x * x).backward(Tensor([1, 10, 100] as [Double], dtype: .float64))
    #expect(x.grad?.doubles == [2, 40, 600])
    #expect(x.grad?.requiresGrad == false)
  }

  @Test func aTensorUsedTwiceGetsBothGradients() {
    let x = leaf([2])
    let y = x * x
    (y * y + y).sum().backward()
    #expect(x.grad?.doubles == [4 * 8 + 4])
  }

  @Test func sharedGradientsAreNotChangedThroughEachOther() {
    // Both inputs of a sum get the same tensor; what one gathers must not show in the other.
    let x = leaf([1])
    let y = leaf([1])
    let sum = x + y
    (sum + x + x + x).sum().backward()
    #expect(x.grad?.doubles == [4])
    #expect(y.grad?.doubles == [1])
  }

  @Test func retainedGraphsCanBeWalkedAgain() {
    let x = leaf([3])
    let y = (x * x).sum()
    y.backward(retainGraph: true)
    y.backward()
    #expect(x.grad?.doubles == [12])
  }

  @Test func aSecondWalkTraps() async {
    await #expect(processExitsWith: .failure) {
      let x = Tensor(NDArray([3.0]), requiresGrad: true)
      let y = (x * x).sum()
      y.backward()
      y.backward()
    }
  }

  @Test func createGraphGivesSecondAndThirdDerivatives() throws {
    let x = leaf([2])
    let y = x.pow(4).sum()
    let first = try #require(Tensor.gradients(of: [y], for: [x], createGraph: true)[0])
    let second = try #require(Tensor.gradients(of: [first], for: [x], createGraph: true)[0])
    let third = try #require(Tensor.gradients(of: [second], for: [x])[0])
    #expect(first.doubles == [32])
    #expect(second.doubles == [48])
    #expect(third.doubles == [48])
    #expect(x.grad == nil)
    #expect(first.requiresGrad && second.requiresGrad && !third.requiresGrad)
  }

  @Test func backwardWithCreateGraphKeepsTheGradientsGraph() throws {
    let x = leaf([2])
    x.pow(3).sum().backward(createGraph: true)
    let first = try #require(x.grad)
    x.grad = nil
    first.sum().backward()
    #expect(x.grad?.doubles == [12])
  }

  @Test func gradientsForResultsAndForNothing() {
    let x = leaf([2])
    let other = leaf([5])
    let y = x * x
    let found = Tensor.gradients(of: [(y * y).sum()], for: [y, x, other])
    #expect(found[0]?.doubles == [8])
    #expect(found[1]?.doubles == [32])
    #expect(found[2] == nil)
  }

  @Test func gradientsFlowThroughViews() {
    let x = Tensor(NDArray([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3]), requiresGrad: true)
    let view = x.transposed().sliced(0, 1..<3).select(1, 1)
    (view * view).sum().backward()
    #expect(x.grad?.doubles == [0, 0, 0, 0, 10, 12])
  }

  @Test func noGradRecordsNothingAndEnableGradDoes() {
    let x = leaf([1])
    noGrad {
      #expect(!(x * 2).requiresGrad)
      enableGrad { #expect((x * 2).requiresGrad) }
      #expect(!GradMode.isEnabled)
    }
    #expect((x * 2).requiresGrad)
  }

  @Test func noGradBelongsToTheTask() async {
    await noGradTask()
    #expect(GradMode.isEnabled)
  }

  private func noGradTask() async {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { noGrad { GradMode.isEnabled } }
      group.addTask { GradMode.isEnabled }
      var found: [Bool] = []
      for await value in group { found.append(value) }
      #expect(found.sorted { !$0 && $1 } == [false, true])
    }
  }

  @Test func detachedTensorsStopGradients() {
    let x = leaf([3])
    (x.detached() * x).sum().backward()
    #expect(x.grad?.doubles == [3])
    #expect(!x.detached().requiresGrad)
  }

  /// A node is visited once, when the gradients of all that was computed from it are there, whichever of
  /// them its consumers name first.
  @Test(arguments: [false, true]) func nodesAreVisitedInTheOrderOfTheirNumbers(reversed: Bool) {
    let x = leaf([3])
    var visits = 0
    var y = x * 1
    for _ in 0..<12 {
      y.onGradient { _ in
        visits += 1
        return nil
      }
      let z = y * 2
      y = reversed ? z + y : y + z
    }
    y.sum().backward()
    #expect(visits == 12)
    #expect(x.grad?.doubles == [531_441])
  }

  @Test func hooksSeeAndReplaceGradients() {
    let x = leaf([1, 2])
    let y = x * 3
    var seen: [[Double]] = []
    let onLeaf = x.onGradient { gradient in
      seen.append(gradient.doubles)
      return gradient * 10
    }
    y.onGradient { gradient in
      seen.append(gradient.doubles)
      return gradient + 1
    }
    (y + y).sum().backward()
    // The hook of a result runs once, with all that has arrived.
    #expect(seen == [[2, 2], [9, 9]])
    #expect(x.grad?.doubles == [90, 90])
    onLeaf.remove()
    x.zeroGrad()
    (x * 1).sum().backward()
    #expect(x.grad?.doubles == [1, 1])
  }

  @Test func retainGradKeepsTheGradientOfAResult() {
    let x = leaf([2])
    let y = x * x
    y.retainGrad()
    (y * 5).sum().backward()
    #expect(y.grad?.doubles == [5])
    #expect(x.grad?.doubles == [20])
  }

  @Test func changingASavedTensorTraps() async {
    await #expect(processExitsWith: .failure) {
      let weight = Parameter(NDArray([2.0]))
      let y = (weight * weight).sum()
      noGrad { weight.assign(Tensor([3.0], dtype: .float64)) }
      y.backward()
    }
  }

  @Test func changingATensorThatIsNotNeededDoesNot() {
    let weight = Parameter(NDArray([2.0]))
    let y = (weight + 1).sum()
    noGrad { weight.assign(Tensor([3.0], dtype: .float64)) }
    y.backward()
    #expect(weight.grad?.doubles == [1])
  }

  @Test func assignOutsideNoGradTraps() async {
    await #expect(processExitsWith: .failure) {
      Parameter(NDArray([2.0])).assign(Tensor([3.0], dtype: .float64))
    }
  }

  @Test func assignOfAnotherShapeTraps() async {
    await #expect(processExitsWith: .failure) {
      Buffer(NDArray([2.0])).assign(Tensor([3.0, 4.0], dtype: .float64))
    }
  }

  @Test func backwardOfSeveralElementsTraps() async {
    await #expect(processExitsWith: .failure) {
      (Tensor(NDArray([2.0, 3.0]), requiresGrad: true) * 2).backward()
    }
  }

  @Test func backwardWithoutGraphTraps() async {
    await #expect(processExitsWith: .failure) { Tensor([2.0], dtype: .float64).sum().backward() }
  }

  @Test func backwardWithAGradientOfAnotherShapeTraps() async {
    await #expect(processExitsWith: .failure) {
      (Tensor(NDArray([2.0, 3.0]), requiresGrad: true) * 2).backward(Tensor([1.0], dtype: .float64))
    }
  }

  @Test func integersCannotRequireGradients() async {
    await #expect(processExitsWith: .failure) { Tensor([1, 2, 3]).requiresGrad = true }
  }

  @Test func requiresGradOfAResultCannotBeChanged() async {
    await #expect(processExitsWith: .failure) {
      (Tensor(NDArray([2.0]), requiresGrad: true) * 2).requiresGrad = false
    }
  }

  @Test func shapesThatDoNotBroadcastTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor([1.0, 2.0], dtype: .float64) + Tensor([1.0, 2.0, 3.0], dtype: .float64)
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.ones([2, 3]).matmul(Tensor.ones([2, 3]))
    }
  }

  @Test func theGraphIsFreedWithItsResult() {
    weak var parameter: Parameter?
    do {
      let weight = Parameter(NDArray([1.0, 2.0]))
      parameter = weight
      let output = (weight.exp() * weight).sigmoid().softmax(0).sum()
      #expect(output.requiresGrad)
    }
    #expect(parameter == nil)
  }

  @Test func theGraphIsFreedByAWalk() {
    let x = leaf([1])
    weak var saved: Tensor?
    let y: Tensor = {
      let inner = x.exp()
      saved = inner
      return (inner * inner).sum()
    }()
    #expect(saved != nil)
    y.backward()
    #expect(saved == nil)
  }

  #if DEBUG
    private static let depth = 100_000
  #else
    private static let depth = 1_000_000
  #endif

  @Test func deepGraphsDoNotOverflowTheStack() {
    let x = leaf([1])
    var y = x
    for _ in 0..<Self.depth { y = y + 1 }
    y.sum().backward()
    #expect(x.grad?.doubles == [1])
  }

  @Test func deepGraphsAreFreedWithoutBeingWalked() {
    weak var node: Tensor?
    do {
      let x = leaf([1])
      node = x
      var y = x
      for _ in 0..<Self.depth { y = y * y }
      #expect(y.doubles == [1])
    }
    #expect(node == nil)
  }

  @Test func gradientsHaveTheTypeOfTheirTensor() {
    let x = Tensor(NDArray([1, 2] as [Float]), requiresGrad: true)
    let y = leaf([3, 4])
    let product = x * y
    #expect(product.dtype == .float64)
    product.sum().backward()
    #expect(x.grad?.dtype == .float32)
    #expect(y.grad?.dtype == .float64)
  }
}
