import Arrays
import HDF5

/// Lays out the datasets of `/index`.
struct IndexLayout {
  private let tensors: HDF5Blueprint.DatasetID
  private let fileSize: HDF5Blueprint.DatasetID
  private let checksum: HDF5Blueprint.DatasetID
  private let seal: HDF5Blueprint.DatasetID

  /// Adds the index, leaving room for what is not known yet: the rows of tensors, which have their
  /// digests, the file's size, the checksum, and the seal.
  init(
    _ encoded: CheckpointIndex.Encoded, in group: HDF5Blueprint.GroupID,
    _ blueprint: inout HDF5Blueprint
  ) throws(HDF5Error) {
    tensors = try blueprint.addDataset(
      "tensors", Self.tensorRow,
      .shape([encoded.tensors.count / CheckpointIndex.tensorRowSize]), .inner, in: group)
    for (name, datatype, rowSize, bytes) in [
      ("values", Self.valueRow, CheckpointIndex.valueRowSize, encoded.values),
      ("modules", Self.moduleRow, CheckpointIndex.moduleRowSize, encoded.modules),
      ("extents", .int64, 8, encoded.extents),
      ("text", .uint8, 1, encoded.text),
    ] {
      _ = try blueprint.addDataset(
        name, datatype, .shape([bytes.count / rowSize]), .bytes(bytes), in: group)
    }
    fileSize = try blueprint.addDataset("file_size", .uint64, .scalar, .inner, in: group)
    checksum = try blueprint.addDataset("checksum", .uint32, .scalar, .inner, in: group)
    seal = try blueprint.addDataset(
      IndexSeal.name, IndexSeal.datatype, .scalar, .inner, in: group)
  }

  /// Fills in what is known now, and seals the structures, to which nothing may happen any more.
  func fill(_ encoded: CheckpointIndex.Encoded, in structure: inout HDF5Structure) {
    structure.fill(tensors, with: encoded.tensors)
    structure.fill(fileSize, with: encoded.fileByteCountBytes)
    structure.fill(checksum, with: littleEndianBytes(encoded.checksum))
    IndexSeal.close(&structure, in: seal)
  }

  /// Fields that follow each other without gaps.
  static func compound(_ fields: [(String, HDF5Datatype)]) -> HDF5Datatype {
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
