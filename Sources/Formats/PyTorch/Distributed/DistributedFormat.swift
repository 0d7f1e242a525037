import Checkpoints
import Files
import States

/// The folders that `torch.distributed.checkpoint.save` writes (DCP): `.metadata`, and a `.distcp` file of
/// each process; and folders of Accelerate's with such of a model and an optimizer.
struct DistributedFormat: CheckpointFormat {
  let id = "torch-dcp"
  let displayName = "PyTorch distributed"
  /// None: it is a folder, of any name.
  let endings: [String] = []

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.keepsRoles = false
    traits.readsRoots = true
    traits.holdsSeveralModels = true
    traits.compression = .none("PyTorch reads pieces as they lie")
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard probe.isFolder else {
      if probe.name.hasSuffix(DistributedFolder.pieceSuffix) { return .likely }
      // The name of the class comes first in the pickle.
      guard probe.name == DistributedMetadata.fileName, probe.head.first == 0x80 else { return nil }
      return String(decoding: probe.head, as: UTF8.self).contains("torch.distributed.checkpoint")
        ? .certain : nil
    }
    let names = try probe.names()
    if names.contains(where: { $0.hasSuffix(DistributedFolder.pieceSuffix) }) { return .certain }
    if names.contains(AccelerateSource.modelFolder) { return .likely }
    guard names.contains(DistributedMetadata.fileName) else { return nil }
    // A folder of nothing but objects and no pieces has the table alone.
    let table = try ifSound { try FileProbe("\(probe.path)/\(DistributedMetadata.fileName)") }
    return table?.head.first == 0x80 ? .likely : nil
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    guard probe.isFolder, try probe.names().contains(AccelerateSource.modelFolder) else {
      return try DistributedSource(probe, access)
    }
    return try AccelerateSource(probe, access)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try DistributedWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// The folders of `torch.distributed.checkpoint` (DCP), as FSDP, torchtitan and others write them: pieces
  /// of tensors in a file of each process, and a table of what is where. It has no ending, since the folder
  /// may have any name.
  public static let pyTorchDistributed = FileFormat(DistributedFormat())
}
