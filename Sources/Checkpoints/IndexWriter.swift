import Arrays
import HDF5

/// Makes the datasets of `/index`.
enum IndexWriter {
  /// Where what is not known yet belongs.
  struct Room {
    /// The rows of the tensors; nil if there are none.
    var tensorRows: Int?
    var fileSize: Int
    var checksum: Int
  }

  /// Writes the index, leaving room for the rows of tensors, the file's size and the checksum.
  static func write(_ encoded: CheckpointIndex.Encoded, in group: HDF5Group) throws -> Room {
    let room = HDF5DatasetOptions(allocationTime: .early, fillTime: .never)
    let tensors = try group.createDataset(
      "tensors", tensorRow, shape: [encoded.tensors.count / CheckpointIndex.tensorRowSize],
      options: room)
    try write(encoded.values, "values", valueRow, rowSize: CheckpointIndex.valueRowSize, in: group)
    try write(
      encoded.modules, "modules", moduleRow, rowSize: CheckpointIndex.moduleRowSize, in: group)
    try write(encoded.extents, "extents", .int64, rowSize: 8, in: group)
    try write(encoded.text, "text", .uint8, rowSize: 1, in: group)
    let fileSize = try group.createDataset("file_size", .uint64, .scalar, options: room)
    let checksum = try group.createDataset("checksum", .uint32, .scalar, options: room)
    return Room(
      tensorRows: encoded.tensors.isEmpty ? nil : try offset(of: tensors),
      fileSize: try offset(of: fileSize), checksum: try offset(of: checksum))
  }

  private static func offset(of dataset: HDF5Dataset) throws -> Int {
    guard let offset = try dataset.offset else {
      throw HDF5Error(
        .library, operation: "make", path: dataset.path, message: "it was given no room")
    }
    return offset
  }

  private static func write(
    _ bytes: [UInt8], _ name: String, _ datatype: HDF5Datatype, rowSize: Int, in group: HDF5Group
  ) throws {
    let dataset = try group.createDataset(name, datatype, shape: [bytes.count / rowSize])
    try bytes.withUnsafeBytes { try dataset.writeBytes(from: $0) }
  }

  /// Fields that follow each other without gaps.
  private static func compound(_ fields: [(String, HDF5Datatype)]) -> HDF5Datatype {
    var size = 0
    let members = fields.map { name, datatype in
      defer { size += datatype.byteCount ?? 0 }
      return HDF5CompoundMember(name, offset: size, datatype)
    }
    return .compound(bytes: size, members: members)
  }

  static let tensorRow = compound([
    ("path_start", .uint64),
    ("path_count", .uint32),
    (
      "dtype",
      .enumeration(
        base: .uint8,
        members: DType.codes.enumerated().map {
          HDF5EnumerationMember($0.element.rawValue, Int64($0.offset))
        })
    ),
    ("rank", .uint8),
    ("has_strides", .uint8),
    ("reserved", .uint8),
    ("shape_start", .uint64),
    ("alias_of", .int64),
    ("storage", .int64),
    ("storage_offset", .int64),
    ("data_offset", .uint64),
    ("data_count", .uint64),
    ("crc32", .uint32),
  ])

  private static let pathFields: [(String, HDF5Datatype)] = [
    ("path_start", .uint64), ("path_count", .uint32),
  ]
  static let valueRow = compound(pathFields + [("crc32", .uint32)])
  static let moduleRow = compound(pathFields + [("version", .int64)])
}
