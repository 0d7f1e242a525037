import Checkpoints

/// Instructions with which Python finds and calls functions.
extension PickleMachine {
  func executeCall(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .global:
      let module = try text(input.line())
      try push(.global(global(module: module, name: text(input.line()))))
    case .stackGlobal:
      let name = try pop()
      let module = try pop()
      guard case .string(let module) = module, case .string(let name) = name else {
        throw damaged("a name is \(name.kind)")
      }
      try push(.global(global(module: module, name: name)))
    case .inst:
      let module = try text(input.line())
      let target = try global(module: module, name: text(input.line()))
      try push(call(target, popToMark()))
    case .obj:
      var values = try popToMark()
      guard let first = values.first, case .global(let target) = first else {
        throw damaged("it makes an object of no class")
      }
      values.removeFirst()
      try push(call(target, values))
    case .reduce:
      let arguments = try argumentsTuple(pop())
      try push(call(callee(pop()), arguments))
    case .newObj:
      let arguments = try argumentsTuple(pop())
      try push(newObject(callee(pop()), arguments))
    case .newObjEx:
      let keywords = try pop()
      let arguments = try argumentsTuple(pop())
      try push(newObject(callee(pop()), arguments, keywords: keywords))
    case .build:
      let state = try pop()
      try build(top(), state)
    case .binPersID: try push(persistentValue(pop(), self))
    case .persID: try push(persistentValue(.string(asciiLine()), self))
    case .ext1: throw extensionCode(try input.unsigned(1))
    case .ext2: throw extensionCode(try input.unsigned(2))
    case .ext4: throw extensionCode(try input.unsigned(4))
    default: throw unsupported("its values are in buffers outside it (instruction \(opcode))")
    }
  }

  private func extensionCode(_ code: UInt64) -> CheckpointError {
    refused(
      "it names a class by extension code \(code), which only the program that wrote it knows")
  }

  private func argumentsTuple(_ value: PickleValue) throws(CheckpointError) -> [PickleValue] {
    guard case .tuple(let tuple) = value else {
      throw damaged("the arguments of a call are \(value.kind)")
    }
    return tuple.elements
  }

  private func callee(_ value: PickleValue) throws(CheckpointError) -> PickleGlobal {
    guard case .global(let global) = value else {
      if policy == .survey { return PickleGlobal(module: "?", name: "?") }
      if policy == .keep, case .instance(let instance) = value {
        return PickleGlobal(module: "result of", name: instance.type)
      }
      throw refused("it calls \(value.kind); nothing is ever called")
    }
    return global
  }

  /// An instance of a class, made without calling its constructor.
  private func newObject(
    _ global: PickleGlobal, _ arguments: [PickleValue], keywords: PickleValue? = nil
  ) throws(CheckpointError) -> PickleValue {
    switch global.meaning {
    case .unknown, .forbidden, .plainType:
      var arguments = arguments
      if let keywords, keywords.dict?.count != 0 { arguments.append(keywords) }
      try charge(arguments.count)
      return .instance(try adopt(PickleInstance(type: global.presentName, arguments: arguments)))
    default:
      guard keywords == nil || keywords?.dict?.count == 0 else {
        throw refused("it makes \(global.name) with named arguments")
      }
      return try call(global, arguments)
    }
  }

  /// What a call of a name gives, if it is one of those that are known.
  func call(
    _ global: PickleGlobal, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue {
    switch global.meaning {
    case .constructor(let constructor):
      guard let value = try construct(constructor, global, arguments) else {
        // What is around a tensor that is not read, such as a Parameter, is not read either.
        for case .instance(let instance) in arguments where instance.unread != nil {
          return .instance(instance)
        }
        // The name of what would have to be run says more than that it does not fit.
        for case .instance(let instance) in arguments where instance.isCall {
          throw instance.wantsCall(file: input.file, place: input.name)
        }
        throw damaged("the arguments of \(global.name) are not what it takes")
      }
      return value
    case .unsupported(let what):
      if policy == .survey { return .none }
      return try unread(UnreadTensor(what, made: global.name), type: global.presentName)
    case .unknown, .forbidden, .plainType: return try uncalled(global, arguments)
    case .storage, .quantizedStorage, .dtype:
      if policy == .survey {
        return .instance(try adopt(PickleInstance(type: global.presentName, arguments: arguments)))
      }
      throw refused(
        "it wants \(global.name) to be called, which is not among the names that are known to be "
          + "data; nothing was run",
        advice: "If you trust the file, load it in Python and save its state_dict alone.")
    }
  }

  private func construct(
    _ constructor: PickleGlobal.Constructor, _ global: PickleGlobal, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue? {
    try charge(arguments.count)
    switch constructor {
    case .dict, .defaultDict:
      let made = try makeDict(constructor == .dict ? arguments : Array(arguments.dropFirst()))
      if global.presentName != "builtins.dict" { made?.dict?.typeName = global.presentName }
      return made
    case .set:
      let name = global.name.hasSuffix("frozenset") ? "frozenset" : "set"
      let set = try adopt(PickleSet(typeName: name))
      for value in try copiedElements(arguments) { set.insert(value, try key(value)) }
      return .set(set)
    case .list: return .list(try adopt(PickleList(copiedElements(arguments))))
    case .tuple: return .tuple(try adopt(PickleTuple(copiedElements(arguments))))
    case .byteArray:
      reportByteArray()
      return try makeBytes(arguments)
    case .bytes: return try makeBytes(arguments)
    case .encode: return try encode(arguments)
    case .complex: return makeComplex(arguments)
    case .identity: return arguments.first
    case .opaque:
      return .instance(try adopt(PickleInstance(type: global.presentName, arguments: arguments)))
    case .newObject, .newObjectWithKeywords:
      guard case .global(let type)? = arguments.first else { return nil }
      guard constructor == .newObjectWithKeywords else {
        return try newObject(type, Array(arguments.dropFirst()))
      }
      guard arguments.count == 3, let positional = arguments[1].elements else { return nil }
      return try newObject(type, positional, keywords: arguments[2])
    case .reconstructor:
      guard arguments.count == 3, case .global(let type) = arguments[0] else { return nil }
      let base = arguments[2].isNone ? [] : [arguments[2]]
      return try newObject(type, base)
    case .device, .layout, .tensorV1, .tensorV2, .tensorV3, .parameter, .fromType, .metaTensor,
      .tensorFromNumPy:
      return try constructTorch(constructor, arguments)
    case .numpyType, .numpyScalar, .numpyReconstruct, .numpyFromBuffer:
      return try constructNumPy(constructor, arguments)
    }
  }

  /// Gives a state to an object that was made without one.
  private func build(_ target: PickleValue, _ state: PickleValue) throws(CheckpointError) {
    switch target {
    case .instance(let instance): instance.state = state
    case .dict(let dict):
      // Attributes in slots come as a second dictionary.
      let parts = state.elements.map { $0.compactMap(\.dict) } ?? [state.dict].compactMap(\.self)
      guard let first = parts.first else { throw damaged("a dictionary gets \(state.kind)") }
      for slots in parts.dropFirst() {
        for (key, value) in slots.entries { try set(first, key, value) }
      }
      dict.attributes = first
    case .numpyType(let type): try build(type, state)
    case .numpyArray(let array): try build(array, state)
    case .tensor(let tensor): tensor.addAttributes(state)
    default:
      if policy == .survey { return }
      throw refused("it sets the state of \(target.kind), which has none")
    }
  }
}
