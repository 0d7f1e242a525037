import HDF5

/// Reads `/index`.
struct IndexReader {
  let file: String

  init(_ file: String) { self.file = file }

  /// The index.
  func read(from root: HDF5Group) throws -> CheckpointIndex {
    guard try root.contains("index") else { throw damaged("it is missing") }
    let group = try root.group("index")
    let encoded = CheckpointIndex.Encoded(
      tensors: try rows("tensors", IndexWriter.tensorRow, in: group),
      values: try rows("values", IndexWriter.valueRow, in: group),
      modules: try rows("modules", IndexWriter.moduleRow, in: group),
      extents: try rows("extents", .int64, in: group),
      text: try rows("text", .uint8, in: group))
    let checksum = try group.dataset("checksum").read(as: UInt32.self)
    guard checksum == [encoded.checksum] else {
      throw damaged("its bytes do not match its checksum")
    }
    do throws(CheckpointIndex.DecodingError) {
      return try CheckpointIndex(encoded)
    } catch {
      throw damaged(error.reason)
    }
  }

  private func rows(
    _ name: String, _ datatype: HDF5Datatype, in group: HDF5Group
  ) throws -> [UInt8] {
    let dataset = try group.dataset(name)
    guard try dataset.datatype == datatype, try dataset.shape.count == 1 else {
      throw damaged("\(name) is not of the type that it should be")
    }
    return try dataset.readBytes()
  }

  private func damaged(_ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: file, place: "/index", reason: reason)
  }
}
