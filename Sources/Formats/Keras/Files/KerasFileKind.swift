import Arrays
import Checkpoints
import Files
import HDF5

/// The three kinds of files that Keras writes.
enum KerasFileKind: String {
  /// A whole model of Keras 3: the `.keras` archive.
  case archive = "keras"
  /// The weights of a model of Keras 3: `.weights.h5`, one file or several with an index.
  case weights = "keras-weights"
  /// The HDF5 that Keras wrote before version 3, a whole model or its weights.
  case legacy = "keras-legacy"

  /// The ending of an index of several files of weights.
  static let indexSuffix = ".weights.json"

  /// The kind of a file, by what is in it; nil if it is none of Keras's.
  ///
  /// - Throws: `CheckpointError` if the file cannot be read.
  init?(_ probe: FileProbe) throws(CheckpointError) {
    guard !probe.isFolder else { return nil }
    if probe.path.hasSuffix(Self.indexSuffix) {
      self = .weights
    } else if let archive = try ifSound({ try probe.zip() }) {
      guard KerasArchive.isLikely(archive) else { return nil }
      self = .archive
    } else if let root = try ifSound({ try probe.hdf5()?.root() }),
      let kind = try Self.kind(of: root)
    {
      self = kind
    } else {
      return nil
    }
  }

  /// The kind of an HDF5 file, nil if it is none of Keras's.
  private static func kind(of root: HDF5ScannedGroup) throws(CheckpointError) -> KerasFileKind? {
    func hasAttribute(_ name: String) throws(CheckpointError) -> Bool {
      try ifSound { try root.attributes.attribute(name) } != nil
    }
    func leads(_ name: String) throws(CheckpointError) -> Bool {
      try ifSound { try root.link(name) } != nil
    }
    for name in ["model_config", "layer_names", "layer_names0"] {
      if try hasAttribute(name) { return .legacy }
    }
    if try leads("model_weights") { return .legacy }
    for container in ["layers", "_layer_checkpoint_dependencies"] {
      guard let group = try ifSound({ try root.group(container) }) else { continue }
      if try hasVariables(group) { return .weights }
    }
    // Models that are classes of their own have their attributes' names in the place of `layers`.
    guard try leads("vars") else { return nil }
    return try hasVariables(root) ? .weights : nil
  }

  /// How far the groups of variables are looked for.
  private static let depth = 4
  private static let breadth = 64

  /// Whether there is a group of variables within a group, in one of its first members.
  private static func hasVariables(
    _ group: HDF5ScannedGroup, depth: Int = depth
  ) throws(CheckpointError) -> Bool {
    guard depth > 0, let links = try ifSound({ try group.links() }) else { return false }
    for link in links.lazy.filter({ $0.name != "vars" }).prefix(breadth) {
      guard let child = try ifSound({ try group.group(link.name) }) else { continue }
      if try ifSound({ try child.link("vars") }) != nil { return true }
      if try hasVariables(child, depth: depth - 1) { return true }
    }
    return false
  }
}
