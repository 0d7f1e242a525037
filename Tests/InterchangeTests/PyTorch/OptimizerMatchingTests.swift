import Arrays
import Checkpoints
import Interchange
import PyTorchFiles
import States
import TestSupport
import Testing

/// Which parameters an optimizer's state is of, where the file leaves it open: nothing is guessed.
@Suite struct OptimizerMatchingTests {
  /// A dictionary with numbers as keys.
  private static func numbered(_ pairs: [(Int, [UInt8])]) -> [UInt8] {
    [0x7D, 0x28] + pairs.flatMap { Pickle.int($0.0) + $0.1 } + [0x75]
  }

  private static func list(_ elements: [[UInt8]]) -> [UInt8] {
    [0x5D, 0x28] + elements.joined() + [0x65]
  }

  private static func number(_ value: Double) -> [UInt8] {
    [0x47] + withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) }
  }

  private static func vector(_ length: Int = 4) -> [UInt8] { Pickle.tensor(shape: [length]) }

  /// An optimizer of some parameters, with Adam's slots of these lengths.
  private static func optimizer(
    _ lengths: [Int], options: [(String, [UInt8])] = [], names: [String] = []
  ) -> [UInt8] {
    let state = lengths.enumerated().map { index, length in
      (index, Pickle.dict(("exp_avg", vector(length)), ("exp_avg_sq", vector(length))))
    }
    var group = options + [("params", list(lengths.indices.map { Pickle.int($0) }))]
    if !names.isEmpty { group.append(("param_names", list(names.map(Pickle.text)))) }
    let pairs = group.flatMap { Pickle.text($0.0) + $0.1 }
    return Pickle.dict(
      ("state", numbered(state)), ("param_groups", list([[0x7D, 0x28] + pairs + [0x75]])))
  }

  /// An optimizer of one network of two that have the same shapes could be either's.
  @Test(arguments: [["weight"], ["weight", "bias"]])
  func anOptimizerThatFitsTwoNetworksIsNobodys(_ names: [String]) throws {
    // Not one tensor under several names: each begins at another element.
    func network(_ offset: Int) -> [UInt8] {
      let weight = ("weight", Pickle.tensor(offset: offset, shape: [2]))
      let bias = ("bias", Pickle.tensor(offset: offset, shape: [1]))
      return names.count == 1 ? Pickle.dict(weight) : Pickle.dict(weight, bias)
    }
    let result = try read(
      Pickle.file(
        of: Pickle.dict(
          ("generator", network(0)), ("discriminator", network(2)),
          ("optimizer", Self.optimizer(names.count == 1 ? [2] : [2, 1])))))
    #expect(result.checkpoint.state.count == 2 * names.count)
    let optimizer = try #require(result.checkpoint.optimizer)
    #expect(optimizer.naming == .positions)
    #expect(Array(optimizer.state.keys) == names.indices.map(String.init))
    #expect(!result.roleRules.values.contains(.optimizer))
    #expect(result.notes.contains { $0.contains("which keep their numbers") })
  }

  /// If one of them has another shape, it may still be that of something that is not in the file.
  @Test func anOptimizerThatFitsOneNetworkByItsShapesIsNobodys() throws {
    let result = try read(
      Pickle.file(
        of: Pickle.dict(
          ("generator", Pickle.dict(("weight", Self.vector(3)))),
          ("discriminator", Pickle.dict(("weight", Self.vector(4)))),
          ("optimizer", Self.optimizer([4])))))
    let optimizer = try #require(result.checkpoint.optimizer)
    #expect(optimizer.naming == .positions)
    #expect(!result.roleRules.values.contains(.optimizer))
  }

  /// Names that fit behind two prefixes say as little.
  @Test(arguments: [(4, false), (3, true)])
  func namesThatFitTwoNetworksSayNothing(_ length: Int, _ isMatched: Bool) throws {
    let result = try read(
      Pickle.file(
        of: Pickle.dict(
          ("generator", Pickle.dict(("fc.weight", Self.vector(4)))),
          ("discriminator", Pickle.dict(("fc.weight", Self.vector(length)))),
          ("optimizer", Self.optimizer([4], names: ["fc.weight"])))))
    let optimizer = try #require(result.checkpoint.optimizer)
    #expect(optimizer.naming == (isMatched ? .keys : .positions))
    #expect(optimizer.state.keys.first == (isMatched ? "generator.fc.weight" : "0"))
  }

  /// A weight and a bias of one shape, of which the optimizer has one.
  @Test func oneOfTwoEqualShapesIsNotChosen() throws {
    let result = try read(
      Pickle.file(
        of: Pickle.dict(
          (
            "model",
            Pickle.dict(
              ("a", Pickle.tensor(shape: [2])), ("b", Pickle.tensor(offset: 2, shape: [2])))
          ),
          ("optimizer", Self.optimizer([2])))))
    #expect(result.checkpoint.optimizer?.naming == .positions)
  }

  /// The slots of an optimizer that is not known may be of any shapes: then its parameter is too.
  @Test func slotsOfSeveralShapesSayNothingOfTheParameter() throws {
    let slots = Pickle.dict(("exp_avg", Self.vector(4)), ("exp_avg_sq", Self.vector(2)))
    let group = Pickle.dict(("lr", Self.number(0.1)), ("params", Self.list([Pickle.int(0)])))
    let result = try read(
      Pickle.file(
        of: Pickle.dict(
          ("model", Pickle.dict(("w", Self.vector(3)))),
          (
            "optimizer",
            Pickle.dict(
              ("state", Self.numbered([(0, slots)])), ("param_groups", Self.list([group])))
          ))))
    #expect(result.checkpoint.optimizer?.naming == .positions)
    #expect(result.checkpoint.optimizer?.state["0"]?["exp_avg_sq"]?.tensor?.shape == [2])
  }

  /// Before PyTorch 2.6 Adam and AdamW had the same options. With decay they differ, and the file does
  /// not say which it is.
  @Test(arguments: [(0.0, "Adam"), (0.01, nil)] as [(Double, String?)])
  func anOldAdamWithDecayIsOfUnknownType(_ decay: Double, _ type: String?) throws {
    let options: [(String, [UInt8])] = [
      ("lr", Self.number(0.1)), ("betas", Pickle.tuple(Self.number(0.9), Self.number(0.99))),
      ("eps", Self.number(1e-8)), ("weight_decay", Self.number(decay)), ("amsgrad", [0x89]),
    ]
    let result = try read(
      Pickle.file(
        of: Pickle.dict(
          ("model", Pickle.dict(("w", Self.vector()))),
          ("optimizer", Self.optimizer([4], options: options)))))
    #expect(result.checkpoint.optimizer?.type == type)
    #expect(result.checkpoint.optimizer?.groups.first?.options["weight_decay"] == .float(decay))
  }

  /// A view that PyTorch negates when it is used keeps its sign as a Parameter too.
  @Test(arguments: [false, true], [false, true])
  func aNegatedViewIsNegative(_ isNegative: Bool, _ isParameter: Bool) throws {
    let facts = Pickle.dict(("neg", isNegative ? [0x88] : [0x89]))
    let hooks = Pickle.call(Pickle.global("collections", "OrderedDict"))
    let ints = [0x28] + Pickle.int(4) + [0x74]
    let one = [0x28] + Pickle.int(1) + [0x74]
    let tensor = Pickle.call(
      Pickle.global("torch._utils", "_rebuild_tensor_v2"), Pickle.storage(), Pickle.int(0), ints,
      one, [0x89], hooks, facts)
    let parameter = Pickle.call(
      Pickle.global("torch._utils", "_rebuild_parameter"), tensor, [0x88], hooks)
    let result = try read(
      Pickle.file(of: Pickle.dict(("w", isParameter ? parameter : tensor))))
    let sign: Float = isNegative ? -1 : 1
    #expect(
      result.checkpoint.state["w"]?.elements(as: Float.self) == [1, 2, 3, 4].map { sign * $0 })
  }
}
