import Arrays
import Autograd
import Files
import NN
import Optim
import Testing

/// Autocast and the scaler of gradients against PyTorch's: see `Fixtures/make_autocast.py`.
@Suite struct AutocastTests {
  struct Golden: Decodable {
    struct Operation: Decodable {
      let dtype: String
      let shapes: [[Int]]
      let output: [Double]
      let gradients: [[Double]]
    }

    let operations: [String: Operation]
    let losses: [String: [Double]]
    let scales: [[Double]]
    let state: [String: Double]
  }

  /// The numbers in half precision, to which autocast converts them for a product.
  private static func low(_ x: Tensor) -> Tensor { x.matmul(Tensor.eye(x.shape[x.rank - 1])) }

  static let operations: [String: @Sendable ([Tensor]) -> Tensor] = [
    "linear": { $0[0].linear($0[1], $0[2]) },
    "matmul": { $0[0].matmul($0[1]) },
    "bilinear": { $0[0].bilinear($0[1], $0[2], $0[3]) },
    "conv1d": { $0[0].conv1d($0[1], $0[2]) },
    "conv2d": { $0[0].conv2d($0[1], $0[2]) },
    "conv3d": { $0[0].conv3d($0[1], $0[2]) },
    "convTranspose2d": { $0[0].convTranspose2d($0[1], $0[2]) },
    "prelu": { $0[0].prelu($0[1]) },
    "attention": { $0[0].scaledDotProductAttention($0[1], $0[2]) },
    "linear.gelu": { $0[0].linear($0[1]).gelu() },
    "linear.softmax": { $0[0].linear($0[1]).softmax(-1) },
    "linear.layerNorm": { $0[0].linear($0[1]).layerNorm([2], weight: $0[2]) },
    "linear.add": { $0[0].linear($0[1]) + $0[0] },
    "linear.cat": { .concatenated([$0[0].linear($0[1]), $0[0]]) },
    "linear.mse": { $0[0].linear($0[1]).mseLoss($0[2]) },
    "linear.l1": { $0[0].linear($0[1]).l1Loss($0[2]) },
    "linear.huber": { $0[0].linear($0[1]).huberLoss($0[2]) },
    "linear.crossEntropy": { $0[0].linear($0[1]).crossEntropy(Tensor([0, 1, 0])) },
    "linear.bceWithLogits": {
      $0[0].linear($0[1]).binaryCrossEntropyWithLogits(Tensor.ones([3, 2]))
    },
    "low.prod": { low($0[0]).product([1]) },
    "low.quantile": { low($0[0]).quantile(0.3, 1) },
    "low.cdist": { low($0[0]).cdist(low($0[1])) },
    "low.inverse": { x in
      let low = low(x[0])
      return (low + 4 * Tensor.eye(3)).to(low.dtype).inverse()
    },
    "low.cholesky": { x in
      let low = low(x[0])
      return (low * 0.125 + 4 * Tensor.eye(3)).to(low.dtype).cholesky()
    },
    "low.gridSample": { low($0[0]).gridSample(low($0[1]) / 2, alignCorners: true) },
    "low.maxPool3d": { low($0[0]).maxPool3d((2, 2, 2)) },
    "low.avgPool3d": { low($0[0]).avgPool3d((2, 2, 2)) },
    "low.adaptiveAvgPool3d": { low($0[0]).adaptiveAvgPool3d((1, 1, 1)) },
    "low.adaptiveMaxPool3d": { low($0[0]).adaptiveMaxPool3d((1, 1, 1)) },
    "low.reflect": { low($0[0]).padded([1, 1], mode: .reflect) },
    "low.reflectVolumes": { low($0[0]).padded([1, 1, 1, 1, 1, 1], mode: .reflect) },
    "low.replicate": { low($0[0]).padded([1, 1, 1, 1], mode: .replicate) },
    "low.circular": { low($0[0]).padded([1, 1], mode: .circular) },
    "low.localResponseNorm": { low($0[0]).localResponseNorm(2, alpha: 1) },
    "low.avgPool2d": { low($0[0]).avgPool2d((2, 2)) },
    "add": { $0[0] + $0[1] },
    "relu": { $0[0].relu() },
  ]

