import Arrays
import OrderedCollections
import States

extension OutlineDecoder {
  /// A model of which the outline has a row for each tensor. Tensors that the file does not have are left
  /// out.
  package mutating func state(
    _ rows: [Value], versions: Value
  ) throws(Malformed) -> StateDict {
    var state = StateDict()
    var keys: Set<String> = []
    for row in rows {
      guard let key = row["key"]?.stringValue else { throw Malformed("a tensor has no key") }
      guard keys.insert(key).inserted else { throw Malformed("it has the key \"\(key)\" twice") }
      let role = row["role"]?.stringValue.flatMap(StateDict.Role.init(rawValue:))
      guard let array = tensor(row["name"]?.stringValue ?? key) else { continue }
      state.entries[key] = StateDict.Entry(array, role: role)
    }
    for (path, version) in try members(versions, "module_versions") {
      guard let version = version.intValue else { throw Malformed("a version is no number") }
      state.moduleVersions[path] = version
    }
    return state
  }

  /// An optimizer.
  package mutating func optimizer(_ json: Value) throws(Malformed) -> OptimizerState {
    guard let naming = json["naming"]?.stringValue.flatMap(OptimizerState.Naming.init),
      case .list(let states)? = json["state"], case .list(let groups)? = json["groups"]
    else { throw Malformed("the optimizer's naming, state or groups are malformed") }
    var optimizer = OptimizerState(type: json["type"]?.stringValue, naming: naming)
    for row in states {
      guard let parameter = row["parameter"]?.stringValue, let slots = row["slots"] else {
        throw Malformed("a state of the optimizer has no parameter or no slots")
      }
      guard optimizer.state[parameter] == nil else {
        throw Malformed("the optimizer has the state of \"\(parameter)\" twice")
      }
      optimizer.state[parameter] = try members(slots, "a state of the optimizer")
    }
    for row in groups {
      guard let options = row["options"], case .list(let names)? = row["parameters"] else {
        throw Malformed("a group of the optimizer has no options or no parameters")
      }
      let parameters = names.compactMap(\.stringValue)
      guard parameters.count == names.count else {
        throw Malformed("a parameter of the optimizer is not named by a text")
      }
      optimizer.groups.append(
        OptimizerState.Group(
          options: try members(options, "the options of the optimizer"),
          parameters: parameters))
    }
    return optimizer
  }
}
