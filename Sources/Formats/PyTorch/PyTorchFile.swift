import Arrays
import Checkpoints
import Files

/// A file that PyTorch saved.
///
/// Reads what `torch.save` has written since 2016: zip archives, the older sequence of pickles, tar
/// archives, TorchScript archives, archives of `torch.package` and of `torch.export`, and bare
/// pickles. The file is interpreted as data: no class in it is imported and no function called. A
/// file that needs more is refused with the name of what it needs.
///
/// ```swift
/// let file = try PyTorchFile("model.pth")
/// let result = try file.read()
/// result.checkpoint.state["conv1.weight"]
/// ```
public final class PyTorchFile: Sendable {
  /// The container in which the pickle and the tensors are packed.
  public enum Container: String, Sendable {
    /// The zip archive that PyTorch has written since 1.6.
    case zip
    /// A zip archive that holds a TorchScript program.
    case torchScript
    /// The zip archive of `torch.package`: pickles, and the program that they need.
    case package
    /// The zip archive of `torch.export`, `.pt2`: tensors, and a program.
    case exported
    /// The sequence of five pickles and raw storages that PyTorch wrote from 0.1.10 to 1.5.
    case legacy
    /// The tar archive that PyTorch wrote before 0.1.10.
    case tar
    /// A single pickle, without tensors of PyTorch outside it.
    case pickle
  }

  /// The path of the file, as the caller named it.
  public var path: String { file.path }
  /// The container in which the file is packed.
  public let container: Container
  /// The version of the zip container, if the file is one and states it; nil otherwise.
  public let version: Int?
  /// How tensors come into memory, and what is compared with checksums.
  public let access: Access

  /// Which part of the object is read: see ``ReadOptions/root``.
  let root: String?
  /// Whether names of ``DangerousNames`` are kept as data, as others are.
  let allowsDangerousNames: Bool
  let file: InputFile
  let archive: PyTorchArchive?
  /// Where a pickle begins that is behind the header of NumPy's, nil for all others.
  private let objectsStart: Int?

  /// Opens a file and determines its container. Tensors are not read yet.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - access: How ``read()`` brings tensors into memory, and what it compares with checksums. What is
  ///     mapped belongs to the file, which nobody may write while it is used.
  /// - Throws: `CheckpointError`: `notThisFormat` with what the file is instead, `damaged` if it is
  ///   cut short or contradicts itself, `refused` if a zip archive holds several checkpoints or
  ///   different readers could see different content, `inputOutput` if it cannot be read.
  public convenience init(_ path: String, access: Access = .mapped) throws(CheckpointError) {
    try self.init(FileProbe(path), access)
  }

