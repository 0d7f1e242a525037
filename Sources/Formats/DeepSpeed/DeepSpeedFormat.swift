import Checkpoints

/// The folders in which DeepSpeed's engine saves: files of each rank, of which none has a whole parameter once
/// ZeRO divides them.
struct DeepSpeedFormat: CheckpointFormat {
  let id = "deepspeed"
  let displayName = "DeepSpeed"
  /// None: it is a folder, of any name.
  let endings: [String] = []

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.isWritable = false
    traits.compression = .none("DeepSpeed folders are only read")
    return traits
  }

  /// Recognises the folder of a tag, the one above it, and a file in it, which another format would take for a
  /// whole.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard probe.isFolder else {
      guard DeepSpeedFileName(probe.name) != nil else { return nil }
      return probe.head.starts(with: [0x50, 0x4B, 0x03, 0x04]) ? .certain : .likely
    }
    let names = try probe.names()
    if names.contains(where: { DeepSpeedFileName($0) != nil }) { return .certain }
    do throws(CheckpointError) {
      // Trainers put such folders beside the weights of a hub's repository.
      return try DeepSpeedFolder.tagged(probe.path, names) == nil ? nil : .likely
    } catch {
      guard error.code == .damaged else { throw error }
      return .likely
    }
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try DeepSpeedSource(probe, access)
  }
}

extension FileFormat {
  /// The folders of DeepSpeed's checkpoints: ZeRO of stages 1, 2 and 3, universal ones, and those without a
  /// partition. They are read, and not written. It has no ending, since the folder may have any name.
  public static let deepSpeed = FileFormat(DeepSpeedFormat())
}
