import Arrays
import Checkpoints
import Files

/// A file that PyTorch saved.
///
/// Reads what `torch.save` has written since 2016: zip archives, the older run of pickles, tar
/// archives, TorchScript archives and bare pickles. The file is interpreted as data: no class in
/// it is imported, no function called, and a file that asks for more is refused with the name of
/// what it asked for.
///
/// ```swift
/// let file = try PyTorchFile("model.pth")
/// let result = try file.read()
/// result.checkpoint.state["conv1.weight"]
/// ```
public final class PyTorchFile: Sendable {
  /// How the file is made.
  public enum Container: String, Sendable {
    /// The zip archive that PyTorch has written since 1.6.
    case zip
    /// A zip archive of a TorchScript program.
    case torchScript
    /// The run of five pickles and raw storages that PyTorch wrote from 0.1.10 to 1.5.
    case legacy
    /// The tar archive that PyTorch wrote before 0.1.10.
    case tar
    /// One pickle, without tensors of PyTorch outside it.
    case pickle
  }

  /// The path of the file, as the caller named it.
  public var path: String { file.path }
  /// How the file is made.
  public let container: Container
  /// The version of the zip container, if it is one and says.
  public let version: Int?
  /// How tensors come into memory.
  public let access: Access

  let file: InputFile
  let archive: PyTorchArchive?

  /// Opens a file and finds out how it is made. Tensors are not read yet.
  ///
  /// - Throws: `CheckpointError`: `notThisFormat` with what the file is instead, `damaged` if it
  ///   is cut short or contradicts itself, `io` if the file cannot be read.
  public convenience init(_ path: String, access: Access = .mapped) throws(CheckpointError) {
    try self.init(FileProbe(path), access)
  }

  /// Finds out how a file that is open is made.
  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    file = try probe.file
    self.access = access
    switch try FileKind(probe) {
    case .zip(let zip):
      let archive = try PyTorchArchive(zip)
      self.archive = archive
      version = archive.version
      container = archive.isTorchScript ? .torchScript : .zip
    case .legacy:
      (archive, version, container) = (nil, nil, .legacy)
    case .tar:
      (archive, version, container) = (nil, nil, .tar)
    case .pickle:
      (archive, version, container) = (nil, nil, .pickle)
    }
  }

  /// The same file, with another way to bring tensors into memory.
  func with(_ access: Access) -> PyTorchFile { PyTorchFile(self, access) }

  private init(_ other: PyTorchFile, _ access: Access) {
    (file, container, version, archive) = (
      other.file, other.container, other.version, other.archive
    )
    self.access = access
  }

  /// The names of the classes and functions that the file's pickle mentions, in order.
  ///
  /// This never refuses a name, so that a file that ``read()`` refuses can be looked at.
  public func globals() throws(CheckpointError) -> [String] {
    let names = PickleNames()
    do throws(CheckpointError) {
      _ = try unpickle(policy: .survey, names: names)
    } catch  where error.code == .refused || error.code == .unsupported {
      // What was named before the pickle went wrong is still worth knowing.
    }
    return Array(names.all)
  }

  /// Reads the file's content.
  ///
  /// The arrays of the result look at the file, or own their values, as ``access`` says. See
  /// `PyTorchStructure` for how the structure of the file is told.
  public func read() throws(CheckpointError) -> ReadResult {
    let object = try unpickle(policy: .refuse)
    let outline = try archive?.outline()
    return try withExtendedLifetime(object.machine) { () throws(CheckpointError) in
      try CheckpointBuilder(object, outline: outline).read()
    }
  }

  private func unpickle(
    policy: PickleMachine.Policy, names: PickleNames = PickleNames()
  ) throws(CheckpointError) -> PickleObject {
    switch container {
    case .zip, .torchScript:
      guard let archive else { break }
      return try archive.unpickle(policy: policy, names: names, access: access)
    case .legacy:
      return try LegacyReader(file, policy: policy, names: names, access: access).object()
    case .tar: return try TarReader(file, policy: policy, names: names, access: access).object()
    case .pickle: break
    }
    return try unpickleAlone(policy: policy, names: names)
  }

  /// A pickle that is the whole file.
  private func unpickleAlone(
    policy: PickleMachine.Policy, names: PickleNames
  ) throws(CheckpointError) -> PickleObject {
    let region = try reportingFileErrors { () throws(FileError) in
      try FileRegion(file, 0..<file.byteCount)
    }
    let input = PickleInput(region, name: "pickle")
    let machine = PickleMachine(input, policy: policy, names: names) {
      (value, machine) throws(CheckpointError) in
      throw machine.unsupported("it refers to something outside the file: \(value.kind)")
    }
    let root = try machine.run()
    guard input.position == input.count else {
      throw input.error(.damaged, "\(input.count - input.position) bytes follow the pickle's end")
    }
    let storages = PyTorchStorages(file: file, access: access, isBigEndian: false) {
      (_) throws(CheckpointError) in nil
    }
    return PickleObject(root: root, machine: machine, storages: storages)
  }
}

/// What a pickle came to, with what is needed to read its tensors.
struct PickleObject {
  let root: PickleValue
  /// Must live as long as `root` is used: it takes the values apart when it goes.
  let machine: PickleMachine
  let storages: PyTorchStorages
}
