import Ballast

/// A model of the benchmark with its optimizer and a batch; `training.py` has the same.
struct Workload {
  let model: Module
  let optimizer: Optimizer
  let input: Tensor
  let target: Tensor
  private let generator = Generator(seed: 42)

  /// The workload of a name, or nil if there is none of it.
  init?(_ name: String, batch: Int) {
    guard let parts = generator.use({ Self.parts(name, batch) }) else { return nil }
    (model, optimizer, input) = parts
    target = Tensor((0..<batch).map { Int64($0 * 7 % 10) })
  }

  private static func parts(
    _ name: String, _ batch: Int
  ) -> (model: Module, optimizer: Optimizer, input: Tensor)? {
    let model: Module
    switch name {
    case "MLP":
      model = Sequential(
        Linear(784, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 10))
      return (model, Adam(model.namedParameters(), lr: 1e-3), .randn([batch, 784]))
    case "ConvNet":
      model = Sequential(
        Conv2d(1, 16, kernelSize: 3, padding: 1), BatchNorm2d(16), ReLU(), MaxPool2d(2),
        Conv2d(16, 32, kernelSize: 3, padding: 1), BatchNorm2d(32), ReLU(), MaxPool2d(2),
        Flatten(), Linear(32 * 7 * 7, 10))
      let optimizer = SGD(model.namedParameters(), lr: 1e-3, momentum: 0.9)
      return (model, optimizer, .randn([batch, 1, 28, 28]))
    case "LSTM":
      model = SequenceClassifier()
      return (model, Adam(model.namedParameters(), lr: 1e-3), .randn([batch, 32, 32]))
    case "Transformer":
      model = AttentionClassifier()
      return (model, AdamW(model.namedParameters(), lr: 1e-3), .randn([batch, 32, 64]))
    default: return nil
    }
  }

  /// Some steps of training, with random numbers of its own.
  ///
  /// - Returns: The loss of each.
  func train(steps: Int) -> [Float] { generator.use { (0..<steps).map { _ in step() } } }

  private func step() -> Float {
    optimizer.zeroGrad()
    let loss = model(input).crossEntropy(target)
    loss.backward()
    optimizer.step()
    return loss.item()
  }
}

/// Classes from the last state of an LSTM.
private final class SequenceClassifier: Module {
  private let lstm = LSTM(32, 128, batchFirst: true)
  private let head = Linear(128, 10)

  override func forward(_ x: Tensor) -> Tensor { head(lstm(x).select(1, -1)) }
}

/// Classes from the mean over what a Transformer encoder makes of a sequence.
private final class AttentionClassifier: Module {
  private let encoder: TransformerEncoder
  private let head: Linear

  override init() {
    var options = TransformerOptions()
    options.dimFeedforward = 256
    options.activation = .gelu
    options.batchFirst = true
    encoder = TransformerEncoder(TransformerEncoderLayer(64, 4, options), numLayers: 2)
    head = Linear(64, 10)
  }

  override func forward(_ x: Tensor) -> Tensor { head(encoder(x).mean([1])) }
}
