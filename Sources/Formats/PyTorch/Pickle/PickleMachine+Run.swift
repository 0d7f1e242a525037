import Checkpoints

extension PickleMachine {
  private static let highestProtocol = 5

  /// Interprets the pickle up to its STOP, and gives its value to `body`.
  ///
  /// The value's parts are not to be kept: they go with the machine.
  func interpret<R>(_ body: (PickleValue) -> R) throws(CheckpointError) -> R {
    try withExtendedLifetime(self) { () throws(CheckpointError) in body(try run()) }
  }

  /// Interprets the pickle up to its STOP. The machine must outlive the use of the value.
  func run() throws(CheckpointError) -> PickleValue {
    while true {
      let code = try input.byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw damaged("0x\(String(code, radix: 16)) is not an instruction of a pickle")
      }
      if opcode == .stop { return try pop() }
      try execute(opcode)
    }
  }

  private func execute(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .stop: break
    case .proto:
      let version = try input.byte()
      guard version <= Self.highestProtocol else {
        throw unsupported("it is of pickle protocol \(version), which is newer than this program")
      }
    case .frame:
      guard try input.unsigned(8) <= UInt64(input.count - input.position) else {
        throw damaged("it says that more follows than there is")
      }
    case .mark: try pushMark()
    case .pop: try discardTop()
    case .popMark: _ = try popToMark()
    case .dup: try push(top())

    case .put: try memoize(at: indexLine())
    case .binPut: try memoize(at: Int(input.unsigned(1)))
    case .longBinPut: try memoize(at: Int(input.unsigned(4)))
    case .memoize: try memoize()
    case .get: try recall(indexLine())
    case .binGet: try recall(Int(input.unsigned(1)))
    case .longBinGet: try recall(Int(input.unsigned(4)))

    case .global, .stackGlobal, .inst, .obj, .reduce, .newObj, .newObjEx, .build, .persID,
      .binPersID, .ext1, .ext2, .ext4, .nextBuffer, .readonlyBuffer:
      try executeCall(opcode)
    case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptyList, .list, .append, .appends,
      .emptyDict, .dict, .setItem, .setItems, .emptySet, .addItems, .frozenSet:
      try executeContainer(opcode)
    default: try push(scalar(opcode))
    }
  }

  private func scalar(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .newTrue: return .bool(true)
    case .newFalse: return .bool(false)
    case .int: return try integerLine(allowsBoolean: true)
    case .long: return try integerLine(allowsBoolean: false)
    case .binInt: return .int(Int(Int32(truncatingIfNeeded: try input.unsigned(4))))
    case .binInt1: return .int(Int(try input.unsigned(1)))
    case .binInt2: return .int(Int(try input.unsigned(2)))
    case .long1: return try integer(input.bytes(input.unsigned(1)))
    case .long4:
      let length = try input.unsigned(4)
      guard length <= UInt64(Int32.max) else { throw damaged("an integer has a negative length") }
      return try integer(input.bytes(length))
    case .float: return try floatLine()
    case .binFloat: return try bigEndianFloat()
    case .string: return try quotedLine()
    case .binString: return oldText(try input.bytes(input.unsigned(4)))
    case .shortBinString: return oldText(try input.bytes(input.unsigned(1)))
    case .unicode: return try escapedLine()
    case .shortBinUnicode: return .string(try text(length: input.unsigned(1)))
    case .binUnicode: return .string(try text(length: input.unsigned(4)))
    case .binUnicode8: return .string(try text(length: input.unsigned(8)))
    case .shortBinBytes: return .bytes(try input.bytes(input.unsigned(1)))
    case .binBytes: return .bytes(try input.bytes(input.unsigned(4)))
    case .byteArray8:
      reportByteArray()
      return .bytes(try input.bytes(input.unsigned(8)))
    case .binBytes8: return .bytes(try input.bytes(input.unsigned(8)))
    default: return .none
    }
  }

  private func executeContainer(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .emptyTuple: try pushTuple([])
    case .tuple: try pushTuple(popToMark())
    case .tuple1: try pushTuple(pop(1))
    case .tuple2: try pushTuple(pop(2))
    case .tuple3: try pushTuple(pop(3))
    case .emptyList: try push(.list(adopt(PickleList())))
    case .list: try push(.list(adopt(PickleList(popToMark()))))
    case .append:
      let value = try pop()
      try append([value], to: top())
    case .appends:
      let values = try popToMark()
      try append(values, to: top())
    case .emptyDict: try push(.dict(adopt(PickleDict())))
    case .dict:
      let values = try popToMark()
      let dict = PickleValue.dict(try adopt(PickleDict()))
      try setItems(values, of: dict)
      try push(dict)
    case .setItem:
      let pair = try pop(2)
      try setItems(pair, of: top())
    case .setItems:
      let values = try popToMark()
      try setItems(values, of: top())
    case .emptySet: try push(.set(adopt(PickleSet(typeName: "set"))))
    case .addItems:
      let values = try popToMark()
      let target = try top()
      guard case .set(let set) = target, set.typeName == "set" else {
        throw damaged("it adds elements to \(target.kind)")
      }
      for value in values { set.insert(value, try key(value)) }
    case .frozenSet:
      let set = try adopt(PickleSet(typeName: "frozenset"))
      for value in try popToMark() { set.insert(value, try key(value)) }
      try push(.set(set))
    default: break
    }
  }

  private func pushTuple(_ elements: [PickleValue]) throws(CheckpointError) {
    try push(.tuple(adopt(PickleTuple(elements))))
  }

  private func append(
    _ values: [PickleValue], to target: PickleValue
  ) throws(CheckpointError) {
    switch target {
    case .list(let list): list.elements += values
    case .instance(let instance): instance.elements += values
    default: throw damaged("it appends to \(target.kind)")
    }
  }

  private func setItems(
    _ values: [PickleValue], of target: PickleValue
  ) throws(CheckpointError) {
    guard values.count.isMultiple(of: 2) else { throw damaged("a key has no value") }
    let dict: PickleDict
    switch target {
    case .dict(let target): dict = target
    case .instance(let instance): dict = instance.itemsForWriting()
    default: throw damaged("it sets items of \(target.kind)")
    }
    for index in stride(from: 0, to: values.count, by: 2) {
      try set(dict, values[index], values[index + 1])
    }
  }
}
