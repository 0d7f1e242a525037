import Checkpoints
import Files

/// Writes a pickle of protocol 2 with the instructions that PyTorch's safe unpickler knows.
///
/// Those are in `torch/_weights_only_unpickler.py`. Instructions of later protocols are not among
/// them, so that bytes and sets are written as calls of functions, as Python itself does at
/// protocol 2.
struct PickleWriter {
  private(set) var bytes: [UInt8] = []
  /// The storages in the order in which they were met, which is that of their names in the archive.
  private(set) var storageOrder: [Int] = []

  private let tensors: [TensorCollection.Tensor]
  private let storages: SavedStorages
  private var storageKeys: [Int: Int] = [:]
  private var memo: [MemoKey: Int] = [:]

  /// What is written once and referred to afterwards.
  private enum MemoKey: Hashable {
    case string(ExactString)
    case global(String, String)
    case parameter(PlacedTensor)
  }

  /// The same parameter under two names is one object, as it is in PyTorch's pickles.
  private struct PlacedTensor: Hashable {
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]
  }

  /// Python's pickler closes a batch of this many elements or pairs.
  private static let batchCount = 1000

  init(tensors: [TensorCollection.Tensor], storages: SavedStorages) {
    self.tensors = tensors
    self.storages = storages
  }

  /// Writes the pickle of an object.
  mutating func write(root: PythonObject) {
    emit(.proto)
    bytes.append(2)
    write(root)
    emit(.stop)
  }

  private mutating func emit(_ opcode: PickleOpcode) { bytes.append(opcode.rawValue) }

  private mutating func write(_ object: PythonObject) {
    switch object {
    case .none: emit(.none)
    case .bool(let value): emit(value ? .newTrue : .newFalse)
    case .int(let value): write(value)
    case .bigInt(let digits): writeLong(digits)
    case .float(let value):
      emit(.binFloat)
      bytes.append(bigEndian: value.bitPattern)
    case .complex(let real, let imaginary):
      writeCall("__builtin__", "complex", [.float(real), .float(imaginary)])
    case .string(let text): write(text)
    case .bytes(let content):
      let text = String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
      writeCall("_codecs", "encode", [.string(text), .string("latin1")])
    case .list(let elements): writeList(elements)
    case .tuple(let elements): writeTuple(elements)
    case .set(let elements): writeCall("__builtin__", "set", [.list(elements)])
    case .dict(let entries):
      emit(.emptyDict)
      writeEntries(entries)
    case .orderedDict(let entries, let attributes):
      writeCall("collections", "OrderedDict", [])
      writeEntries(entries)
      if !attributes.isEmpty {
        write(.dict(attributes))
        emit(.build)
      }
    case .global(let module, let name): writeGlobal(module, name)
    case .call(let module, let name, let arguments): writeCall(module, name, arguments)
    case .instance(let module, let name, let state):
      writeGlobal(module, name)
      emit(.emptyTuple)
      emit(.newObj)
      if let state {
        write(state)
        emit(.build)
      }
    case .tensor(let index): writeTensor(index)
    case .parameter(let index, let requiresGradient):
      writeParameter(index, requiresGradient: requiresGradient)
    }
  }

  // MARK: Numbers and texts

  private mutating func write(_ value: Int) {
    if let byte = UInt8(exactly: value) {
      emit(.binInt1)
      bytes.append(byte)
    } else if let short = UInt16(exactly: value) {
      emit(.binInt2)
      bytes.append(littleEndian: short)
    } else if let int = Int32(exactly: value) {
      emit(.binInt)
      bytes.append(littleEndian: int)
    } else {
      var digits: [UInt8] = []
      digits.append(littleEndian: value)
      // The sign is in the highest bit; bytes that only repeat it are left out.
      while digits.count > 1, let last = digits.last,
        last == (digits[digits.count - 2] & 0x80 == 0 ? 0 : 0xFF)
      {
        digits.removeLast()
      }
      writeLong(digits)
    }
  }

  private mutating func writeLong(_ digits: [UInt8]) {
    emit(.long1)
    bytes.append(UInt8(digits.count))
    bytes += digits
  }

  private mutating func write(_ text: String) {
    memoized(.string(ExactString(text))) { writer in
      writer.emit(.binUnicode)
      writer.bytes.append(littleEndian: UInt32(text.utf8.count))
      writer.bytes += text.utf8
    }
  }

  // MARK: Containers

  private mutating func writeList(_ elements: [PythonObject]) {
    emit(.emptyList)
    writeBatches(elements, one: .append, many: .appends) { writer, element in
      writer.write(element)
    }
  }

  private mutating func writeEntries(_ entries: [PythonObject.Entry]) {
    writeBatches(entries, one: .setItem, many: .setItems) { writer, entry in
      writer.write(entry.key)
      writer.write(entry.value)
    }
  }

  private mutating func writeBatches<Element>(
    _ elements: [Element], one: PickleOpcode, many: PickleOpcode,
    _ body: (inout PickleWriter, Element) -> Void
  ) {
    for start in stride(from: 0, to: elements.count, by: Self.batchCount) {
      let batch = elements[start..<min(start + Self.batchCount, elements.count)]
      if batch.count > 1 { emit(.mark) }
      for element in batch { body(&self, element) }
      emit(batch.count > 1 ? many : one)
    }
  }

  private mutating func writeTuple(_ elements: [PythonObject]) {
    switch elements.count {
    case 0: emit(.emptyTuple)
    case 1...3:
      for element in elements { write(element) }
      emit(elements.count == 1 ? .tuple1 : elements.count == 2 ? .tuple2 : .tuple3)
    default:
      emit(.mark)
      for element in elements { write(element) }
      emit(.tuple)
    }
  }

  // MARK: Names and calls

  private mutating func writeGlobal(_ module: String, _ name: String) {
    memoized(.global(module, name)) { writer in
      writer.emit(.global)
      writer.bytes += "\(module)\n\(name)\n".utf8
    }
  }

  private mutating func writeCall(_ module: String, _ name: String, _ arguments: [PythonObject]) {
    writeGlobal(module, name)
    writeTuple(arguments)
    emit(.reduce)
  }

  /// Writes what `body` writes, or a reference to it if it is there already.
  private mutating func memoized(_ key: MemoKey, _ body: (inout PickleWriter) -> Void) {
    if let number = memo[key] {
      writeMemo(number, short: .binGet, long: .longBinGet)
      return
    }
    body(&self)
    let number = memo.count
    memo[key] = number
    writeMemo(number, short: .binPut, long: .longBinPut)
  }

  private mutating func writeMemo(_ number: Int, short: PickleOpcode, long: PickleOpcode) {
    if let byte = UInt8(exactly: number) {
      emit(short)
      bytes.append(byte)
    } else {
      emit(long)
      bytes.append(littleEndian: UInt32(number))
    }
  }

  // MARK: Tensors

  private mutating func writeParameter(_ index: Int, requiresGradient: Bool) {
    let place = storages.places[index]
    let key = PlacedTensor(
      storage: place.storage, offset: place.offset,
      shape: tensors[index].array.shape.dimensions, strides: place.strides)
    memoized(.parameter(key)) { writer in
      writer.writeCall(
        "torch._utils", "_rebuild_parameter",
        [.tensor(index), .bool(requiresGradient), .orderedDict([], attributes: [])])
    }
  }

  private mutating func writeTensor(_ index: Int) {
    let tensor = tensors[index]
    let place = storages.places[index]
    let storage = storages.storages[place.storage]
    let className = storage.dtype.flatMap { PickleGlobal.storageClasses[$0] }
    writeGlobal("torch._utils", className == nil ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2")
    emit(.mark)
    writeStorage(place.storage, storage, className)
    write(place.offset)
    writeTuple(tensor.array.shape.dimensions.map { .int($0) })
    writeTuple(place.strides.map { .int($0) })
    emit(.newFalse)
    writeCall("collections", "OrderedDict", [])
    if className == nil { writeGlobal("torch", tensor.writtenType.rawValue) }
    emit(.tuple)
    emit(.reduce)
  }

  /// A reference to a storage: its class, its name in the archive, where it was, and its size.
  private mutating func writeStorage(
    _ index: Int, _ storage: SavedStorages.Storage, _ className: String?
  ) {
    let key = storageKeys[index] ?? storageOrder.count
    if storageKeys.updateValue(key, forKey: index) == nil { storageOrder.append(index) }
    writeTuple([
      .string("storage"),
      className.map { .global(module: "torch", name: $0) }
        ?? .global(module: "torch.storage", name: "UntypedStorage"),
      .string(String(key)), .string("cpu"),
      .int(className == nil ? storage.byteCount : storage.byteCount / storage.writtenType.itemSize),
    ])
    emit(.binPersID)
  }
}
