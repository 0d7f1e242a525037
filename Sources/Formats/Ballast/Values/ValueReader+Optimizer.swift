import HDF5
import OrderedCollections
import States

extension ValueReader {
  /// The state of the optimizer in `/optimizer`.
  func optimizer() throws -> OptimizerState? {
    guard try root.link("optimizer") != nil else { return nil }
    let group = try root.group("optimizer")
    var optimizer = OptimizerState()
    let attributes = try container(group, at: "optimizer").attributes
    optimizer.type = attributes.first { $0.name == "type" }?.text
    if let name = attributes.first(where: { $0.name == "naming" })?.text {
      guard let naming = OptimizerState.Naming(rawValue: name) else {
        throw damaged("optimizer", "the naming \"\(name)\" is not known")
      }
      optimizer.naming = naming
    }
    if try group.link("param_groups") != nil {
      let groups = try value(
        group.object("param_groups"), at: "optimizer/param_groups", depth: 0)
      optimizer.groups = try sorted(groups).map { try paramGroup($0.value, $0.number) }
    }
    optimizer.state = try state(group)
    return optimizer
  }

  private func sorted(_ groups: Value) throws -> [(number: Int, value: Value)] {
    try (groups.dictionary ?? [:]).map { key, value in
      guard let number = Int(key.text) else {
        throw damaged("optimizer/param_groups/\(key.text)", "the name is not a number")
      }
      return (number, value)
    }.sorted { $0.number < $1.number }
  }

  private func paramGroup(_ value: Value, _ number: Int) throws -> OptimizerState.Group {
    let place = "optimizer/param_groups/\(number)"
    guard let parameters = value["params"]?.elements else {
      throw damaged(place, "it does not list its parameters")
    }
    var options: OrderedDictionary<String, Value> = [:]
    for (key, option) in value.dictionary ?? [:] where key != "params" {
      options[key.text] = option
    }
    return OptimizerState.Group(
      options: options,
      parameters: try parameters.map { parameter in
        guard let name = parameter.stringValue else {
          throw damaged(place, "the name of a parameter is not a text")
        }
        return name
      })
  }

  /// The slots of all parameters.
  private func state(
    _ optimizer: HDF5ScannedGroup
  ) throws -> OrderedDictionary<String, OptimizerState.Slots> {
    var state: OrderedDictionary<String, OptimizerState.Slots> = [:]
    for tensor in source.tensors {
      guard case .optimizer(let parameter, let slot) = tensor.section else { continue }
      state[parameter, default: [:]][slot] = tensors[tensor.path].map { .tensor($0) }
    }
    let rows = source.index.values.filter { $0.path.hasPrefix("optimizer/state/") }
    guard !rows.isEmpty else { return state }
    // Not all slots are tensors: a row for each parameter, and one for each of its slots.
    let missing = Set(source.changes.missing)
    state = [:]
    var group: (path: String, parameter: String)?
    for row in rows {
      let links = row.path.split(separator: "/", omittingEmptySubsequences: false)
      guard !missing.contains(row.path) else { continue }
      let object = try optimizer.object(links.dropFirst().joined(separator: "/"))
      if case .group(let slots) = object, try container(slots, at: row.path).type == "slots" {
        let parameter = LinkPath.decode(links.dropFirst(2))
        group = (row.path, parameter)
        state[parameter] = [:]
      } else if let group, links.dropLast().joined(separator: "/") == group.path {
        let slot = LinkPath.unescape(links[links.count - 1])
        state[group.parameter]?[slot] = try value(object, at: row.path, depth: 0)
      }
    }
    for tensor in source.tensors where source.changes.added.contains(tensor.path) {
      guard case .optimizer(let parameter, let slot) = tensor.section else { continue }
      state[parameter, default: [:]][slot] = tensors[tensor.path].map { .tensor($0) }
    }
    return state
  }
}
