import Arrays
import Checkpoints
import Files
import HDF5
import States

/// A file that is laid out: what will be where, before a byte is written.
///
/// Everything is in place but the bytes of the tensors, and what is known only when they are
/// written: their digests, the places of compressed chunks, the file's size and the checksum.
struct FileLayout {
  /// The structures of the file.
  var structure: HDF5Structure
  /// The index, complete but for the digests.
  var index: CheckpointIndex
  /// The dataset of each tensor; nil for other names of one.
  let datasets: [HDF5Blueprint.DatasetID?]
  private let indexLayout: IndexLayout

  /// Lays out a plan.
  ///
  /// - Throws: `HDF5Error` if the format cannot hold something.
  init(_ plan: CheckpointPlan, _ options: WriteOptions) throws(HDF5Error) {
    var tree = GroupTree()
    try tree.blueprint.addText("format", BallastLayout.name, to: .root)
    try tree.blueprint.addAttribute(
      "format_version", .uint32, littleEndianBytes(BallastLayout.version), to: .root)
    try tree.blueprint.addText("producer", CheckpointWriter.producer, to: .root)
    for group in ["parameters", "buffers", "metadata"] { _ = try tree.group(group) }

    index = CheckpointIndex(
      tensors: plan.tensors.map(\.row), values: [], modules: plan.modules)
    for value in plan.values { index.values.append(try ValueLayout.add(value, to: &tree)) }
    var datasets: [HDF5Blueprint.DatasetID?] = []
    datasets.reserveCapacity(plan.tensors.count)
    for tensor in plan.tensors {
      let (group, name) = try tree.parent(of: tensor.row.path)
      if let original = tensor.row.aliasOf, let dataset = datasets[original] {
        try tree.blueprint.addLink(name, to: dataset, in: group)
        datasets.append(nil)
      } else {
        datasets.append(
          try TensorLayout.add(tensor.row, name, in: group, options, &tree.blueprint))
      }
    }
    self.datasets = datasets
    let group = try tree.group("index")
    indexLayout = try IndexLayout(index.encoded(), in: group, &tree.blueprint)
    structure = try tree.blueprint.structure()
    for (number, dataset) in datasets.enumerated() {
      index.tensors[number].dataOffset = dataset.flatMap { structure.offset(of: $0) }
    }
    for (number, row) in plan.tensors.enumerated() {
      guard let original = row.row.aliasOf else { continue }
      index.tensors[number].dataOffset = index.tensors[original].dataOffset
    }
  }

  /// Writes the structures, when all that they hold is known.
  mutating func write(to file: ReplacementFile) throws(FileError) {
    index.fileByteCount = structure.fileByteCount
    indexLayout.fill(index.encoded(), in: &structure)
    try structure.withBytes { (bytes) throws(FileError) in try file.write(bytes, at: 0) }
  }
}

/// What identifies a file of this layout.
enum BallastLayout {
  static let name = "ballast.checkpoint"
  static let version: UInt32 = 1
}

/// The bytes of a number as files have them.
func littleEndianBytes(_ value: some FixedWidthInteger & BitwiseCopyable) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.append(littleEndian: value)
  return bytes
}

extension HDF5Blueprint {
  /// Adds a text of fixed length.
  ///
  /// Here and in datasets there are no others: those of variable length are in a heap, and libhdf5
  /// 1.10 reads beyond its end where the heap is damaged.
  mutating func addText(_ name: String, _ text: String, to group: GroupID) throws(HDF5Error) {
    let (datatype, bytes) = Self.fixed(text)
    try addAttribute(name, datatype, bytes, to: group)
  }

  /// Adds a text of fixed length.
  mutating func addText(_ name: String, _ text: String, to dataset: DatasetID) throws(HDF5Error) {
    let (datatype, bytes) = Self.fixed(text)
    try addAttribute(name, datatype, bytes, to: dataset)
  }

  private static func fixed(_ text: String) -> (HDF5Datatype, [UInt8]) {
    // There are no texts without bytes.
    let bytes = text.isEmpty ? [0] : Array(text.utf8)
    return (.string(.fixed(bytes: bytes.count)), bytes)
  }
}
