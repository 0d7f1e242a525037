import Checkpoints

/// Calls of what is not known: they are kept as a name and arguments, and nothing is run.
extension PickleMachine {
  /// The call of a name as data.
  func uncalled(
    _ global: PickleGlobal, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue {
    if global.presentName == "builtins.getattr" { return try attribute(arguments) }
    if policy == .refuse, DangerousNames.lookups.contains(global.presentName) {
      for case .string(let text) in arguments where DangerousNames.isDangerousAttribute("\(text)") {
        throw refused(
          "it looks up \(text) by \(global.presentName), through which a program could be run; nothing "
            + "was run", advice: Self.danger)
      }
    }
    if policy != .survey { uncalledNames.append(global.presentName) }
    try charge(arguments.count)
    let call = PickleValue.instance(
      try adopt(PickleInstance(type: global.presentName, arguments: arguments, isCall: true)))
    if firstTensorCall == nil { firstTensorCall = call.tensorCall }
    return call
  }

  /// An attribute: of a class it is a name, as later protocols write it; of an object, such as a
  /// method of it, the object and the attribute's name.
  private func attribute(_ arguments: [PickleValue]) throws(CheckpointError) -> PickleValue {
    guard arguments.count == 2, case .string(let name) = arguments[1], !name.isEmpty else {
      if policy == .survey { return .none }
      throw refused(
        "it calls builtins.getattr with what Python does not write; nothing was run",
        advice: "Do not load this file with Python.")
    }
    if case .global(let owner) = arguments[0] {
      return .global(try global(module: owner.module, name: "\(owner.qualifiedName).\(name)"))
    }
    guard policy != .refuse || !DangerousNames.isInner(name) else {
      throw refused(
        "it asks \(arguments[0].kind) for \(name), through which a program could be run; nothing "
          + "was run", advice: Self.danger)
    }
    return .instance(
      try adopt(PickleInstance(type: "builtins.getattr", arguments: arguments, isCall: true)))
  }

  /// What is said of a file that names what is dangerous.
  static let danger =
    "Do not load this file with Python. --allow-dangerous-names reads what else is in it"
}

extension PickleValue {
  private static let greatestCount = 1000
  /// The modules of Python, whose functions make no tensors.
  private static let standardModules: Set<String> = [
    "builtins", "collections", "functools", "re", "logging", "typing", "types", "datetime",
    "operator", "_operator", "itertools", "pathlib", "copyreg", "enum", "random", "string",
    "decimal",
    "fractions", "uuid", "zoneinfo", "weakref", "abc", "dataclasses", "contextlib", "json", "queue",
    "io", "_io", "math", "numbers", "argparse", "copy", "time", "warnings", "inspect",
    "os", "posix", "nt", "sys", "subprocess", "shutil", "socket", "pty",
  ]
  private static let tensorLibraries: Set<String> = [
    "torch", "numpy", "jax", "jaxlib", "tensorflow", "cupy", "mlx", "paddle", "torchao",
    "bitsandbytes",
  ]

  /// The call that would have to be run to know the value, if that may be a tensor: one of an unknown
  /// function, or of one that is given tensors.
  var tensorCall: PickleInstance? {
    guard case .instance(let instance) = self, instance.isCall else { return nil }
    var left = Self.greatestCount
    if instance.arguments.contains(where: { $0.holdsTensor(&left) }) { return instance }
    let root = String(instance.type.prefix { $0 != "." })
    // What is evaluated may give anything.
    if instance.type == "builtins.eval" { return instance }
    if Self.standardModules.contains(root) { return nil }
    // Classes have such names; functions have not.
    let isClass = instance.type.split(separator: ".").last?.first?.isUppercase == true
    return isClass && !Self.tensorLibraries.contains(root) ? nil : instance
  }

  private func holdsTensor(_ left: inout Int) -> Bool {
    left -= 1
    // What is too large to be looked through may hold one.
    guard left > 0 else { return true }
    switch self {
    case .tensor, .storage, .numpyArray: return true
    case .list, .tuple:
      for element in elements ?? [] where element.holdsTensor(&left) { return true }
    case .dict(let dict):
      for value in dict.values where value.holdsTensor(&left) { return true }
    case .instance(let instance):
      if instance.unread != nil { return true }
      for value in instance.arguments + [instance.state].compactMap(\.self)
      where value.holdsTensor(&left) { return true }
    default: break
    }
    return false
  }
}

extension PickleInstance {
  /// The error for a model that only a call could make.
  func wantsCall(file: String, place: String?) -> CheckpointError {
    CheckpointError(
      .refused, file: file, place: place,
      reason: "it wants \(type) to be called, which may make a tensor; nothing was run",
      advice: "If you trust the file, load it in Python and save its state_dict alone.")
  }
}
