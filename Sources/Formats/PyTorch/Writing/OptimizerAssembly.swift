import Checkpoints
import OrderedCollections
import States

/// Makes an optimizer's state as `torch.optim.Optimizer.state_dict()` gives it: parameters are
/// numbers, in order over the groups, or names if it was read so.
struct OptimizerAssembly {
  /// The names of the parameters, by their numbers.
  let parameters: [String]
  private let optimizer: OptimizerState
  private let structure: PyTorchStructure?

  init(_ optimizer: OptimizerState, _ structure: PyTorchStructure?) {
    self.optimizer = optimizer
    self.structure = structure
    parameters = optimizer.groups.flatMap(\.parameters)
  }

  /// The state, and what has no place in it.
  func object(_ values: inout ValuePickling) -> (object: PythonObject, losses: [ConversionLoss]) {
    var losses: [ConversionLoss] = []
    let keys =
      names(structure?.parameterKeys, of: parameters.indices)?.map(PythonObject.string)
      ?? parameters.indices.map(PythonObject.int)
    let numbers = Dictionary(
      parameters.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var state: [PythonObject.Entry] = []
    for (name, slots) in optimizer.state {
      guard let number = numbers[name] else {
        losses.append(
          ConversionLoss(
            .optimizerDropped, name, "the optimizer's state of it was left out: no group has it")
        )
        continue
      }
      let entries = slots.map { slot, value in
        PythonObject.Entry(slot, values.object(value, "optimizer.\(name).\(slot)"))
      }
      state.append(.init(keys[number], .dict(entries)))
    }
    var first = 0
    let groups = optimizer.groups.map { group in
      let members = first..<first + group.parameters.count
      first = members.upperBound
      var entries: [PythonObject.Entry] = []
      if let names = names(structure?.parameterNames, of: members) {
        entries.append(.init("param_names", .list(names.map(PythonObject.string))))
      }
      for (option, value) in group.options {
        entries.append(.init(option, values.object(value, "optimizer.\(option)")))
      }
      entries.append(.init("params", .list(Array(keys[members]))))
      return PythonObject.dict(entries)
    }
    let extras = values.entries(structure?.optimizerExtras ?? [:], "optimizer")
    let object = PythonObject.dict(
      [.init("state", .dict(state)), .init("param_groups", .list(groups))] + extras)
    return (object, losses)
  }

  private func names(
    _ names: PyTorchStructure.ParameterNames?, of members: Range<Int>
  ) -> [String]? {
    switch names {
    case .keys where optimizer.naming == .keys: Array(parameters[members])
    case .given(let names) where names.count == parameters.count: Array(names[members])
    default: nil
    }
  }
}
