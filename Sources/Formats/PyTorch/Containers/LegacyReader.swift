import Arrays
import Checkpoints
import Files

/// Reads the format of PyTorch 0.1.10 to 1.5: five pickles, then the storages one by one.
///
/// The pickles are a magic number, the number of the protocol, facts about the machine, the
/// object, and the keys of the storages in the order in which their values follow. Each storage
/// is its number of elements in eight bytes and its values, always little-endian.
struct LegacyReader {
  private let file: InputFile
  private let policy: PickleMachine.Policy
  private let access: Access
  private let names: PickleNames

  private static let protocolVersion = 1001

  init(
    _ file: InputFile, policy: PickleMachine.Policy, names: PickleNames, access: Access
  ) {
    self.names = names
    self.file = file
    self.policy = policy
    self.access = access
  }

  func object() throws(CheckpointError) -> PickleObject {
    let region = try reportingFileErrors { () throws(FileError) in
      try FileRegion(file, 0..<file.byteCount)
    }
    let input = PickleInput(region, name: "pickles")
    // The magic number, by which the format was recognised.
    try plainPickle(input).interpret { _ in }
    let version = try plainPickle(input).interpret(\.intValue)
    guard version == Self.protocolVersion else {
      throw input.error(
        .unsupported,
        "the format is of version \(version.map(String.init) ?? "unknown"), not 1001")
    }
    guard try plainPickle(input).interpret({ $0.dict != nil }) else {
      throw input.error(.damaged, "the facts about the machine are not a dictionary")
    }
    var announced: [String: PickleStorage] = [:]
    let machine = PickleMachine(input, policy: policy, names: names) {
      (value, machine) throws(CheckpointError) in
      let result = try PersistentStorage.legacy(value, machine)
      if case .storage(let storage) = result {
        if let earlier = announced[storage.key], earlier.byteCount != storage.byteCount {
          throw machine.damaged("storage \"\(storage.key)\" is announced with two sizes")
        }
        announced[storage.key] = storage
      }
      return result
    }
    let root = try machine.run()
    guard let keys = try plainPickle(input).interpret({ $0.elements?.map(\.description) }) else {
      throw input.error(.damaged, "the keys of the storages are not a list")
    }
    let records = try records(of: keys, announced, input)
    let storages = PyTorchStorages(file: file, access: access, isBigEndian: false) {
      (key) throws(CheckpointError) in
      guard let region = records[key] else { return nil }
      return (region.range.count, { () throws(CheckpointError) in .region(region, crc32: nil) })
    }
    return PickleObject(root: root, machine: machine, storages: storages)
  }

  private func plainPickle(_ input: PickleInput) -> PickleMachine {
    PickleMachine(input, policy: policy, names: names) {
      (value, machine) throws(CheckpointError) in
      throw machine.damaged("it refers to something outside it where nothing is")
    }
  }

  private func records(
    of keys: [String], _ announced: [String: PickleStorage], _ input: PickleInput
  ) throws(CheckpointError) -> [String: FileRegion] {
    var records: [String: FileRegion] = [:]
    for key in keys {
      guard let storage = announced[key] else {
        throw input.error(.damaged, "storage \"\(key)\" is in the file and belongs to no tensor")
      }
      let count = try input.unsigned(8)
      let itemSize = storage.dtype?.itemSize ?? 1
      guard count == UInt64(storage.byteCount / itemSize) else {
        throw input.error(
          .damaged,
          "storage \"\(key)\" has \(count) elements where \(storage.byteCount / itemSize) were "
            + "announced")
      }
      let start = input.position
      try input.skip(storage.byteCount)
      records[key] = try reportingFileErrors { () throws(FileError) in
        try FileRegion(file, start..<start + storage.byteCount)
      }
    }
    guard input.position == input.count else {
      throw input.error(.damaged, "\(input.count - input.position) bytes follow the last storage")
    }
    return records
  }
}
