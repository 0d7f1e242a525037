import Checkpoints
import Files
import HDF5

/// Reads `/index`.
struct IndexReader {
  let file: String
  /// The file, whose datasets another program may have put into chunks.
  private let content: HDF5Content

  init(_ file: String, _ content: HDF5Content) {
    self.file = file
    self.content = content
  }

  /// The index.
  func read(from root: HDF5ScannedGroup) throws -> CheckpointIndex {
    guard try root.link("index") != nil else { throw damaged("it is missing") }
    let group = try root.group("index")
    let encoded = CheckpointIndex.Encoded(
      tensors: try rows("tensors", IndexLayout.tensorRow, in: group),
      values: try rows("values", IndexLayout.valueRow, in: group),
      modules: try rows("modules", IndexLayout.moduleRow, in: group),
      extents: try rows("extents", .int64, in: group),
      text: try rows("text", .uint8, in: group),
      fileByteCount: Int(clamping: try number("file_size", as: UInt64.self, in: group)))
    guard try number("checksum", as: UInt32.self, in: group) == encoded.checksum else {
      throw damaged("its bytes do not match its checksum")
    }
    do throws(CheckpointIndex.DecodingError) {
      return try CheckpointIndex(encoded)
    } catch {
      throw damaged(error.reason)
    }
  }

  private func rows(
    _ name: String, _ datatype: HDF5Datatype, in group: HDF5ScannedGroup
  ) throws -> [UInt8] {
    let dataset = try group.dataset(name)
    guard dataset.datatype == datatype, dataset.shape.count == 1 else {
      throw damaged("\(name) is not of the type that it should be")
    }
    return try content.bytes(of: dataset, path: "/index/\(name)")
  }

  private func number<T: HDF5Scalar & FixedWidthInteger & PlainNumber>(
    _ name: String, as type: T.Type, in group: HDF5ScannedGroup
  ) throws -> T {
    let dataset = try group.dataset(name)
    guard dataset.datatype == T.datatype, dataset.dataspace == .scalar else {
      throw damaged("\(name) is not of the type that it should be")
    }
    guard let number = try dataset.bytes().littleEndian(T.self, at: 0) else {
      throw damaged("\(name) is empty")
    }
    return number
  }

  private func damaged(_ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: file, place: "/index", reason: reason)
  }
}
