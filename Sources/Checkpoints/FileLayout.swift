import Arrays
import HDF5
import States

/// A file that libhdf5 has laid out: everything is in place but the bytes of uncompressed tensors,
/// the rows of the index that hold their digests, and its checksum.
struct FileLayout {
  /// The index, complete but for digests of tensors that are still to be written.
  private(set) var index: CheckpointIndex
  /// The size of the file.
  let fileByteCount: Int
  /// Where the rows of the tensors belong; nil if there are none.
  let tensorRowsOffset: Int?
  /// Where the checksum of the index belongs.
  let checksumOffset: Int

  /// Datasets of at least this size begin at a multiple of it.
  private static let alignment = 256

  /// Lays out the file at `path`, which exists and is replaced.
  init(
    _ plan: CheckpointPlan, architecture: Value?, at path: String, _ options: SaveOptions
  ) throws {
    var fileOptions = HDF5FileOptions()
    fileOptions.replacesExisting = true
    fileOptions.locksFile = false
    fileOptions.alignment = .init(threshold: Self.alignment, bytes: Self.alignment)
    let file = try HDF5File.create(at: path, options: fileOptions)
    let root = file.root
    try root.attributes.write("format", text: CheckpointFormat.name)
    try root.attributes.write("format_version", CheckpointFormat.version)
    try root.attributes.write("producer", text: CheckpointWriter.producer)

    var groups = GroupCache(root: root)
    index = CheckpointIndex(
      tensors: plan.tensors.map(\.row), values: [], modules: plan.modules)
    for group in ["parameters", "buffers", "metadata", "index"] { try groups.group(group[...]) }
    if let optimizer = plan.optimizer {
      let group = try groups.group("optimizer")
      if let type = optimizer.type { try group.attributes.write("type", text: type) }
      try group.attributes.write("naming", text: optimizer.naming.rawValue)
    }
    index.values = try ValueWriter.write(plan.values, &groups)
    try Self.createTensors(plan, &index, &groups, options)
    if let architecture {
      try ValueWriter.writeText(architecture.json(pretty: true), to: "architecture", in: root)
    }
    let rooms = try IndexWriter.write(index.encoded(), in: groups.group("index"))
    tensorRowsOffset = rooms.tensors
    checksumOffset = rooms.checksum
    fileByteCount = try file.size
    try file.close()
  }
}