  @Test(arguments: operations.keys.sorted(), [DType.bfloat16, .float16])
  func typesAndNumbersArePyTorchs(_ name: String, _ dtype: DType) throws {
    let golden = try #require(Fixture.autocast.operations["\(name) \(dtype)"])
    let function = try #require(Self.operations[name])
    let inputs = golden.shapes.enumerated().map {
      Tensor(pattern(Shape($0.element), $0.offset).array, requiresGrad: true)
    }
    let output = withAutocast(dtype) { function(inputs) }
    #expect("\(output.dtype)" == golden.dtype)
    let unit = dtype == .float16 ? 0x1p-8 : 0x1p-5
    #expect(isClose(output.doubles, golden.output, unit))
    let gradients = Tensor.gradients(of: [output.to(.float32).sum()], for: inputs)
    for (found, expected) in zip(gradients, golden.gradients) {
      #expect(found?.dtype == .float32)
      #expect(isClose(found?.doubles ?? [], expected, unit))
    }
    #expect(
      withAutocast(dtype) { withAutocast(enabled: false) { function(inputs) } }.dtype == .float32)
  }

  @Test func trainingsGoAsInPyTorch() throws {
    for dtype in [DType.bfloat16, .float16] {
      let golden = try #require(Fixture.autocast.losses["\(dtype)"])
      let model = Generator(seed: 42).use {
        Sequential(Linear(6, 16), GELU(), LayerNorm(16), Linear(16, 4))
      }
      let optimizer = AdamW(model.namedParameters(), lr: 0.01)
      let x = pattern([12, 6], 0)
      let y = Tensor((0..<12).map { $0 * 7 % 4 })
      for expected in golden {
        optimizer.zeroGrad()
        let loss = withAutocast(dtype) { model(x).crossEntropy(y) }
        #expect(loss.dtype == .float32)
        loss.backward()
        optimizer.step()
        #expect(abs(loss.doubles[0] - expected) <= (dtype == .float16 ? 0.004 : 0.03) * expected)
      }
      #expect(model.parameters().allSatisfy { $0.dtype == .float32 && $0.grad?.dtype == .float32 })
    }
  }

  @Test func scalesMoveAsInPyTorch() {
    let parameter = Parameter(Tensor([1, 2] as [Float]))
    let optimizer = SGD([(name: "p", parameter: parameter)], lr: 0.5)
    let scaler = GradScaler(initScale: 1024, growthInterval: 3)
    for (step, expected) in Fixture.autocast.scales.enumerated() {
      optimizer.zeroGrad()
      let factor = Tensor(
        [[1, 6].contains(step) ? .infinity : 1, step == 7 ? .nan : 0.25] as [Float])
      scaler.scale((parameter * factor).sum()).backward()
      let isDone = scaler.step(optimizer)
      #expect(isDone == ![1, 6, 7].contains(step))
      scaler.update()
      #expect([scaler.scale] + parameter.doubles == expected, "step \(step)")
    }
    let state = scaler.stateDict().mapValues { $0.doubleValue ?? .nan }
    #expect(
      Dictionary(uniqueKeysWithValues: state.map { ($0.key, $0.value) }) == Fixture.autocast.state)
  }

  @Test func scalersRefuseWhatPyTorchRefuses() async throws {
    func expectTrap(_ words: String, _ result: ExitTest.Result?) throws {
      let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(text.contains(words), "\(text)")
    }
    try expectTrap(
      "unscale: has already been called on this SGD",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let optimizer = SGD(Linear(1, 1).namedParameters(), lr: 1)
        let scaler = GradScaler()
        scaler.unscale(optimizer)
        scaler.unscale(optimizer)
      })
    try expectTrap(
      "unscale: attempting to unscale FP16 gradients",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let model = Linear(1, 1).to(.float16)
        model(Tensor.ones([1, 1], dtype: .float16)).sum().backward()
        GradScaler().step(SGD(model.namedParameters(), lr: 1))
      })
    try expectTrap(
      "withAutocast: the type is bfloat16 or float16, not float32",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        withAutocast(.float32) {}
      })
  }
}
