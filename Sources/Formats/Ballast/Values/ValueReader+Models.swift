import Arrays
import Checkpoints
import HDF5
import OrderedCollections
import States

extension ValueReader {
  /// A model in the metadata, with its tensors in the order that the index remembers.
  func model(_ group: HDF5ScannedGroup, at path: String) throws -> StateDict {
    var found: [(path: String, key: String, entry: StateDict.Entry)] = []
    for role in StateDict.Role.allCases {
      let section = "\(path)/\(role.groupName)"
      guard try group.link(role.groupName) != nil, source.changes.passedOver[section] == nil else {
        continue
      }
      // What is not followed was told when the tensors were listed.
      let walk = ObjectWalk(source.path, source.scan, passingOver: { _ in })
      try walk.forEach(below: group.group(role.groupName), at: section) { entry in
        guard entry.dataset != nil, source.changes.passedOver[entry.path] == nil else { return }
        guard let array = try tensors[entry.path] ?? number(entry.object, at: entry.path) else {
          throw damaged(entry.path, "it is no tensor of a model")
        }
        found.append(
          (
            entry.path, LinkPath.decode(path: entry.path.dropFirst(section.count + 1)),
            StateDict.Entry(array, role: role)
          ))
      }
    }
    found.sort { a, b in
      (rows[a.path]?.place ?? .max, a.path) < (rows[b.path]?.place ?? .max, b.path)
    }
    var state = StateDict()
    for (path, key, entry) in found {
      guard state.entries.updateValue(entry, forKey: key) == nil else {
        throw damaged(path, "another tensor of the model has the same name")
      }
    }
    guard try group.link("module_versions") != nil else { return state }
    let versions = try value(
      group.object("module_versions"), at: "\(path)/module_versions", depth: 0)
    guard case .dict(let versions) = versions else {
      throw damaged("\(path)/module_versions", "it is no dictionary")
    }
    for (module, version) in versions {
      guard let version = version.intValue else {
        throw damaged("\(path)/module_versions", "a version is no number")
      }
      state.moduleVersions[module.text] = version
    }
    return state
  }

  /// A number that another tool put among the tensors.
  private func number(_ object: HDF5ScannedObject, at path: String) throws -> NDArray? {
    switch try value(object, at: path, depth: 0) {
    case .int(let number): NDArray(Int64(number))
    case .float(let number): NDArray(number)
    case .bool(let truth): NDArray(truth)
    default: nil
    }
  }

  /// An optimizer in the metadata, of the members of its group.
  func optimizer(
    _ members: [(name: String, value: Value)], _ container: EncodedValue.Container, at path: String
  ) throws -> OptimizerState {
    func attribute(_ name: String) -> String? {
      container.attributes.first { $0.name == name }?.text
    }
    let content = Value.dict(
      OrderedDictionary(
        members.map { (.string($0.name), $0.value) }, uniquingKeysWith: { first, _ in first }))
    guard let naming = attribute("naming").flatMap(OptimizerState.Naming.init),
      let optimizer = OptimizerState(content: content, type: attribute("class"), naming: naming)
    else { throw damaged(path, "it is no optimizer") }
    return optimizer
  }
}
