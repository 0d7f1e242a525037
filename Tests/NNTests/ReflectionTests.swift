import Arrays
import Autograd
import NN
import OrderedCollections
import Testing

private final class Names: Module {
  let runningMean = Buffer(Tensor.zeros([1]))
  let conv1 = Identity()
  let fc2d = Identity()
  let layer1Norm = Identity()
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let in_proj = Identity()
  let weightIH = Buffer(Tensor.zeros([1]))
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let URLTable = Buffer(Tensor.zeros([1]))
  let x = Buffer(Tensor.zeros([1]))
}

private final class Renamed: Module {
  let wq = Linear(1, 1, bias: false)
  override class var stateKeyOverrides: [String: String] { ["wq": "q_proj"] }
}

private final class Generated: Module {
  let weights = [Parameter(Tensor.zeros([1])), Parameter(Tensor.zeros([2]))]

  override func members() -> [Member] {
    weights.enumerated().map { Member("weight_ih_l\($0)", .parameter($1)) }
  }
}

private func one() -> Parameter { Parameter(Tensor.zeros([1])) }

/// Everything whose elements have keys.
private final class Containing: Module {
  let list = [one(), one()]
  let table = ["b": one(), "a": one()]
  let numbered = [10: one(), 9: one()]
  let ordered: OrderedDictionary = ["z": Identity(), "y": Linear(1, 1, bias: false)]
  let nested = [[Linear(1, 1, bias: false)], [], [Linear(1, 1, bias: false)]]
  let tables = [["left": [one()]]]
  let optionals: [Linear?] = [nil, Linear(1, 1, bias: false)]
  let optional: [Buffer]? = [Buffer(Tensor.zeros([1]))]
  let mixed: [Any] = [1, one(), "text"]
  let plain = [Tensor.zeros([1])]
  let numbers = [1.5, 2.5]
}

/// A class whose members have no key, each in a way of its own.
enum HidingPlace: String, CaseIterable, Codable {
  case tuple, structure, nested, enumeration, optional, lazyModule, lazyList, dotted, empty,
    otherKey, lazyTuple, lazyStructure, lazyProtocol
  case filledLater

  fileprivate struct Pair {
    var parameter: Parameter?
    var number = 3
  }

  fileprivate enum Choice {
    case none
    case module(Module)
  }

  fileprivate final class Tuple: Module { let hidden = (Linear(1, 1), 3) }
  fileprivate final class Structure: Module { let hidden = Pair(parameter: one()) }
  fileprivate final class Nested: Module {
    let hidden = [(1, ["a": [Pair(parameter: one())]])]
  }
  fileprivate final class Enumeration: Module { let hidden = Choice.module(Linear(1, 1)) }
  fileprivate final class OptionalTuple: Module { let hidden: (Parameter, Int)? = (one(), 1) }
  fileprivate final class LazyModule: Module { lazy var hidden = Linear(1, 1) }
  fileprivate final class LazyList: Module { lazy var hidden = [[Linear(1, 1)]] }
  fileprivate final class LazyTuple: Module { lazy var hidden = (Linear(1, 1), 3) }
  fileprivate final class LazyStructure: Module { lazy var hidden = Pair(parameter: one()) }
  fileprivate final class LazyProtocol: Module { lazy var hidden: any Equatable = 3 }
  fileprivate final class Dotted: Module { let hidden = ["a.b": Linear(1, 1)] }
  fileprivate final class Empty: Module { let hidden = ["": Linear(1, 1)] }
  fileprivate final class OtherKey: Module { let hidden = [1.5: Linear(1, 1)] }
  fileprivate final class Filled: Module { var hidden: [Pair] = [Pair(parameter: nil)] }

