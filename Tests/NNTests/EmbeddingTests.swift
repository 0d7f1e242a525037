import Arrays
import Autograd
import NN
import Testing

/// Tables that are trained, and tables that are not.
@Suite struct EmbeddingTests {
  private static var vectors: Tensor { Tensor([[1.0, 2], [3, 4], [5, 6]]) }

  /// As in PyTorch: `Embedding.from_pretrained(v)` and `EmbeddingBag.from_pretrained(v)` are frozen,
  /// `freeze=False` and a weight of one's own are not.
  @Test func pretrainedTablesAreFrozenUnlessTold() {
    #expect(!Embedding.fromPretrained(Self.vectors).weight.requiresGrad)
    #expect(Embedding.fromPretrained(Self.vectors, freeze: false).weight.requiresGrad)
    #expect(!EmbeddingBag.fromPretrained(Self.vectors, mode: .sum).weight.requiresGrad)
    #expect(EmbeddingBag.fromPretrained(Self.vectors, freeze: false).weight.requiresGrad)
    let parameter = Parameter(Self.vectors)
    #expect(Embedding(weight: parameter).weight === parameter && parameter.requiresGrad)
    let frozen = Parameter(Self.vectors, requiresGrad: false)
    #expect(!Embedding(weight: frozen).weight.requiresGrad)
  }

  @Test func pretrainedTablesHaveTheGivenRows() {
    let vectors = Self.vectors
    let table = Embedding.fromPretrained(vectors, freeze: false, paddingIndex: -1)
    let rows = table(Tensor([2, 0]))
    #expect([Float](rows.flattened()) == [5, 6, 1, 2])
    rows.sum().backward()
    #expect([Float](table.weight.grad?.flattened() ?? rows) == [1, 1, 0, 0, 0, 0])
    let bag = EmbeddingBag.fromPretrained(Self.vectors, mode: .sum)
    #expect([Float](bag(Tensor([[0, 2]])).flattened()) == [6, 8])
    // Its memory is shared, as in PyTorch.
    noGrad { table.weight.assign(Tensor.zeros([3, 2])) }
    #expect([Float](vectors.flattened()) == [0, 0, 0, 0, 0, 0])
  }

  /// Outputs, gradients and tables afterwards of every option, against PyTorch's.
  @Test(arguments: Fixture.embeddings)
  func everyOptionIsPyTorchs(_ sample: Sample) throws {
    let count = sample.table.count / 3
    let weight = Parameter(Tensor(sample.table, shape: [count, 3], dtype: .float32))
    let indices = Tensor(sample.indices.numbers, shape: sample.indices.shape)
    let factors = sample.weights.map {
      Parameter(Tensor($0, shape: sample.indices.shape, dtype: .float32))
    }
    let module = sample.arguments.module(sample.module, weight)
    let output: Tensor
    switch (module, sample.offsets) {
    case (let bag as EmbeddingBag, let offsets?):
      output = bag(indices, offsets: Tensor(offsets), perSampleWeights: factors)
    case (let bag as EmbeddingBag, nil):
      output = factors.map { bag(indices, perSampleWeights: $0) } ?? bag(indices)
    default: output = module(indices)
    }
    output.backward(Tensor(sample.upstream, shape: Shape(sample.shape), dtype: .float32))
    #expect(output.shape.dimensions == sample.shape)
    expectEqual(output, sample.output)
    expectEqual(try #require(weight.grad), sample.gradient)
    expectEqual(weight, sample.after)
    if let factors { expectEqual(try #require(factors.grad), sample.weightGradient ?? []) }
    #expect(module.extraDescription == sample.description)
  }

  private func expectEqual(_ tensor: Tensor, _ numbers: [Double]) {
    let own = tensor.doubles
    #expect(own.count == numbers.count)
    #expect(zip(own, numbers).allSatisfy { abs($0 - $1) <= 1e-6 }, "\(own), not \(numbers)")
  }
}

extension EmbeddingTests {
  /// A call of `Fixtures/make_embeddings.py`.
  struct Sample: Decodable, CustomTestStringConvertible {
    let module: String
    let arguments: Arguments
    let table: [Double]
    let indices: Indices
    let offsets: [Int]?
    let weights: [Double]?
    let output: [Double]
    let shape: [Int]
    let upstream: [Double]
    let gradient: [Double]
    let weightGradient: [Double]?
    let after: [Double]
    let description: String

    var testDescription: String { "\(module)(\(description)) of \(indices.numbers)" }
  }

  struct Arguments: Decodable {
    let mode: String?
    let paddingIdx: Int?
    let maxNorm: Double?
    let normType: Double?
    let scaleGradByFreq: Bool?
    let includeLastOffset: Bool?

    func module(_ name: String, _ weight: Parameter) -> Module {
      let (norm, scales) = (normType ?? 2, scaleGradByFreq ?? false)
      guard name == "EmbeddingBag" else {
        return Embedding(
          weight: weight, paddingIndex: paddingIdx, maxNorm: maxNorm, normType: norm,
          scaleGradByFreq: scales)
      }
      return EmbeddingBag(
        weight: weight, maxNorm: maxNorm, normType: norm, scaleGradByFreq: scales,
        mode: mode.flatMap { EmbeddingBag.Mode(rawValue: $0) } ?? .mean,
        includeLastOffset: includeLastOffset ?? false, paddingIndex: paddingIdx)
    }
  }

  /// Integers in one or two dimensions.
  struct Indices: Decodable {
    let numbers: [Int]
    let shape: Shape

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let line = try? container.decode([Int].self) {
        (numbers, shape) = (line, [line.count])
      } else {
        let lines = try container.decode([[Int]].self)
        (numbers, shape) = (lines.flatMap { $0 }, [lines.count, lines.first?.count ?? 0])
      }
    }
  }
}
