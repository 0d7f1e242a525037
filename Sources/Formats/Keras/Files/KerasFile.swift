import Arrays
import Checkpoints
import HDF5

/// What Keras's kinds of files have in common, and how they are told from others.
enum KerasFile {
  /// The largest config that is read. Those of large models are a few megabytes.
  static let maximumConfigByteCount = 256 << 20
  /// The name under which the metadata keep what the way back needs.
  static let metadataName = "ballast.keras"
  /// The dataset of a file that Ballast wrote, in which it keeps what Keras has no place for.
  static let outlineName = "ballast_outline"
  /// The name under which the outline of a file of weights keeps the config that the file lacks.
  static let configName = "ballast.keras.config"
  /// The ending of an index of several files of weights.
  static let indexSuffix = ".weights.json"

  /// The format of a file of Keras, nil if it is none.
  ///
  /// - Throws: `FileError` or ``InterchangeError`` if the file cannot be read.
  static func detect(_ file: InputFile) throws -> FileFormat? {
    if file.path.hasSuffix(indexSuffix) { return .kerasWeights }
    if let beginning = try? file.bytes(in: 0..<min(file.byteCount, 4)),
      beginning == [0x50, 0x4B, 0x03, 0x04]
    {
      guard let archive = try? ZipArchive(file) else { return nil }
      return KerasArchive.isLikely(archive) ? .keras : nil
    }
    guard let content = try? HDF5Content(file), let scan = try? content.scan(),
      let root = try? scan.root()
    else { return nil }
    return kind(of: root)
  }

  /// The format of an HDF5 file, nil if it is none of Keras's.
  private static func kind(of root: HDF5ScannedGroup) -> FileFormat? {
    func hasAttribute(_ name: String) -> Bool { (try? root.attributes.attribute(name)) != nil }
    func leads(_ name: String) -> Bool { (try? root.link(name)) != nil }
    if hasAttribute("model_config") || leads("model_weights")
      || ["layer_names", "layer_names0"].contains(where: hasAttribute)
    {
      return .kerasLegacy
    }
    for container in ["layers", "_layer_checkpoint_dependencies"] {
      guard let group = try? root.group(container) else { continue }
      if hasVariables(group) { return .kerasWeights }
    }
    // Models that are classes of their own have their attributes' names in the place of `layers`.
    return leads("vars") && hasVariables(root) ? .kerasWeights : nil
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
