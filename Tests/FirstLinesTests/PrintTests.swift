import Ballast
import Files
import Foundation
import Testing

/// Tensors as PyTorch prints them, to the character.
@Suite struct PrintTests {
  /// A tensor of `Fixtures/prints.json`, made by `Peers/prints.py`.
  struct Sample: Decodable {
    let dtype: String
    let shape: [Int]
    let bytes: Data
    let requiresGrad: Bool
    let text: String
  }

  private static func fixture<T: Decodable>(_ name: String) throws -> T {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/\(name)")
    return try JSONDecoder().decode(T.self, from: Data(contentsOf: file))
  }

  @Test func tensorsPrintAsInPyTorch() throws {
    let samples: [Sample] = try Self.fixture("prints.json")
    #expect(samples.count > 500)
    for sample in samples {
      let dtype = try #require(DType(rawValue: sample.dtype))
      var array = NDArray(zeros: Shape(sample.shape), dtype: dtype)
      array.withMutableContiguousBytes { bytes in [UInt8](sample.bytes).withBytes { bytes.copy($0) }
      }
      let tensor = Tensor(array, requiresGrad: sample.requiresGrad)
      #expect("\(tensor)" == sample.text, "\(dtype) \(sample.shape)")
      if !sample.requiresGrad { #expect("\(array)" == sample.text) }
    }
  }

  @Test func whatIsNoPlainTensorPrintsAsInPyTorch() {
    let skeleton = Device.with(.meta) { Tensor.zeros([2, 3], dtype: .float64) }
    #expect("\(skeleton)" == "tensor(..., device='meta', size=(2, 3), dtype=torch.float64)")
    #expect(
      "\(Parameter(Tensor([1.5])))"
        == "Parameter containing:\ntensor([1.5000], requires_grad=True)")
    let value: Value = [
      "epoch": 3, "lr": 1e-5, "name": "it's", "betas": .tuple([0.9, 1]), "none": nil,
      "raw": .bytes([0, 39, 65]), "z": .complex(real: 1, imaginary: -2), "t": .tensor(NDArray(2)),
    ]
    #expect(
      "\(value)" == "{'epoch': 3, 'lr': 1e-05, 'name': \"it's\", 'betas': (0.9, 1), 'none': None, "
        + "'raw': b\"\\x00'A\", 'z': (1-2j), 't': tensor(2)}")
  }

  @Test func gradientsHavePyTorchsNames() throws {
    let names: [String: String] = try Self.fixture("grad-names.json")
    let x = Tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]], requiresGrad: true)
    let w = Tensor.ones(2, 3)
    w.requiresGrad = true
    let b = Tensor.ones(2)
    b.requiresGrad = true
    let image = Tensor.ones(1, 1, 4, 4)
    image.requiresGrad = true
    let y = Tensor([0, 1, 2])
    let ones = Tensor.ones(like: x)
    let results: [String: Tensor] = [
      "add": x + x, "sub": x - x, "mul": x * x, "div": x / x, "neg": -x, "add number": x + 1,
      "sub number": x - 1, "rsub": 1 - x, "mul number": x * 2, "div number": x / 2, "pow": x ** 2,
      "pow tensor": x ** x, "exp": x.exp(), "log": x.log(), "sqrt": x.sqrt(), "rsqrt": x.rsqrt(),
      "abs": x.abs(), "sin": x.sin(), "cos": x.cos(), "tanh": x.tanh(), "sigmoid": x.sigmoid(),
      "relu": x.relu(), "gelu": x.gelu(), "silu": x.silu(), "softplus": x.softplus(),
      "elu": x.elu(), "leakyRelu": x.leakyRelu(), "hardtanh": x.hardtanh(),
      "clamp": x.clamp(min: 0), "softmax": x.softmax(-1), "logSoftmax": x.logSoftmax(-1),
      "sum": x.sum(), "sum dim": x.sum(0), "mean": x.mean(), "mean dim": x.mean(0),
      "std": x.std(), "var": x.var(), "max": x.max(), "max dim": x.max(0).values,
      "amax": x.amax(0), "prod": x.prod(), "norm": x.norm(), "matmul": x.matmul(x),
      "view": x.view(-1), "t": x.t(), "transpose": x.transpose(0, 1), "permute": x.permute(1, 0),
      "unsqueeze": x.unsqueeze(0), "squeeze": x.unsqueeze(0).squeeze(),
      "expand": x.unsqueeze(0).expand(2, 3, 3), "select": x[0], "slice": x[1...],
      "cat": .cat([x, x]), "stack": .stack([x, x]), "gather": x.gather(0, y[.newAxis]),
      "index select": x.indexSelect(0, y), "masked fill": x.maskedFill(x > 2, 0),
      "where": .where(x > 2, x, x), "cumsum": x.cumsum(0), "tril": x.tril(), "clone": x.clone(),
      "to": x.to(.float64), "linear": x.linear(w), "linear bias": x.linear(w, b),
      "mse": x.mseLoss(ones), "l1": x.l1Loss(ones), "nll": x.nllLoss(y),
      "cross entropy": x.crossEntropy(y), "layer norm": x.layerNorm([3]),
      "conv2d": image.conv2d(image[0..., 0..., ..<2, ..<2]), "max pool": image.maxPool2d((2, 2)),
      "avg pool": image.avgPool2d((2, 2)), "embedding": y.embedding(x),
      "bce": x.sigmoid().binaryCrossEntropy(ones),
      "bce logits": x.binaryCrossEntropyWithLogits(ones), "index": x[y], "mask": x[x > 2],
      "lerp": x.lerp(x, 0.5), "det": x.det(), "inverse": x.inverse(),
    ]
    #expect(Set(results.keys) == Set(names.keys))
    for (name, result) in results {
      #expect(result.gradFn == names[name], "\(name)")
    }
  }
}
