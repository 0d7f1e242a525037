import Arrays
import CDeflate
import Checkpoints
import Files

extension CheckpointIndex {
  /// The datasets of `/index` as bytes.
  struct Encoded: Sendable {
    var tensors: [UInt8] = []
    var values: [UInt8] = []
    var modules: [UInt8] = []
    var extents: [UInt8] = []
    var text: [UInt8] = []
    /// The size of the file, which is known when all else is.
    var fileByteCount = 0

    /// The CRC-32 of all, in the order of the specification.
    var checksum: UInt32 {
      var sum = RunningDigest()
      for part in [tensors, values, modules, extents, text, fileByteCountBytes] {
        sum.update(part)
      }
      return sum.digest.crc32
    }

    /// The size of the file as its dataset holds it.
    var fileByteCountBytes: [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(littleEndian: UInt64(fileByteCount))
      return bytes
    }
  }

  static let tensorRowSize = 68
  static let valueRowSize = 16
  static let moduleRowSize = 20

  /// The rows as bytes, as the specification lays them out.
  func encoded() -> Encoded {
    var result = Encoded()
    result.fileByteCount = fileByteCount
    result.tensors.reserveCapacity(tensors.count * Self.tensorRowSize)
    for row in tensors {
      result.appendPath(row.path, to: \.tensors)
      result.tensors.append(row.dtype.code)
      result.tensors.append(UInt8(row.shape.rank))
      result.tensors.append(row.view == nil ? 0 : 1)
      result.tensors.append(0)
      result.tensors.append(littleEndian: UInt64(result.extents.count / 8))
      for length in row.shape { result.extents.append(littleEndian: Int64(length)) }
      for stride in row.view?.strides ?? [] { result.extents.append(littleEndian: Int64(stride)) }
      result.tensors.append(littleEndian: Int64(row.aliasOf ?? -1))
      result.tensors.append(littleEndian: Int64(row.view?.storage ?? -1))
      result.tensors.append(littleEndian: Int64(row.view?.offset ?? 0))
      result.tensors.append(littleEndian: row.dataOffset.map(UInt64.init) ?? .max)
      result.tensors.append(littleEndian: UInt64(row.byteCount))
      result.tensors.append(littleEndian: row.digest.crc32)
    }
    for row in values {
      result.appendPath(row.path, to: \.values)
      result.values.append(littleEndian: row.digest.crc32)
    }
    for row in modules {
      result.appendPath(row.path, to: \.modules)
      result.modules.append(littleEndian: Int64(row.version))
    }
    return result
  }
}

extension CheckpointIndex.Encoded {
  fileprivate mutating func appendPath(
    _ path: String, to rows: WritableKeyPath<CheckpointIndex.Encoded, [UInt8]>
  ) {
    let utf8 = path.utf8
    self[keyPath: rows].append(littleEndian: UInt64(text.count))
    self[keyPath: rows].append(littleEndian: UInt32(utf8.count))
    text.append(contentsOf: utf8)
  }
}

extension DType {
  /// The number of the type in the index: its place in ``codes``.
  var code: UInt8 { UInt8(Self.codes.firstIndex(of: self) ?? 0) }

  /// The types in the order of their numbers in the index, which never changes; new types are
  /// added at the end.
  static let codes: [DType] = [
    .bool, .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .float16, .bfloat16,
    .float32, .float64, .complex32, .complex64, .complex128, .float8E4M3FN, .float8E5M2,
    .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .float4E2M1FNx2,
  ]
}
