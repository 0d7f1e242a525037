import Arrays
import Autograd
import Files
import NN

/// Linear layers with a rectifier between each two.
///
/// Equivalent to `torch.nn.Sequential(Linear, ReLU, Linear, …)`: the keys are `0.weight`, `0.bias`,
/// `2.weight`, `2.bias`, …
public final class MLP: Module {
  private let layers: Sequential

  /// A network of layers of these sizes.
  ///
  /// - Parameter sizes: The length of the input, of each hidden layer, and of the output.
  /// - Precondition: There are at least two sizes.
  public init(_ sizes: [Int]) {
    require(sizes.count >= 2, "an MLP has an input and an output")
    layers = Sequential()
    for (index, (from, to)) in zip(sizes, sizes.dropFirst()).enumerated() {
      if index > 0 { layers.append(ReLU()) }
      layers.append(Linear(from, to))
    }
  }

  /// The layers themselves, so that their numbers begin the keys.
  public override func members() -> [Member] { layers.members() }

  /// - Parameter input: Of shape (…, sizes.first).
  /// - Returns: Of shape (…, sizes.last).
  public override func forward(_ input: Tensor) -> Tensor { layers(input) }
}
