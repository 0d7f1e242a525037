import Arrays
import Autograd
import NN
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

private final class Hiding: Module {
  let pair = (Linear(1, 1), 3)
}

private final class HidingParameters: Module {
  let list = [Parameter(Tensor.zeros([1]))]
}

private final class HidingDictionary: Module {
  let table = ["a": Linear(1, 1)]
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
    let list = ModuleList([Linear(1, 1, bias: false)])
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

  #if DEBUG
    @Test func containersThatHideMembersTrap() async {
      await #expect(processExitsWith: .failure) { _ = Hiding().stateDict() }
      await #expect(processExitsWith: .failure) { _ = HidingParameters().stateDict() }
      await #expect(processExitsWith: .failure) { _ = HidingDictionary().stateDict() }
    }
  #endif

  @Test func cyclesTrap() async {
    await #expect(processExitsWith: .failure) {
      let parent = Parent()
      parent.child.parent = parent
      _ = parent.stateDict()
    }
  }
}
