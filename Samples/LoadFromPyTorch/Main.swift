// Loads a checkpoint that PyTorch wrote into a Swift model, and compares the two models' outputs.
//
//     swift run LoadFromPyTorch [folder of the sample data]
//
// See `Samples/Data/make_convnet.py` for the Python twin of this model, which made the checkpoint.
import Ballast

/// The twin of `ConvNet` in `make_convnet.py`: the same names give the same keys.
final class ConvNet: Module {
  let classWeights = Buffer(NDArray(zeros: [4]))
  let features = Sequential(
    Conv2d(1, 8, kernelSize: 3, padding: 1, bias: false),
    BatchNorm2d(8),
    ReLU(),
    MaxPool2d(2),
    Conv2d(8, 16, kernelSize: 3, padding: 1),
    BatchNorm2d(16),
    ReLU(),
    MaxPool2d(2),
    Flatten())
  let classifier = Linear(16 * 3 * 3, 4)

  override func forward(_ input: Tensor) -> Tensor { classifier(features(input)) }
}

@main
enum LoadFromPyTorch {
  static func main() throws {
    let folder = CommandLine.arguments.dropFirst().first ?? "Samples/Data"
    let checkpoint = try Checkpoint(contentsOf: "\(folder)/convnet.pth")
    print(
      "epoch \(checkpoint.metadata["epoch"]?.intValue ?? 0), loss \(checkpoint.metadata["loss"]?.doubleValue ?? 0)"
    )

    // The weights, and the optimizer's state, by name: training could go on from here.
    let model = ConvNet()
    let optimizer = Adam(model.namedParameters())
    print(try checkpoint.restore(model: model, optimizer: optimizer))
    print("optimizer state for \(optimizer.state.count) parameters")

    let input = try NPYFile.read("\(folder)/convnet-input.npy")
    let expected = try NPYFile.read("\(folder)/convnet-output.npy").elements(as: Float.self)
    let output = noGrad { model.eval()(Tensor(input)) }.array.elements(as: Float.self)
    let difference = zip(output, expected).map { ($0 - $1).magnitude }.max() ?? 0
    print("greatest difference from PyTorch: \(difference)")
    print(difference < 1e-5 ? "the same outputs as PyTorch" : "NOT the same outputs as PyTorch")
  }
}
