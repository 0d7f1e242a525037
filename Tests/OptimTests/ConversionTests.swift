import Arrays
import Autograd
import NN
import Optim
import States
import Testing

/// Optimizers of parameters that change their type, or have one of half precision: see
/// `Fixtures/make_conversion.py`.
@Suite struct ConversionTests {
  static let names = [
    "SGD", "SGD.momentum", "Adam", "Adam.amsgrad", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop",
    "Adagrad", "Adadelta", "Adafactor",
  ]
  static let pairs: [(DType, DType)] = [(.float32, .float64), (.float64, .float32)]

  private final class Single: Module {
    let weight: Parameter

    init(_ dtype: DType) { weight = Parameter(pattern([4, 5], 0, dtype: dtype)) }
  }

  private func makeOptimizer(_ name: String, _ module: Module) -> Optimizer {
    let parameters = module.namedParameters()
    return switch name {
    case "SGD": SGD(parameters, lr: 0.1)
    case "SGD.momentum": SGD(parameters, lr: 0.1, momentum: 0.9)
    case "Adam": Adam(parameters, lr: 0.1)
    case "Adam.amsgrad": Adam(parameters, lr: 0.1, amsgrad: true)
    case "AdamW": AdamW(parameters, lr: 0.1)
    case "Adamax": Adamax(parameters, lr: 0.1)
    case "NAdam": NAdam(parameters, lr: 0.1)
    case "RAdam": RAdam(parameters, lr: 0.1)
    case "RMSprop": RMSprop(parameters, lr: 0.1, momentum: 0.5)
    case "Adagrad": Adagrad(parameters, lr: 0.1)
    case "Adadelta": Adadelta(parameters, lr: 1)
    default: Adafactor(parameters, lr: 0.1)
    }
  }

  private func expect(
    _ module: Single, _ optimizer: Optimizer, _ golden: Value, _ tolerance: Double
  ) throws {
    let dtype = module.weight.dtype
    let expected = golden["parameter"]?.flat ?? []
    #expect(isClose(module.weight.array.doubles, expected, tolerance))
    let slots = optimizer.stateDict().state["weight"] ?? [:]
    #expect(Set(slots.keys) == Set(golden["state"]?.keys ?? []))
    for (name, value) in slots {
      let array = try #require(value.tensor)
      #expect(array.dtype == (array.rank == 0 ? .float32 : dtype), "\(name)")
      #expect(isClose(array.doubles, golden["state"]?[name]?.flat ?? [], tolerance), "\(name)")
    }
  }

  /// What is kept follows the parameter, as PyTorch's `load_state_dict` converts it.
  @Test(arguments: names, pairs) func stateFollowsTheType(
    _ name: String, _ types: (DType, DType)
  ) throws {
    let module = Single(types.0)
    let optimizer = makeOptimizer(name, module)
    for step in 0..<6 {
      if step == 3 { module.to(types.1) }
      module.weight.grad = pattern([4, 5], 1 + step, dtype: module.weight.dtype)
      optimizer.step()
    }
    let golden = try #require(Fixture.conversion["\(name) \(types.0) \(types.1)"])
    try expect(module, optimizer, golden, 1e-6)
  }

  /// As PyTorch's fused optimizers, computed in `float32` and rounded once, but for a unit in the
  /// last place; near those that PyTorch rounds at each operation.
  @Test(arguments: names, [DType.float16, .bfloat16]) func halfPrecisionTrains(
    _ name: String, _ dtype: DType
  ) throws {
    let module = Single(dtype)
    let optimizer = makeOptimizer(name, module)
    // So small that the least variance, which is that of the type, matters.
    let scale = name == "Adafactor" ? 0x1p-8 : 1
    for step in 0..<5 {
      module.weight.grad = pattern([4, 5], 1 + step, dtype: dtype) * scale
      optimizer.step()
    }
    let golden = try #require(Fixture.conversion["\(name) \(dtype)"])
    let unit = dtype == .float16 ? 0x1p-10 : 0x1p-7
    let isFused = ["Adam", "Adam.amsgrad", "AdamW", "Adagrad"].contains(name)
    try expect(module, optimizer, golden, (isFused ? 1 : 8) * unit)
  }

  /// A gradient that no longer fits its parameter ends the program with a sentence, not with a walk
  /// beyond its end.
  @Test func gradientsThatDoNotFitAreNamed() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let module = Linear(100, 1000)
      module.weight.grad = Tensor.ones([1])
      SGD(module.namedParameters(), lr: 1).step()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("a gradient of size '(1,)' to a tensor of size '(1000, 100)'"), "\(text)")
  }

  /// Tensors that are adopted bring no gradient, and may be of another type.
  @Test func adoptedTensorsHaveNoGradient() throws {
    let module = Linear(2, 1)
    module(Tensor.ones([1, 2])).sum().backward()
    let other = Linear(2, 1).to(.float64)
    try module.loadStateDict(other.stateDict(), assign: true)
    #expect(module.weight.dtype == .float64 && module.weight.grad == nil)
  }
}
