import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Makes one object, as from one pickle, of the values of a distributed checkpoint.
final class DistributedObjects {
  /// What has to live as long as the object is used.
  private(set) var machines: [PickleMachine] = []
  /// What is worth knowing, a sentence each.
  private(set) var notes: [String] = []
  /// What of the files beside the pieces has no place.
  private(set) var losses: [ConversionLoss] = []

  private let folder: DistributedFolder
  private let machine: PickleMachine
  private let access: Access
  private let options: ReadOptions
  /// The storages of tensors by the names that they have in the object.
  private var storages: [String: Storage] = [:]
  private var storageNames: [ObjectIdentifier: String] = [:]
  /// The objects that were read: several keys may be of the same bytes.
  private var values: [DistributedMetadata.Item: PickleValue] = [:]
  /// The archives of objects that have tensors within, by what is before the names of their storages.
  private var archives: [String: PyTorchArchive] = [:]

  init(
    _ folder: DistributedFolder, _ machine: PickleMachine, _ access: Access, _ options: ReadOptions
  ) {
    self.folder = folder
    self.machine = machine
    self.access = access
    self.options = options
  }

  /// The object that was saved.
  ///
  /// - Parameter bundle: Its tensors.
  func object(_ bundle: TensorBundle) throws(CheckpointError) -> PickleObject {
    let tree = DistributedTree()
    for (key, content) in folder.metadata.contents {
      let value: PickleValue
      switch content {
      case .object(let item):
        if let known = values[item] {
          value = known
        } else {
          value = try self.value(item, key)
          values[item] = value
        }
      case .tensor:
        guard let array = bundle.tensors[key]?.array else { continue }
        value = .tensor(try tensor(array))
      }
      let path = folder.metadata.paths[key] ?? [.key(key)]
      do throws(DistributedTree.Conflict) {
        try tree.set(value, at: path)
      } catch {
        throw conflict(error, key)
      }
    }
    for (name, file) in folder.companions { try add(name, file, to: tree) }
    var optimizerNotes = DistributedTree.Notes()
    try tree.restoreOptimizers(machine, &optimizerNotes)
    notes += optimizerNotes.texts
    let root = try tree.object(machine) { conflict($0, nil) }
    let (storages, archives, access) = (storages, archives, access)
    let all = PyTorchStorages(file: folder.table, access: access, isBigEndian: false) {
      (key) throws(CheckpointError) in
      if let storage = storages[key] {
        return (storage.byteCount, { () throws(CheckpointError) in .memory(storage) })
      }
      guard let slash = key.firstIndex(of: "/"), let archive = archives[String(key[...slash])]
      else {
        return nil
      }
      return archive.record(String(key[key.index(after: slash)...]), access)
    }
    return PickleObject(root: root, machine: machine, storages: all)
  }

  /// Puts the entries of a dictionary that was saved beside the pieces beside those of the folder.
  private func add(
    _ name: String, _ file: InputFile, to tree: DistributedTree
  ) throws(CheckpointError) {
    let value = try self.value(in: file, name)
    guard let dict = value.dict else {
      losses.append(
        ConversionLoss(
          .metadataDropped, name, "it holds \(value.kind), and no dictionary of values"))
      return
    }
    for (key, value) in dict.entries {
      guard let text = key.stringValue else {
        losses.append(
          ConversionLoss(
            .metadataDropped, "\(name), \(key.description)", "its key is \(key.kind), and no text"))
        continue
      }
      do throws(DistributedTree.Conflict) {
        try tree.set(value, at: CollectionOfOne(.key(text)))
      } catch {
        losses.append(
          ConversionLoss(
            .metadataDropped, "\(name), \(text)", "the pieces have an entry of this name, too"))
      }
    }
  }

  private func conflict(_ conflict: DistributedTree.Conflict, _ key: String?) -> CheckpointError {
    CheckpointError(
      conflict.code, file: folder.table.path, place: key, reason: conflict.reason)
  }

  /// A tensor of the object whose elements an array has.
  private func tensor(_ array: NDArray) throws(CheckpointError) -> PickleTensor {
    let identity = ObjectIdentifier(array.storage)
    let name = storageNames[identity] ?? String(storages.count)
    storageNames[identity] = name
    storages[name] = array.storage
    let storage = try machine.adopt(
      PickleStorage(key: name, dtype: nil, location: "cpu", byteCount: array.storage.byteCount))
    return try machine.adopt(
      PickleTensor(
        storage: storage, dtype: array.dtype, offset: array.layout.offset,
        shape: array.shape.dimensions, strides: array.layout.strides))
  }

  /// A value that is no tensor.
  private func value(
    _ item: DistributedMetadata.Item, _ key: String
  ) throws(CheckpointError) -> PickleValue {
    try value(in: folder.window(item), key)
  }

  /// What a file, or a piece of one, has saved that is no tensor.
  private func value(in window: InputFile, _ key: String) throws(CheckpointError) -> PickleValue {
    try DistributedFolder.naming(key) { () throws(CheckpointError) in
      switch try DistributedFolder.form(of: window) {
      case .zip:
        let archive = try PyTorchArchive(ZipArchive(window))
        let prefix = "\(archives.count):/"
        let object = try archive.unpickle(
          policy: options.allowsDangerousNames ? .keep : .refuse, names: PickleNames(),
          access: access, prefix: prefix)
        machines.append(object.machine)
        if try archive.isBigEndian() {
          throw CheckpointError(
            .unsupported, file: window.path, reason: "an object in it is of a big-endian machine")
        }
        archives[prefix] = archive
        return object.root
      case .legacy:
        throw CheckpointError(
          .unsupported, file: window.path,
          reason:
            "an object in it is in the form of PyTorch before 1.6, which PyTorch does not save "
            + "in such a folder")
      case .safetensors, .raw:
        // PyTorch saves objects of any kind by torch.save, bytes too.
        throw CheckpointError(
          .damaged, file: window.path, reason: "its object is nothing that torch.save writes")
      }
    }
  }
}
