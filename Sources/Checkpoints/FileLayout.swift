import Arrays
import HDF5
import States

/// A file that libhdf5 has laid out: everything is in place but the bytes of uncompressed tensors,
/// the rows of the index that hold their digests, the file's size, and the checksum of the index.
struct FileLayout {
  /// The index, complete but for the digests of tensors that are still to be written.
  private(set) var index: CheckpointIndex
  /// Where the parts of the index that were not known yet belong.
  let room: IndexWriter.Room

  /// What begins at a multiple of 256 bytes. The threshold is above the size of what libhdf5 makes
  /// for each group and dataset, which would otherwise be padded too.
  private static let alignment = HDF5FileOptions.Alignment(threshold: 1024, bytes: 256)

  /// Lays out the file at `path`, which exists and is replaced.
  init(_ plan: CheckpointPlan, at path: String, _ options: SaveOptions) throws {
    var fileOptions = HDF5FileOptions()
    fileOptions.replacesExisting = true
    // The file is locked already, by who made it.
    fileOptions.locksWrittenFile = false
    fileOptions.alignment = Self.alignment
    let file = try HDF5File.create(path, options: fileOptions)
    let root = try file.root
    try root.attributes.setText("format", CheckpointFormat.name)
    try root.attributes.set("format_version", to: CheckpointFormat.version)
    try root.attributes.setText("producer", CheckpointWriter.producer)

    let tree = GroupTree(root)
    for group in ["parameters", "buffers", "metadata"] { try tree.group(group) }
    index = CheckpointIndex(
      tensors: plan.tensors.map(\.row),
      values: try plan.values.compactMap { try ValueWriter.write($0, in: tree) },
      modules: plan.modules)
    let tensorWriter = TensorWriter(tree: tree, options: options)
    for number in plan.tensors.indices {
      if let original = index.tensors[number].aliasOf {
        try tensorWriter.link(
          index.tensors[number].path, to: index.tensors[original].path)
      } else {
        try tensorWriter.create(plan.tensors[number].array, &index.tensors[number])
      }
    }
    room = try IndexWriter.write(index.encoded(), in: tree.group("index"))
    tree.close()
    try file.close()
    // Closing cuts off what was set aside and not used.
    index.fileByteCount = try InputFile(path).byteCount
  }
}

/// What tells a file of this layout from others.
enum CheckpointFormat {
  static let name = "ballast.checkpoint"
  static let version: UInt32 = 1
}

/// The groups of a file, each made when it is first needed and kept open.
///
/// Finding a group from the root again for each of its members would cost more than making them.
final class GroupTree {
  private var groups: [Substring: HDF5Group]

  init(_ root: HDF5Group) { groups = ["": root] }

  /// The group at a path from the root, made with those above it if need be.
  @discardableResult
  func group(_ path: some StringProtocol) throws -> HDF5Group {
    let path = Substring(path)
    if let group = groups[path] { return group }
    let (parent, name) = Self.split(path)
    let group = try self.group(parent).createGroup(String(name))
    groups[path] = group
    return group
  }

  /// The group that holds what is at `path`, and its name there.
  func parent(of path: String) throws -> (group: HDF5Group, name: String) {
    let (parent, name) = Self.split(path[...])
    return (try group(parent), String(name))
  }

  private static func split(_ path: Substring) -> (parent: Substring, name: Substring) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (path[..<slash], path[path.index(after: slash)...])
  }

  /// Lets go of all groups.
  func close() { groups = [:] }
}

extension HDF5Attributes {
  /// Sets a text of fixed length.
  ///
  /// Here and in datasets there are no others: those of variable length lie in a heap, and libhdf5
  /// 1.10 reads beyond its end where the heap is damaged.
  func setText(_ name: String, _ text: String) throws {
    try set(name, to: text, as: .fixed(bytes: max(text.utf8.count, 1)))
  }
}
