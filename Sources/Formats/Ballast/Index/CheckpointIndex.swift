import Arrays
import Checkpoints

/// The content of `/index`: what a checkpoint holds, in order, and where.
///
/// See <doc:Layout>, "The index", for the meaning of every field.
struct CheckpointIndex: Sendable {
  /// A name of a tensor.
  struct TensorRow: Sendable {
    /// The links from the root, joined by `/`.
    var path: String
    var dtype: DType
    var shape: Shape
    /// The row of which this is another name.
    var aliasOf: Int?
    /// How it was placed in a storage that it shared with others.
    var view: TensorSharing.View?
    /// Where the bytes of a contiguous dataset are.
    var dataOffset: Int?
    var digest = Digest(crc32: 0)

    var byteCount: Int { shape.elementCount * dtype.itemSize }
  }

  /// A value, or a group of values.
  struct ValueRow: Sendable {
    var path: String
    var digest = Digest(crc32: 0)
  }

  /// A module whose class has a version.
  struct ModuleRow: Sendable, Hashable {
    var path: String
    var version: Int
  }

  var tensors: [TensorRow] = []
  var values: [ValueRow] = []
  var modules: [ModuleRow] = []
  /// The size of the file when it was written.
  var fileByteCount = 0
}
