import Arrays
import Autograd
import NN
import Optim
import Testing

/// What training changes in place is seen through views too, as in PyTorch.
@Suite struct SharedMemoryTests {
  @Test func aStepReachesViews() {
    let parameter = Parameter(Tensor([1.0, 2]))
    let (view, detached) = (parameter.data[1], parameter.detach())
    let optimizer = SGD([(name: "p", parameter: parameter)], lr: 0.5)
    (parameter * parameter).sum().backward()
    optimizer.step()
    #expect([Float](parameter) == [0, 0] && view.item() == 0 && [Float](detached) == [0, 0])
  }

  @Test func whatIsAssignedDrawnAndLoadedReachesViews() throws {
    let module = Linear(2, 2)
    let view = module.weight.data[1]
    noGrad { module.weight.assign(Tensor([[1.0, 2], [3, 4]])) }
    #expect([Float](view) == [3, 4])
    Initialization.ones(module.weight)
    #expect([Float](view) == [1, 1])
    Initialization.eye(module.weight)
    #expect([Float](view) == [0, 1])
    Initialization.orthogonal(module.weight)
    #expect([Float](view) == [Float](module.weight[1]))
    Initialization.truncNormal(module.weight)
    #expect([Float](view) == [Float](module.weight[1]))
    let other = Linear(2, 2)
    try module.loadStateDict(other.stateDict())
    #expect([Float](view) == [Float](other.weight[1]))
    // Other memory: the view keeps what it had.
    module.to(.float64)
    module.weight.data.zero_()
    #expect([Float](view) == [Float](other.weight[1]))
  }

  @Test func gradientsAreClippedAndZeroedInPlace() {
    let parameter = Parameter(Tensor([1.0, 2]))
    let optimizer = SGD([(name: "p", parameter: parameter)], lr: 0.5)
    (parameter * Tensor([3.0, 4])).sum().backward()
    let gradient = parameter.grad!
    clipGradNorm([parameter], maxNorm: 2.5)
    #expect(gradient.isClose(to: Tensor([1.5, 2])) && parameter.grad === gradient)
    clipGradValue([parameter], clipValue: 1)
    #expect([Float](gradient) == [1, 1] && parameter.grad === gradient)
    let scaler = GradScaler(initScale: 2)
    scaler.unscale(optimizer)
    #expect([Float](gradient) == [0.5, 0.5] && parameter.grad === gradient)
    optimizer.zeroGrad(setToNone: false)
    #expect([Float](gradient) == [0, 0] && parameter.grad === gradient)
  }

  @Test func zeroedGradientsLeaveTheirGraph() {
    let parameter = Parameter(Tensor([1.0, 2]))
    (parameter * parameter).sum().backward(createGraph: true)
    #expect(parameter.grad!.requiresGrad)
    SGD([(name: "p", parameter: parameter)], lr: 0.5).zeroGrad(setToNone: false)
    #expect(!parameter.grad!.requiresGrad && [Float](parameter.grad!) == [0, 0])
  }

  @Test func directionsAreForgottenWhenAStateIsLoaded() throws {
    func run(loading: Bool) throws -> [Float] {
      let parameter = Parameter(Tensor([1.0, 2]))
      let optimizer = LBFGS([(name: "p", parameter: parameter)], lr: 0.1, maxIter: 2)
      let fresh = optimizer.stateDict()
      func step() {
        optimizer.step {
          optimizer.zeroGrad()
          let loss = (parameter * parameter * Tensor([1.0, 3])).sum()
          loss.backward()
          return loss
        }
      }
      if loading {
        step()
        try optimizer.loadStateDict(fresh)
        _ = optimizer.stateDict()
        parameter.data.copy_(Tensor([1.0, 2]))
      }
      step()
      return [Float](parameter)
    }
    #expect(try run(loading: true) == run(loading: false))
  }

  /// Whether there are gradients or not.
  @Test func aStepOfLBFGSNeedsAClosure() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      LBFGS([(name: "p", parameter: Parameter(Tensor([1.0])))]).step()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("LBFGS: a step computes the loss: call step with a closure"))
  }
}
