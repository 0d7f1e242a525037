import Ballast
import Foundation
import Testing

/// What a PyTorch user types first, compiled as it stands, and what PyTorch makes of it.
///
/// One after the other, since the random numbers of a line are those after a seed.
@Suite(.serialized) struct FirstLinesTests {
  /// A line of `Fixtures/first-lines.tsv`, as `Peers/first_lines.py` has evaluated it.
  struct Case: Decodable, CustomTestStringConvertible {
    let line: String
    /// What it means in PyTorch; nil for a further line, about what these rest on.
    let meaning: String?
    let setup: String?
    let told: String?
    let missing: String?

    var testDescription: String { line }
  }

  static let cases: [Case] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/first-lines.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
  }()

  @Test func atLeast95OfAHundredLinesCompile() {
    let lines = Self.cases.filter { $0.meaning != nil }
    let compiled = lines.filter { $0.missing == nil }
    #expect(lines.count == 323)
    #expect(compiled.count * 100 >= 95 * lines.count, "\(compiled.count)")
    let further = Self.cases.filter { $0.meaning == nil }
    #expect(Set(FirstLines.all.keys) == Set((compiled + further).map(\.line)))
  }

  @Test(arguments: cases.filter { $0.missing == nil })
  func meansTheSame(_ sample: Case) throws {
    let line = try #require(FirstLines.all[sample.line])
    let expected = try #require(sample.told)
    manualSeed(1)
    let model = Linear(3, 2)
    let optimizer = SGD(model.parameters(), lr: 0.1, momentum: 0.9)
    manualSeed(2)
    let found = try line(
      Self.setup(sample.setup ?? ""), Tensor([[0, 1], [1, 0]]), Self.setup("") > 0, Tensor([2, 0]),
      2.5, 3, model, optimizer)
    let text = Self.told(found as Any)
    #expect(Self.agree(text, expected), "\(text)\nis not\n\(expected)")
  }

  /// The tensor that a line is about; each is the same in `Peers/first_lines.py`.
  private static func setup(_ name: String) -> Tensor {
    switch name {
    case "square": Tensor([[4.0, 1, 2], [1, 3, 0.5], [2, 0.5, 5]])
    case "row": Tensor([[1.0, 2, 3]])
    case "vector": Tensor([3.0, 1, 2, 1])
    case "batch": Tensor([[[1.0, 2], [3, 4]], [[5, 6], [7, 8.5]]])
    case "image": (Tensor.arange(32).float() * 0.25 - 2).reshape(1, 2, 4, 4)
    case "integers": Tensor([3, 1, 2, 1])
    case "shares": Tensor([[0.0, 1, 0], [0, 0, 2]])
    case "unit": Tensor([[0.25, 0.5, -0.75], [0.125, 0, 0.875]])
    case "leaf": Tensor([[1.0, -2, 3], [4, 5.5, -6]], requiresGrad: true)
    case "scalar": Tensor(2.5)
    default: Tensor([[1.0, -2, 3], [4, 5.5, -6]])
    }
  }

  /// A value as words and numbers, as `told` in `Peers/first_lines.py` writes it.
  private static func told(_ value: Any) -> String {
    let whole = Mirror(reflecting: value)
    if whole.displayStyle == .optional {
      return whole.children.first.map { told($0.value) } ?? "None"
    }
    switch value {
    case let tensor as Tensor: return told(tensor.array)
    case let array as NDArray:
      let words =
        array.dtype == .bool
        ? array.elements(as: Bool.self).map { $0 ? "True" : "False" }
        : [Double](Tensor(array)).map { "\($0)" }
      return ("\(array.dtype) \(array.shape.dimensions) " + words.joined(separator: " "))
        .trimmingCharacters(in: .whitespaces)
    case let shape as Shape: return "\(shape.dimensions)"
    case let truth as Bool: return truth ? "True" : "False"
    case let number as Int: return "\(Double(number))"
    case let number as Float: return "\(Double(number))"
    case let number as Double: return "\(number)"
    case let text as String: return text
    case is Module, is Optimizer, is StateDict, is OptimizerState: return "\(value)"
    default: break
    }
    switch whole.displayStyle {
    case .tuple, .collection: return whole.children.map { told($0.value) }.joined(separator: " ; ")
    default: return "\(value)"
    }
  }

  /// Whether two texts are the same but for the last digits of numbers.
  private static func agree(_ found: String, _ expected: String) -> Bool {
    let found = found.split(separator: " ", omittingEmptySubsequences: false)
    let expected = expected.split(separator: " ", omittingEmptySubsequences: false)
    return found.count == expected.count
      && zip(found, expected).allSatisfy { found, expected in
        if found == expected { return true }
        guard let found = Double(found), let expected = Double(expected) else { return false }
        return found == expected || abs(found - expected) <= 2e-6 + 1e-5 * abs(expected)
      }
  }

  /// The parameters of a model after two steps with the gradients of `stepped` in the script.
  static func stepped(_ model: Linear, _ optimizer: Optimizer) -> [Parameter] {
    for factor in [1.0, -0.5] {
      for parameter in model.parameters() {
        let count = Tensor.arange(parameter.elementCount).reshaped(parameter.shape)
        parameter.grad = (count + 1).float() * factor / 4
      }
      optimizer.step()
    }
    return model.parameters()
  }

  /// The learning rates of four steps.
  static func rates(_ optimizer: Optimizer, _ scheduler: LRScheduler) -> [Double] {
    (0..<4).map { _ in
      optimizer.step()
      scheduler.step()
      return optimizer.groups[0].lr
    }
  }

  /// A step of LBFGS on the data of `lbfgs` in the script.
  static func lbfgs(_ model: Linear, _ optimizer: LBFGS) -> [Tensor] {
    let data = Tensor([[1.0, 2, 3], [0.5, -1, 2], [2, 0.25, -1]])
    let loss = optimizer.step {
      optimizer.zeroGrad()
      let loss = (model(data) - 1).square().mean()
      loss.backward()
      return loss
    }
    return [loss] + model.parameters()
  }
}

/// For the lines.
func stepped(_ model: Linear, _ optimizer: Optimizer) -> [Parameter] {
  FirstLinesTests.stepped(model, optimizer)
}

/// For the lines.
func rates(_ optimizer: Optimizer, _ scheduler: LRScheduler) -> [Double] {
  FirstLinesTests.rates(optimizer, scheduler)
}

/// For the lines.
func lbfgs(_ model: Linear, _ optimizer: LBFGS) -> [Tensor] {
  FirstLinesTests.lbfgs(model, optimizer)
}
