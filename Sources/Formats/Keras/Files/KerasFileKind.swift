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
  /// - Throws: ``CheckpointError`` if the file cannot be read.
  init?(_ probe: FileProbe) throws(CheckpointError) {
    guard !probe.isFolder else { return nil }
    if probe.path.hasSuffix(Self.indexSuffix) {
      self = .weights
    } else if let archive = try? probe.zip() {
      guard KerasArchive.isLikely(archive) else { return nil }
      self = .archive
    } else if let scan = try? probe.hdf5(), let root = try? scan.root(),
      let kind = Self.kind(of: root)
    {
      self = kind
    } else {
      return nil
    }
  }

  /// The kind of an HDF5 file, nil if it is none of Keras's.
  private static func kind(of root: HDF5ScannedGroup) -> KerasFileKind? {
    func hasAttribute(_ name: String) -> Bool { (try? root.attributes.attribute(name)) != nil }
    func leads(_ name: String) -> Bool { (try? root.link(name)) != nil }
    if hasAttribute("model_config") || leads("model_weights")
      || ["layer_names", "layer_names0"].contains(where: hasAttribute)
    {
      return .legacy
    }
    for container in ["layers", "_layer_checkpoint_dependencies"] {
      guard let group = try? root.group(container) else { continue }
      if hasVariables(group) { return .weights }
    }
    // Models that are classes of their own have their attributes' names in the place of `layers`.
    return leads("vars") && hasVariables(root) ? .weights : nil
  }

  /// How far the groups of variables are looked for.
  private static let depth = 4
  private static let breadth = 64

  /// Whether there is a group of variables within a group, in one of its first members.
  private static func hasVariables(_ group: HDF5ScannedGroup, depth: Int = depth) -> Bool {
    guard depth > 0, let links = try? group.links() else { return false }
    return links.lazy.filter { $0.name != "vars" }.prefix(breadth).contains { link in
      guard let child = try? group.group(link.name) else { return false }
      return (try? child.link("vars")) != nil || hasVariables(child, depth: depth - 1)
    }
  }
}