  func list() {
    switch self {
    case .tuple: _ = Tuple().stateDict()
    case .structure: _ = Structure().stateDict()
    case .nested: _ = Nested().stateDict()
    case .enumeration: _ = Enumeration().stateDict()
    case .optional: _ = OptionalTuple().stateDict()
    case .lazyModule: _ = LazyModule().stateDict()
    case .lazyList: _ = LazyList().stateDict()
    case .lazyTuple: _ = LazyTuple().stateDict()
    case .lazyStructure: _ = LazyStructure().stateDict()
    case .lazyProtocol: _ = LazyProtocol().stateDict()
    case .dotted: _ = Dotted().stateDict()
    case .empty: _ = Empty().stateDict()
    case .otherKey: _ = OtherKey().stateDict()
    case .filledLater:
      let module = Filled()
      _ = module.stateDict()
      module.hidden.append(Pair(parameter: one()))
      _ = module.stateDict()
    }
  }
}

/// What may look like members and holds none.
private final class Plain: Module {
  let function = { (x: Tensor) in x }
  let pair = (1, "a")
  let options = HidingPlace.Pair(parameter: nil)
  var none: HidingPlace.Choice = .none
  lazy var cache = Tensor.zeros([1])
  lazy var sizes = [1: 2.5]
  lazy var window = 1...2
  lazy var other = Box()
  final class Box {}
}

private final class Child: Module {
  var parent: Module?
}

private final class Parent: Module {
  let child = Child()
}

@Suite struct ReflectionTests {
  @Test func propertyNamesBecomeSnakeCase() {
    #expect(
      Names().members().map(\.name) == [
        "running_mean", "conv1", "fc2d", "layer1_norm", "in_proj", "weight_ih", "url_table", "x",
      ])
  }

  @Test func namesCanBeGiven() {
    #expect(Array(Renamed().stateDict().keys) == ["q_proj.weight"])
    #expect(Array(Generated().stateDict().keys) == ["weight_ih_l0", "weight_ih_l1"])
  }

  @Test func containersListTheirModules() {
    let list = ModuleList<Module>([Linear(1, 1, bias: false)])
    list.append(Linear(1, 1, bias: false))
    #expect(Array(list.stateDict().keys) == ["0.weight", "1.weight"])
    list[0] = Identity()
    #expect(list.count == 2 && list[0] is Identity)
    let dict = ModuleDict(["b": Linear(1, 1, bias: false)])
    dict["a"] = Linear(1, 1, bias: false)
    #expect(Array(dict.stateDict().keys) == ["b.weight", "a.weight"])
    dict["b"] = nil
    #expect(dict.count == 1 && dict["b"] == nil)
    let sequential = Sequential(ReLU())
    sequential.append(Linear(2, 2, bias: false))
    #expect(sequential.count == 2 && sequential[1] is Linear)
    #expect(Array(sequential.stateDict().keys) == ["1.weight"])
  }

  @Test func elementsOfContainersHaveKeys() {
    let module = Containing()
    #expect(
      Array(module.stateDict().keys) == [
        "list.0", "list.1", "table.a", "table.b", "numbered.9", "numbered.10", "tables.0.left.0",
        "mixed.1", "optional.0", "ordered.y.weight", "nested.0.0.weight", "nested.2.0.weight",
        "optionals.1.weight",
      ])
    #expect(module.parameter("table.b") === module.table["b"])
    #expect(module.submodule("nested.2.0") === module.nested[2][0])
  }

  @Test(arguments: HidingPlace.allCases) func whatHasNoKeyIsNamed(_ place: HidingPlace) async throws
  {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [place = place as HidingPlace] in
      place.list()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains(".hidden "), "\(text)")
    #expect(text.contains("state dict"), "\(text)")
  }

  @Test func plainPropertiesDoNotTrap() {
    let module = Plain()
    #expect(module.stateDict().keys.isEmpty)
    _ = module.cache
    #expect(module.stateDict().keys.isEmpty)
  }

  @Test func indicesCountFromTheEnd() async throws {
    let (first, last) = (Linear(1, 1), ReLU())
    #expect(Sequential(first, last)[-1] === last)
    let list = ModuleList([first, last])
    #expect(list[-2] === first)
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ModuleList([Identity()])[7]
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("ModuleList: index 7 is out of range for 1 modules"), "\(text)")
  }

  @Test func cyclesTrap() async {
    await #expect(processExitsWith: .failure) {
      let parent = Parent()
      parent.child.parent = parent
      _ = parent.stateDict()
    }
  }
}
