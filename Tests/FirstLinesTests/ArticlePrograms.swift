// swift-format-ignore-file: NeverForceUnwrap

import Ballast
import TestSupport

/// The programs of five common articles on PyTorch's modules, as one writes them here; the originals are
/// in `Peers/articles.py`.
struct ArticlePrograms {
  /// What the program has printed.
  private(set) var output = ""

  /// Python's `print`: its lists, truths and `None`, and tensors as they print themselves.
  private mutating func print(_ items: Any?...) {
    output += items.map(Self.text).joined(separator: " ") + "\n"
  }

  private static func text(_ item: Any?) -> String {
    switch item {
    case nil: "None"
    case let truth as Bool: truth ? "True" : "False"
    case let names as [String]: "\(Value.list(names.map { .string($0) }))"
    case let truths as [Bool]: "\(Value.list(truths.map { .bool($0) }))"
    case let number as Double: "\(Value.float(number))"
    case let item?: "\(item)"
    }
  }

  /// Python's `dict(…)` of named tensors.
  private static func dictionary(_ tensors: [(name: String, tensor: Tensor)]) -> String {
    "{" + tensors.map { "'\($0.name)': \($0.tensor)" }.joined(separator: ", ") + "}"
  }
}

// MARK: - What is in which listing

extension ArticlePrograms {
  private final class MyModel: Module {
    var attributeBufferIn: Tensor
    let conv1: Sequential
    let fc: Linear

    override init() {
      let inside = Tensor.randn(4, 6)
      attributeBufferIn = Tensor.randn(3, 5)
      conv1 = Sequential(
        Conv2d(1, 2, 3, stride: 1, padding: 1), BatchNorm2d(2), ReLU(inplace: true), MaxPool2d(2))
      fc = Linear(2, 3, bias: false)
      super.init()
      registerBuffer("register_buffer_in", inside)
    }

    override func forward(_ x: Tensor) -> Tensor { fc(conv1(x).mean([2, 3])) }
  }

  mutating func listings() {
    manualSeed(0)
    let model = MyModel()
    print(model)
    for (name, buffer) in model.namedBuffers() { print(name, buffer.shape) }
    model.registerBuffer("register_buffer_out", Tensor.randn(15, 15))
    model.registerParameter("scale", Parameter(Tensor.ones(2)))
    for (name, buffer) in model.namedBuffers() { print(name, buffer.shape, buffer.requiresGrad) }
    for (name, parameter) in model.namedParameters() {
      print(name, parameter.shape, parameter.requiresGrad)
    }
    for (key, value) in model.stateDict() { print(key, value.shape) }
    for (name, module) in model.namedModules() { print(name, "|", "\(type(of: module))") }
    print(model.namedChildren().map(\.name))
    print(model.stateDict()["register_buffer_in"])
    print(model.parameters().map { $0.numel() }.reduce(0, +))
    model.double()
    print(model.fc.weight.dtype == .float64)
    print(model(Tensor.ones(2, 1, 4, 4, dtype: .float64)))
  }
}

// MARK: - Training, saving, resuming

extension ArticlePrograms {
  private final class TrainedNet: Module {
    let fc1 = Linear(2, 3)
    let fc2 = Linear(3, 1)
    /// A plain tensor, which may take another shape, and is in no file.
    var runningMean = Tensor.zeros(1)
    let mean = Buffer(Tensor.zeros(1))

    override func forward(_ x: Tensor) -> Tensor {
      runningMean = 0.9 * runningMean + 0.1 * x
      mean.assign(0.9 * mean + 0.1 * x.mean())
      return fc2(fc1(x).relu())
    }
  }

  mutating func training() throws {
    manualSeed(1)
    let model = TrainedNet()
    print(model.stateDict())
    model.fc1.bias!.requiresGrad = false
    let optimizer = Adam(model.parameters().filter(\.requiresGrad), lr: 0.01)
    print(optimizer)
    print(optimizer.stateDict())
    let data = Tensor.randn(8, 2)
    let target = data.sin().sum(1, keepdim: true)
    let criterion = MSELoss()

    func train(_ model: TrainedNet, _ optimizer: Adam, _ epochs: Range<Int>) -> [(Int, Double)] {
      epochs.map { epoch in
        optimizer.zeroGrad()
        let loss = criterion(model(data), target)
        loss.backward()
        optimizer.step()
        return (epoch, loss.item())
      }
    }
    for (epoch, loss) in train(model, optimizer, 0..<3) { print("epoch", epoch, "loss", loss) }
    print(model.runningMean.shape, model.fc1.bias!.grad, model.fc2.bias!.grad)
    print(model.stateDict())
    print(optimizer.stateDict())
    let folder = try TemporaryFolder()
    let path = folder.file("checkpoint.pth")
    try Checkpoint(model: model, optimizer: optimizer, metadata: ["epoch": 3]).save(to: path)
    let checkpoint = try Checkpoint(contentsOf: path)
    let again = TrainedNet()
    again.fc1.bias!.requiresGrad = false
    print(try again.loadStateDict(checkpoint.state))
    let resumed = Adam(again.parameters().filter(\.requiresGrad), lr: 0.5)
    try resumed.loadStateDict(checkpoint.optimizer!)
    let epoch = checkpoint.metadata["epoch"]!.intValue!
    print(resumed.paramGroups[0].lr, epoch)
    for (epoch, loss) in train(again, resumed, epoch..<epoch + 2) {
      print("epoch", epoch, "loss", loss)
    }
    for (epoch, loss) in train(model, optimizer, 3..<5) { print("epoch", epoch, "loss", loss) }
    print(
      zip(again.stateDict().values, model.stateDict().values)
        .allSatisfy { Tensor.equal(Tensor($0), Tensor($1)) })
    print(again.eval()(data))
  }
}