  /// Determines the container of a file that is open.
  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    file = try probe.file
    root = probe.options.root
    allowsDangerousNames = probe.options.allowsDangerousNames
    self.access = access
    let kind = try FileKind(probe)
    objectsStart = if case .objects(let start) = kind { start } else { nil }
    switch kind {
    case .zip(let zip):
      let archive = try PyTorchArchive(zip)
      self.archive = archive
      version = archive.version
      container =
        switch archive.content {
        case .saved: archive.isTorchScript ? .torchScript : .zip
        case .package: .package
        case .exported: .exported
        }
    case .legacy:
      (archive, version, container) = (nil, nil, .legacy)
    case .tar:
      (archive, version, container) = (nil, nil, .tar)
    case .pickle, .objects:
      (archive, version, container) = (nil, nil, .pickle)
    }
  }

  /// The same file with another access.
  func with(_ access: Access) -> PyTorchFile { PyTorchFile(self, access) }

  private init(_ other: PyTorchFile, _ access: Access) {
    (file, container, version, archive) = (
      other.file, other.container, other.version, other.archive
    )
    objectsStart = other.objectsStart
    root = other.root
    allowsDangerousNames = other.allowsDangerousNames
    self.access = access
  }

  /// The classes and functions that the file's pickle names, in the order in which they first
  /// occur: `collections.OrderedDict`.
  ///
  /// No name is refused here, so that a file that ``read()`` refuses can be inspected. If the
  /// pickle needs something else that is refused or not supported, the names before that point
  /// are returned.
  ///
  /// - Throws: `CheckpointError` if the file cannot be read or is damaged.
  public func globals() throws(CheckpointError) -> [String] { Array(try names().all) }

  /// The names of ``globals()``, and which of them are dangerous.
  func names() throws(CheckpointError) -> PickleNames {
    let names = PickleNames()
    // A program of torch.export has no pickle of its own.
    guard container != .exported else { return names }
    do throws(CheckpointError) {
      _ = try unpickle(policy: .survey, names: names)
    } catch  where error.code == .refused || error.code == .unsupported {
      // What was named before the pickle went wrong is still worth knowing.
    }
    return names
  }

  /// Reads the content of the file as a checkpoint.
  ///
  /// The arrays are mapped or own their values, as ``access`` says. `PyTorchStructure` describes
  /// how the model, the optimizer and the rest are found in the object that was saved.
  ///
  /// - Returns: The checkpoint, by which rules its roles were found, and what it could not take
  ///   over.
  /// - Throws: `CheckpointError`: `refused` if the pickle names something through which a program
  ///   could be run, `damaged`, `unsupported`, or `inputOutput` if the file cannot be read.
  public func read() throws(CheckpointError) -> ReadResult {
    if container == .exported, let archive {
      var result = try archive.program(access)
      if let root, !root.isEmpty { try result.takeRoot(root, file: path) }
      return result
    }
    let object = try unpickle(policy: allowsDangerousNames ? .keep : .refuse)
    try withExtendedLifetime(object) { () throws(CheckpointError) in
      try object.requireWholeParameters()
    }
    let outline = try archive?.outline()
    let scriptClasses = try archive?.scriptClasses()
    var result = try withExtendedLifetime(object) { () throws(CheckpointError) in
      try CheckpointBuilder(object, outline: outline, scriptClasses: scriptClasses, root: root)
        .read()
    }
    if objectsStart != nil {
      result.notes.append(
        "it is an array of NumPy's that holds Python objects, and was read as their pickle")
    }
    return result
  }

  /// Runs the pickle in whatever container it is.
  private func unpickle(
    policy: PickleMachine.Policy, names: PickleNames = PickleNames()
  ) throws(CheckpointError) -> PickleObject {
    switch container {
    case .zip, .torchScript, .package, .exported:
      guard let archive else { break }
      return try archive.unpickle(policy: policy, names: names, access: access)
    case .legacy:
      return try LegacyReader(file, policy: policy, names: names, access: access).object()
    case .tar: return try TarReader(file, policy: policy, names: names, access: access).object()
    case .pickle: break
    }
    return try unpickleAlone(policy: policy, names: names)
  }

  /// Runs a pickle that is the whole file.
  private func unpickleAlone(
    policy: PickleMachine.Policy, names: PickleNames
  ) throws(CheckpointError) -> PickleObject {
    let region = try reportingFileErrors { () throws(FileError) in
      try FileRegion(file, (objectsStart ?? 0)..<file.byteCount)
    }
    let input = PickleInput(region, name: "pickle")
    let machine = PickleMachine(input, policy: policy, names: names) {
      (value, machine) throws(CheckpointError) in
      throw machine.unsupported("it refers to something outside the file: \(value.kind)")
    }
    var root = try machine.run()
    guard input.position == input.count else {
      throw input.error(.damaged, "\(input.count - input.position) bytes follow the pickle's end")
    }
    if objectsStart != nil {
      guard let content = ObjectArray.content(of: root) else {
        throw machine.unsupported(
          "its pickle is \(root.kind), and no array of objects with one axis or none")
      }
      root = content
    }
    let storages = PyTorchStorages(file: file, access: access, isBigEndian: false) {
      (_) throws(CheckpointError) in nil
    }
    return PickleObject(root: root, machine: machine, storages: storages)
  }
}

/// The object that a pickle describes, with what is needed to read its tensors.
struct PickleObject {
  let root: PickleValue
  /// Must live as long as `root` is used: it takes the values apart when it goes.
  let machine: PickleMachine
  let storages: PyTorchStorages
  /// Those of further pickles whose values are in `root`.
  var others: [PickleMachine] = []

  /// How many bytes of pickles it was made of, which bounds what it may unpack to.
  var pickleByteCount: Int { others.reduce(machine.input.position) { $0 + $1.input.position } }
}
