import Arrays
import Autograd
import Testing

/// Values and gradients at the edges against PyTorch's: see `Fixtures/make_cases.py`.
@Suite struct CaseTests {
  /// Numbers as the fixture has them: also as texts, and one for many that are equal.
  struct Numbers: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      texts = try container.decode([Number].self).map(\.text)
    }

    private struct Number: Decodable {
      let text: String

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
          self.text = text
        } else {
          text = "\(try container.decode(Double.self))"
        }
      }
    }

    func array(_ dtype: DType, _ shape: Shape) -> NDArray {
      let texts =
        texts.count == 1 ? [String](repeating: texts[0], count: shape.elementCount) : texts
      return dtype.isFloatingPoint
        ? NDArray(texts.map { Double($0) ?? .nan }, shape: shape).cast(to: dtype)
        : NDArray(texts.map { Int64($0) ?? Int64(Double($0) ?? 0) }, shape: shape).cast(to: dtype)
    }
  }

  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let values: Numbers

    var array: NDArray {
      values.array(DType(rawValue: dtype) ?? .complex128, Shape(shape))
    }
  }

  struct Sample: Decodable, CustomTestStringConvertible {
    let operation: String
    let inputs: [Entry]
    let output: Entry
    let gradient: Numbers?
    let gradients: [Numbers?]?

    var testDescription: String {
      "\(operation) \(inputs.map { "\($0.dtype)\($0.shape)" }) \(gradient?.texts.first ?? "")"
    }
  }

  @Test func everyOperationHasACase() {
    #expect(Set(Case.operations.keys) == Set(Fixture.cases.map(\.operation)))
  }

  @Test(arguments: Case.operations.keys.sorted()) func casesEqualPyTorch(_ name: String) throws {
    let function = try #require(Case.operations[name])
    for sample in Fixture.cases where sample.operation == name {
      let inputs = sample.inputs.map {
        Tensor($0.array, requiresGrad: $0.array.dtype.isFloatingPoint)
      }
      let output = function(inputs)
      expect(output.array, sample.output.array, sample, "output")
      guard let gradient = sample.gradient, let gradients = sample.gradients else { continue }
      guard output.requiresGrad else {
        Issue.record("\(sample.testDescription): there is no gradient")
        continue
      }
      let above = Tensor(gradient.array(output.dtype, output.shape))
      for (index, expected) in gradients.enumerated() {
        guard sample.inputs[index].array.dtype.isFloatingPoint else { continue }
        let found = Tensor.gradients(
          of: [output], for: [inputs[index]], [above], retainGraph: true)[0]
        let shape = inputs[index].shape
        let zeros = NDArray(zeros: shape, dtype: inputs[index].dtype)
        expect(
          found?.array ?? zeros, expected?.array(inputs[index].dtype, shape) ?? zeros, sample,
          "gradient \(index)")
      }
    }
  }

  private func expect(_ found: NDArray, _ expected: NDArray, _ sample: Sample, _ what: String) {
    let place = "\(sample.testDescription) \(what)"
    #expect(found.dtype == expected.dtype, "\(place)")
    #expect(found.shape == expected.shape, "\(place)")
    guard found.dtype == expected.dtype, found.shape == expected.shape else { return }
    guard found.dtype.isFloatingPoint else {
      #expect(found.isBitwiseEqual(to: expected), "\(place)")
      return
    }
    // The gradients of these follow from results that have been rounded already.
    let isRounded =
      sample.operation.lowercased().contains("softmax")
      || sample.operation.hasPrefix("crossEntropy") || sample.operation == "logSumExp"
    let tolerance: Double =
      switch found.dtype {
      case .float64: 1e-12
      case .float32: 1e-5
      case .float16: isRounded ? 0x1p-6 : 0x1p-9
      default: isRounded ? 0x1p-4 : 0x1p-6
      }
    let (own, golden) = (Tensor(found).doubles, Tensor(expected).doubles)
    let scale = golden.lazy.filter(\.isFinite).map(abs).reduce(0.2, Swift.max)
    let wrong = own.indices.filter { index in
      let (x, y) = (own[index], golden[index])
      if x == y || x.isNaN && y.isNaN { return false }
      return !x.isFinite || !y.isFinite || abs(x - y) > tolerance * Swift.max(abs(y), 0.1 * scale)
    }.prefix(6)
    guard !wrong.isEmpty else { return }
    Issue.record(
      "\(place): \(wrong.map { "\($0): \(own[$0]), not \(golden[$0])" }.joined(separator: "; "))")
  }
}
