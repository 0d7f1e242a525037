import Arrays
import Checkpoints
import Files

/// Reads the tar archives that PyTorch wrote before 0.1.10.
///
/// Members: `storages` holds the values, `tensors` the shapes, and `pickle` the object, which
/// refers to tensors and storages by number.
struct TarReader {
  private let file: InputFile
  private let policy: PickleMachine.Policy
  private let access: Access
  private let names: PickleNames
  private var members: [String: FileRegion] = [:]
  private var storages: [String: StoredStorage] = [:]
  private var tensors: [String: StoredTensor] = [:]

  private struct StoredStorage {
    let root: String
    let dtype: DType?
    let location: String
    let rootByteCount: Int
    let range: Range<Int>
    /// Where the values of a storage that is no part of another are.
    let region: FileRegion
  }

  private struct StoredTensor {
    let storage: String
    let shape: [Int]
    let strides: [Int]
    let offset: Int
  }

  private static let maximumRank = 64

  init(
    _ file: InputFile, policy: PickleMachine.Policy, names: PickleNames, access: Access
  ) throws(CheckpointError) {
    self.names = names
    self.file = file
    self.policy = policy
    self.access = access
    members = try Self.members(of: file)
    guard members["pickle"] != nil, members["storages"] != nil, members["tensors"] != nil else {
      throw CheckpointError(
        .notThisFormat, file: file.path, reason: "it is a tar archive, not a PyTorch file",
        advice: "Unpack it; the checkpoint may be inside.")
    }
    try readStorages()
    try readTensors()
  }

  func object() throws(CheckpointError) -> PickleObject {
    let storages = storages
    let tensors = tensors
    let input = try input("pickle")
    let machine = PickleMachine(input, policy: policy, names: names) {
      (value, machine) throws(CheckpointError) in
      if let parts = value.elements, let first = parts.first, case .global = first { return first }
      let key = value.description
      if let tensor = tensors[key], let storage = storages[tensor.storage] {
        let source = try machine.adopt(Self.node(storage))
        return .tensor(
          try machine.adopt(
            PickleTensor(
              storage: source, dtype: storage.dtype ?? .uint8, offset: tensor.offset,
              shape: tensor.shape, strides: tensor.strides)))
      }
      guard let storage = storages[key] else {
        throw machine.damaged("it refers to tensor \(key), which is not in the file")
      }
      return .storage(try machine.adopt(Self.node(storage)))
    }
    let root = try machine.run()
    let found = PyTorchStorages(file: file, access: access, isBigEndian: false) {
      (key) throws(CheckpointError) in
      guard let region = storages[key]?.region else { return nil }
      return (region.range.count, { () throws(CheckpointError) in .region(region, crc32: nil) })
    }
    return PickleObject(root: root, machine: machine, storages: found)
  }

  private static func node(_ storage: StoredStorage) -> PickleStorage {
    PickleStorage(
      key: storage.root, dtype: storage.dtype, location: storage.location,
      byteCount: storage.rootByteCount, range: storage.range)
  }

  private static func members(of file: InputFile) throws(CheckpointError) -> [String: FileRegion] {
    var members: [String: FileRegion] = [:]
    var position = 0
    while position <= file.byteCount - TarHeader.length {
      let bytes = try reportingFileErrors { () throws(FileError) in
        try file.bytes(in: position..<position + TarHeader.length)
      }
      if bytes.allSatisfy({ $0 == 0 }) { return members }
      let start = position + TarHeader.length
      guard let header = TarHeader(bytes[...]), header.byteCount <= file.byteCount - start else {
        throw CheckpointError(
          .damaged, file: file.path, place: "tar archive, byte \(position)",
          reason: "a member's header is invalid, or the member is cut short",
          advice: ZipEnd.cutShort)
      }
      let name = header.name.hasPrefix("./") ? String(header.name.dropFirst(2)) : header.name
      let region = try reportingFileErrors { () throws(FileError) in
        try FileRegion(file, start..<start + header.byteCount)
      }
      guard members.updateValue(region, forKey: name) == nil else {
        throw CheckpointError(
          .refused, file: file.path, place: name, reason: "the archive has two members of this name"
        )
      }
      position =
        start + (header.byteCount + TarHeader.length - 1) / TarHeader.length * TarHeader.length
    }
    // A block of zeros ends every archive, and was not met.
    throw CheckpointError(
      .damaged, file: file.path, place: "tar archive", reason: "its end is missing",
      advice: ZipEnd.cutShort)
  }

  private func input(_ name: String) throws(CheckpointError) -> PickleInput {
    guard let region = members[name] else {
      throw CheckpointError(
        .damaged, file: file.path, reason: "the archive has no member \(name)")
    }
    return PickleInput(region, name: name)
  }