// MARK: - What a registered name does

extension ArticlePrograms {
  private final class RegisteringNet: Module {
    let weight = Parameter(Tensor([[1.0, -2.0], [0.5, 4.0]]))
    var bias: Parameter? = Parameter(Tensor.zeros(2))
    var counter = Buffer(Tensor(0))
    let scratch = Buffer(Tensor([1.5, 2.5]), persistent: false)

    override func forward(_ x: Tensor) -> Tensor {
      counter += 1
      return x.matmul(weight.t()) + bias!
    }
  }

  mutating func registering() {
    let net = RegisteringNet()
    print(Self.dictionary(net.namedParameters().map { ($0.name, $0.parameter) }))
    print(Self.dictionary(net.namedBuffers().map { ($0.name, $0.buffer) }))
    print(net.stateDict())
    print(net.weight)
    print(net(Tensor([[1.0, 1.0]])))
    print(net(Tensor([[2.0, 1.0]])).sum())
    print(net.counter, net.scratch)
    net.bias = nil
    print(net.stateDict().keys.map(\.self))
    net.bias = Parameter(Tensor([3.0, 4.0]))
    print(net.stateDict())
    net.registerParameter("nothing", nil)
    print(net.namedParameters().map(\.name))
    for parameter in net.parameters() { print(parameter) }
  }
}

// MARK: - A plain tensor, a parameter, a buffer

extension ArticlePrograms {
  private final class Plain: Module {
    let weight = Tensor.randn(2, 3)
    let bias = Tensor.zeros(2)
    override func forward(_ x: Tensor) -> Tensor { x.linear(weight, bias) }
  }

  private final class Learned: Module {
    let weight = Parameter(Tensor.randn(2, 3))
    let bias = Parameter(Tensor.zeros(2))
    override func forward(_ x: Tensor) -> Tensor { x.linear(weight, bias) }
  }

  private final class Kept: Module {
    let weight = Buffer(Tensor.randn(2, 3))
    let bias = Buffer(Tensor.zeros(2))
    override func forward(_ x: Tensor) -> Tensor { x.linear(weight, bias) }
  }

  private mutating func show(_ layer: Module, _ weight: Tensor) {
    print(layer)
    print("parameters:", layer.namedParameters().map(\.name))
    print("buffers:", layer.namedBuffers().map(\.name))
    print(layer.stateDict())
    print(layer(Tensor.ones(1, 3)))
    print(weight.requiresGrad)
  }

  mutating func variants() {
    manualSeed(3)
    let plain = Plain()
    show(plain, plain.weight)
    let learned = Learned()
    show(learned, learned.weight)
    let kept = Kept()
    show(kept, kept.weight)
  }
}

// MARK: - Own layers

extension ArticlePrograms {
  private final class MyLinear: Module {
    let weight: Parameter
    let bias: Parameter?

    init(_ inputs: Int, _ outputs: Int, bias: Bool = true) {
      weight = Parameter(Tensor.randn(outputs, inputs))
      self.bias = bias ? Parameter(Tensor.zeros(outputs)) : nil
    }

    override func forward(_ x: Tensor) -> Tensor { x.linear(weight, bias) }
  }

  private final class MyBatchNorm: Module {
    let momentum, eps: Double
    let gamma, beta: Parameter
    var runningMean, runningVar: Buffer

    init(_ features: Int, momentum: Double = 0.1, eps: Double = 1e-5) {
      self.momentum = momentum
      self.eps = eps
      gamma = Parameter(Tensor.ones(features))
      beta = Parameter(Tensor.zeros(features))
      runningMean = Buffer(Tensor.zeros(features))
      runningVar = Buffer(Tensor.ones(features))
    }

    override func forward(_ x: Tensor) -> Tensor {
      var (mean, variance): (Tensor, Tensor) = (runningMean, runningVar)
      if isTraining {
        (mean, variance) = (x.mean(0), x.var(0, unbiased: false))
        noGrad {
          runningMean += momentum * (mean - runningMean)
          runningVar += momentum * (variance - runningVar)
        }
      }
      return gamma * (x - mean) / (variance + eps).sqrt() + beta
    }
  }

  mutating func layers() throws {
    manualSeed(4)
    let norm = MyBatchNorm(4)
    let first = MyLinear(3, 4, bias: false)
    let net = Sequential(first, norm, ReLU(), MyLinear(4, 2))
    print(net)
    print(net.stateDict().keys.map(\.self))
    let x = Tensor.randn(5, 3)
    let y = net(x)
    print(y)
    y.square().mean().backward()
    for (name, parameter) in net.namedParameters() {
      print(name, parameter.requiresGrad, parameter.grad)
    }
    print(norm.runningMean)
    print(norm.runningVar)
    let optimizer = SGD(net.parameters(), lr: 0.1, momentum: 0.9)
    optimizer.step()
    print(net.eval()(x))
    print(optimizer.stateDict())
    net[0].requiresGrad_(false)
    print(net.parameters().map(\.requiresGrad))
    let part: StateDict = [
      "0.weight": NDArray(zeros: [4, 3], dtype: .float32), "other": NDArray([1] as [Float]),
    ]
    let report = try net.loadStateDict(part, strict: false)
    print(report.missing, report.unexpected)
    print(net.stateDict()["0.weight"])
  }
}
