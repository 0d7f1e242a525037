import Arrays
import Checkpoints
import Files

/// The zip archive of a PyTorch file: a pickle, and a member for each storage.
struct PyTorchArchive: Sendable {
  /// What is in it, and where.
  enum Content: Sendable {
    /// A pickle, `data.pkl`, and storages in `data/`.
    case saved
    /// Pickles of `torch.package`.
    case package
    /// A program of `torch.export`.
    case exported
  }

  let zip: ZipArchive
  /// The folder that holds everything. PyTorch names it after the file.
  let root: String
  let version: Int?
  let isTorchScript: Bool
  let content: Content

  private static let newestVersion = 10
  /// A pickle that is compressed is expanded in memory; this is far more than any needs.
  private static let maximumExpandedPickle = 256 << 20
  private static let maximumNote = 64

  init(_ zip: ZipArchive) throws(CheckpointError) {
    let file = zip.file
    var roots = Self.roots(of: zip)
    if let root = PackageArchive.root(of: zip) {
      (roots, content) = ([root], .package)
    } else if let root = ExportedProgram.root(of: zip) {
      (roots, content) = ([root], .exported)
    } else {
      content = .saved
    }
    guard let root = roots.first else { throw Self.notPyTorch(zip) }
    guard roots.count == 1 else {
      throw CheckpointError(
        .refused, file: file.path,
        reason: "the archive holds several checkpoints: \(roots.joined(separator: ", "))")
    }
    let zip = try zip.accounted()
    self.zip = zip
    self.root = root
    isTorchScript = zip["\(root)/constants.pkl"] != nil
    version = try Self.version(zip, root)
  }

  /// Whether an archive is one of PyTorch's.
  static func isLikely(_ zip: ZipArchive) -> Bool {
    !roots(of: zip).isEmpty || PackageArchive.root(of: zip) != nil
      || ExportedProgram.root(of: zip) != nil
  }

  /// The folders that are checkpoints.
  private static func roots(of zip: ZipArchive) -> [String] {
    let suffix = "/data.pkl"
    return zip.entries.filter { $0.name.hasSuffix(suffix) }
      .map { String($0.name.dropLast(suffix.count)) }
      .filter { !$0.contains("/") }
  }

  /// Interprets `data.pkl`, or the pickles of a package.
  ///
  /// - Parameter prefix: What is put before the names of storages, where the objects of several archives
  ///   become one.
  func unpickle(
    policy: PickleMachine.Policy, names: PickleNames, access: Access, prefix: String = ""
  ) throws(CheckpointError) -> PickleObject {
    if content == .package {
      return try PackageArchive(zip, root: root).unpickle(
        policy: policy, names: names, storages: try storages(access))
    }
    guard let entry = zip["\(root)/data.pkl"] else { throw Self.notPyTorch(zip) }
    let input: PickleInput
    if let region = try zip.region(of: entry) {
      try zip.verifyCRC(of: entry)
      input = PickleInput(region, name: "data.pkl")
    } else {
      let bytes = try zip.bytes(of: entry, limit: Self.maximumExpandedPickle)
      input = PickleInput(bytes, file: zip.file.path, name: "data.pkl")
    }
    let machine = PickleMachine(input, policy: policy, names: names) {
      (value, machine) throws(CheckpointError) in
      let value = try PersistentStorage.zip(value, machine)
      guard !prefix.isEmpty, case .storage(let storage) = value else { return value }
      return .storage(try machine.adopt(storage.renamed(prefix + storage.key)))
    }
    let object = try machine.run()
    try input.requireEnd()
    return PickleObject(root: object, machine: machine, storages: try storages(access))
  }

  /// The text that Ballast kept beside the object, nil if the file is not Ballast's.
  func outline() throws(CheckpointError) -> [UInt8]? {
    guard let entry = zip["\(root)/\(PyTorchOutline.memberName)"] else { return nil }
    return try zip.bytes(of: entry, limit: PyTorchOutline.maximumByteCount)
  }

  /// What the code of a TorchScript program says of its classes; nil if the file holds none.
  func scriptClasses() throws(CheckpointError) -> ScriptClasses? {
    isTorchScript ? try ScriptClasses(zip, root: root) : nil
  }

  /// Reads the tensors of an exported program.
  func program(_ access: Access) throws(CheckpointError) -> ReadResult {
    try ExportedProgram(zip, root: root, storages: storages(access)).read()
  }

  private func storages(_ access: Access) throws(CheckpointError) -> PyTorchStorages {
    PyTorchStorages(file: zip.file, access: access, isBigEndian: try isBigEndian()) {
      [self] (key) throws(CheckpointError) in record(key, access)
    }
  }

  /// How many bytes a storage has, and a way to get them; nil if there is none of this name.
  func record(
    _ key: String, _ access: Access
  ) -> (Int, () throws(CheckpointError) -> StorageRecord)? {
    let zip = zip
    let name = content == .package ? "\(root)/.data/\(key).storage" : "\(root)/data/\(key)"
    guard let entry = zip[name] else { return nil }
    return (
      entry.byteCount,
      { () throws(CheckpointError) in
        if let region = try zip.region(of: entry) {
          return .region(region, crc32: entry.hasChecksum ? entry.crc32 : nil)
        }
        return .memory(
          try access == .unverified ? zip.storage(of: entry) : zip.verifiedStorage(of: entry))
      }
    )
  }

  /// Archives without the member are older than it, and were all written on little-endian machines.
  func isBigEndian() throws(CheckpointError) -> Bool {
    guard let entry = zip["\(root)/byteorder"] else { return false }
    let text = String(decoding: try zip.bytes(of: entry, limit: Self.maximumNote), as: UTF8.self)
    switch text {
    case "little": return false
    case "big": return true
    default:
      throw CheckpointError(
        .damaged, file: zip.file.path, place: entry.name,
        reason: "the byte order is \(text.debugDescription), neither little nor big")
    }
  }

  private static func version(_ zip: ZipArchive, _ root: String) throws(CheckpointError) -> Int? {
    guard let entry = zip["\(root)/version"] ?? zip["\(root)/.data/version"] else { return nil }
    let bytes = try zip.bytes(of: entry, limit: maximumNote)
    let text = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    guard let version = Int(text) else {
      throw CheckpointError(
        .damaged, file: zip.file.path, place: entry.name,
        reason: "the version is \(text.debugDescription), not a number")
    }
    guard (1...newestVersion).contains(version) else {
      throw CheckpointError(
        .unsupported, file: zip.file.path, place: entry.name,
        reason: "the archive is of version \(version); versions up to \(newestVersion) are known")
    }
    return version
  }

  /// What another zip archive is.
  private static func notPyTorch(_ zip: ZipArchive) -> CheckpointError {
    let names = zip.entries.map(\.name)
    func has(_ name: String) -> Bool { names.contains(name) }
    let what: String
    var advice: String?
    if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
      what = "a NumPy .npz archive"
    } else if has("config.json") && has("metadata.json") {
      what = "a Keras .keras archive"
    } else if let nested = names.first(where: { $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }) {
      what = "a zip archive in which data.pkl is at \(nested) and not in one folder"
      advice = "Unpack it; the checkpoint is inside."
    } else if let inner = names.first(where: { name in
      [".pt", ".pth", ".bin", ".ckpt"].contains { name.hasSuffix($0) }
    }) {
      what = "a zip archive that holds \(inner)"
      advice = "Unpack it; the checkpoint is inside."
    } else {
      what = "a zip archive without data.pkl"
    }
    return CheckpointError(
      .notThisFormat, file: zip.file.path, reason: "it is \(what), not a PyTorch file",
      advice: advice)
  }
}
