import Autograd
import NN

/// LeNet-5, a small convolutional network for images of 32×32, such as digits. Equivalent to the
/// class `Net` of PyTorch's tutorial "Neural networks", which is also that of its tutorial on
/// CIFAR-10, with three channels.
///
/// LeCun et al., "Gradient-based learning applied to document recognition" (1998). As in the
/// tutorial it has ReLU and maximum pooling, where the paper has squashing functions and trained
/// subsampling. State dict: `conv1`, `conv2`, `fc1`, `fc2`, `fc3`, each with `weight` and `bias`.
/// The initial values are PyTorch's.
public final class LeNet5: Module, NamedBySources {
  private let conv1: Conv2d
  private let conv2: Conv2d
  private let fc1: Linear
  private let fc2: Linear
  private let fc3: Linear

  /// A network with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inChannels: The number of channels of an image.
  ///   - numClasses: The number of classes, which is the length of the output.
  public init(inChannels: Int = 1, numClasses: Int = 10) {
    conv1 = Conv2d(inChannels, 6, kernelSize: 5)
    conv2 = Conv2d(6, 16, kernelSize: 5)
    fc1 = Linear(16 * 5 * 5, 120)
    fc2 = Linear(120, 84)
    fc3 = Linear(84, numClasses)
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, channels, 32, 32).
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    let first = conv1(input).relu().maxPool2d((2, 2))
    let second = conv2(first).relu().maxPool2d((2, 2))
    return fc3(fc2(fc1(second.flattened(from: 1)).relu()).relu())
  }
}

extension Architecture {
  /// `lenet5`.
  static let leNet5 = Architecture(
    "lenet5", source: "PyTorch's tutorial \"Neural networks\"",
    options: ["in_channels=1", "num_classes=10"]
  ) { arguments throws(ModelError) in
    LeNet5(
      inChannels: try arguments.width("in_channels", default: 1),
      numClasses: try arguments.length("num_classes", default: 10))
  }
}
