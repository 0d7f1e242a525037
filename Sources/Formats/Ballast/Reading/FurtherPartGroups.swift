import Checkpoints
import HDF5
import States

/// The groups in the metadata of a file that are models and optimizers, to find what another program put
/// into them.
struct FurtherPartGroups {
  /// What a dataset is within such a group.
  enum Place {
    /// It is in none.
    case elsewhere
    /// Among the tensors of a model.
    case tensors
    /// A value of a model or an optimizer.
    case values
    /// Where a model or an optimizer has nothing.
    case nowhere
  }

  private var types: [String: String] = [:]

  /// Takes note of a group.
  mutating func see(_ entry: ObjectWalk.Entry) throws {
    guard case .group(let group) = entry.object, entry.path.hasPrefix("metadata/"),
      let type = try group.attributes.text("type"), type == "model" || type == "optimizer"
    else { return }
    types[entry.path] = type
  }

  /// Where a dataset is, of a path whose groups were seen.
  func place(of path: String) -> Place {
    guard !types.isEmpty else { return .elsewhere }
    var group = path[...]
    while let slash = group.utf8.lastIndex(of: UInt8(ascii: "/")) {
      group = group[..<slash]
      guard let type = types[String(group)] else { continue }
      let member = path.utf8.dropFirst(group.utf8.count + 1).prefix { $0 != UInt8(ascii: "/") }
      switch (type, String(Substring(member))) {
      case ("model", "parameters"), ("model", "buffers"): return .tensors
      case ("model", "module_versions"), ("optimizer", "state"), ("optimizer", "param_groups"):
        return .values
      default: return .nowhere
      }
    }
    return .elsewhere
  }
}

extension Value {
  /// Whether it is a number that a tensor without dimensions may be.
  var isPlainNumber: Bool {
    switch self {
    case .int, .float, .bool: true
    default: false
    }
  }
}