  /// Interprets the pickle that comes next, and gives its parts to `body`.
  private func pickled<R>(
    _ input: PickleInput, _ body: (PickleValue) -> R?
  ) throws(CheckpointError) -> R {
    let machine = PickleMachine(input, policy: policy, names: names) {
      (_, machine) throws(CheckpointError) in
      throw machine.damaged("it refers to something outside it where nothing is")
    }
    guard let result = try machine.interpret(body) else {
      throw input.error(.damaged, "a description of a storage or tensor is not one")
    }
    return result
  }

  private mutating func readStorages() throws(CheckpointError) {
    let input = try input("storages")
    guard let base = members["storages"]?.range.lowerBound else { return }
    let count = try pickled(input) { $0.intValue }
    for _ in 0..<max(count, 0) {
      let (key, location, type) = try pickled(input) { value -> (String, String, PickleGlobal)? in
        guard let parts = value.elements, parts.count == 3, let location = parts[1].stringValue,
          case .global(let type) = parts[2]
        else { return nil }
        return (parts[0].description, location, type)
      }
      guard case .storage(let dtype) = type.meaning else {
        throw input.error(.unsupported, "a storage is of class \(type.name), which is not read")
      }
      let elements = try input.unsigned(8)
      let (byteCount, overflow) = elements.multipliedReportingOverflow(
        by: UInt64(dtype?.itemSize ?? 1))
      guard !overflow, let length = Int(exactly: byteCount) else {
        throw input.error(.damaged, "a storage is said to have \(elements) elements")
      }
      let start = base + input.position
      try input.skip(length)
      let region = try reportingFileErrors { () throws(FileError) in
        try FileRegion(file, start..<start + length)
      }
      storages[key] = StoredStorage(
        root: key, dtype: dtype, location: location, rootByteCount: length, range: 0..<length,
        region: region)
    }
    try readViews(input)
  }

  /// Storages that are parts of others: key, key of the whole, offset and length in elements.
  private mutating func readViews(_ input: PickleInput) throws(CheckpointError) {
    let views = try pickled(input) { value -> [(String, String, Int, Int)]? in
      guard let list = value.elements else { return nil }
      let views = list.compactMap { view -> (String, String, Int, Int)? in
        guard let parts = view.elements, parts.count == 4, let offset = parts[2].intValue,
          let length = parts[3].intValue
        else { return nil }
        return (parts[0].description, parts[1].description, offset, length)
      }
      return views.count == list.count ? views : nil
    }
    for (key, rootKey, offset, length) in views {
      guard let root = storages[rootKey] else {
        throw input.error(.damaged, "a part of storage \(rootKey) is in no storage")
      }
      let itemSize = root.dtype?.itemSize ?? 1
      let capacity = root.rootByteCount / itemSize
      guard offset >= 0, length >= 0, offset <= capacity, length <= capacity - offset else {
        throw input.error(.damaged, "a part of storage \(rootKey) is not within it")
      }
      storages[key] = StoredStorage(
        root: rootKey, dtype: root.dtype, location: root.location,
        rootByteCount: root.rootByteCount, range: offset * itemSize..<(offset + length) * itemSize,
        region: root.region)
    }
  }

  private mutating func readTensors() throws(CheckpointError) {
    let input = try input("tensors")
    let count = try pickled(input) { $0.intValue }
    for _ in 0..<max(count, 0) {
      let (key, storage) = try pickled(input) { value -> (String, String)? in
        guard let parts = value.elements, parts.count == 3 else { return nil }
        return (parts[0].description, parts[1].description)
      }
      let rank = try input.unsigned(4)
      guard rank <= Self.maximumRank else {
        throw input.error(.damaged, "a tensor is said to have \(rank) dimensions")
      }
      try input.skip(4)
      let shape = try integers(Int(rank), input)
      let strides = try integers(Int(rank), input)
      let offset = try integers(1, input)[0]
      tensors[key] = StoredTensor(storage: storage, shape: shape, strides: strides, offset: offset)
    }
  }

  private func integers(_ count: Int, _ input: PickleInput) throws(CheckpointError) -> [Int] {
    var numbers: [Int] = []
    for _ in 0..<count { numbers.append(Int(truncatingIfNeeded: try input.unsigned(8))) }
    return numbers
  }
}

/// The header of a member of a tar archive.
struct TarHeader {
  static let length = 512
  let name: String
  let byteCount: Int

  /// The header in these bytes, or nil if by their checksum they are not one.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= Self.length else { return nil }
    let bytes = Array(bytes.prefix(Self.length))
    func octal(_ range: Range<Int>) -> Int? {
      let digits = bytes[range].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
      return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
    let sum = bytes.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[$1])) }
    guard octal(148..<156) == sum, let byteCount = octal(124..<136) else { return nil }
    self.byteCount = byteCount
    name = String(decoding: bytes[0..<100].prefix { $0 != 0 }, as: UTF8.self)
  }
}
