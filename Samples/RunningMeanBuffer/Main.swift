// A module that keeps a running mean of what it sees: the forward pass assigns to a buffer.
//
//     swift run RunningMeanBuffer
//
// The buffer is saved with the parameters, and is no business of the optimizer.
import Ballast

/// Takes the running mean from its input, then scales.
final class Center: Module {
  let scale: Parameter
  let runningMean: Buffer
  let momentum: Double

  init(_ features: Int, momentum: Double = 0.5) {
    scale = Parameter(Tensor.ones([features]))
    runningMean = Buffer(Tensor.zeros([features]))
    self.momentum = momentum
  }

  override func forward(_ input: Tensor) -> Tensor {
    if isTraining {
      let mean = noGrad { input.mean([0]) }
      runningMean.assign(runningMean * (1 - momentum) + mean * momentum)
    }
    return (input - runningMean) * scale
  }
}

@main
enum RunningMeanBuffer {
  static func main() throws {
    let model = Center(2)
    let optimizer = SGD(model.namedParameters(), lr: 0.1, momentum: 0.9)
    let input = Tensor([1, 10, 3, 30] as [Float], shape: [2, 2])
    for step in 1...3 {
      optimizer.zeroGrad()
      model(input).square().mean().backward()
      optimizer.step()
      // The state dict sees what the forward pass assigned.
      print("step \(step): running_mean \(numbers(model.stateDict()["running_mean"]))")
    }
    print("state dict: \(model.stateDict().keys.joined(separator: ", "))")
    print("parameters: \(model.namedParameters().map(\.name))")
    print("optimizer's state: \(Array(optimizer.stateDict().state.keys))")

    model.eval()
    _ = model(input)
    print("after evaluation: \(numbers(model.stateDict()["running_mean"]))")

    let fresh = Center(2)
    try fresh.loadStateDict(model.stateDict())
    print("loaded: \(numbers(fresh.stateDict()["running_mean"]))")
    print("the buffer requires a gradient: \(fresh.runningMean.requiresGrad)")
  }

  static func numbers(_ array: NDArray?) -> [Float] { array?.elements(as: Float.self) ?? [] }
}
