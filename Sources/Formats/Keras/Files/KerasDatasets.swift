import Arrays
import Checkpoints
import HDF5

/// A dataset of a Keras file, with what is needed to read it.
struct KerasDataset: Sendable {
  let content: HDF5Content
  let dataset: HDF5ScannedDataset
  /// Where it is, for errors.
  let path: String

  /// Whether its elements are numbers that can be learned: no integers and no texts.
  var isReal: Bool {
    switch dataset.datatype {
    case .opaque(2, _): true
    default: HDF5Content.dtype(of: dataset)?.isFloatingPoint ?? false
    }
  }

  /// The shape that it declares.
  var shape: [Int] { dataset.shape }

  /// The tensor.
  ///
  /// Keras has no type of HDF5 for bfloat16 and writes two opaque bytes: a `.weights.h5` names the
  /// type in an attribute, a legacy file only in the config.
  ///
  /// - Parameter declared: The type of the variable by the config, if it is known.
  /// - Throws: `CheckpointError`, `FileError`.
  func tensor(declared: String?, maps: Bool) throws -> NDArray {
    try CheckpointError.reporting(content.name) {
      try content.tensor(dataset, as: try dtype(declared), path: path, maps: maps)
    }
  }

  private func dtype(_ declared: String?) throws -> DType {
    if let dtype = HDF5Content.dtype(of: dataset) { return dtype }
    let named = try dataset.attributes.attribute("dtype")?.strings().first
    if case .opaque(2, _) = dataset.datatype, (named ?? declared ?? "bfloat16") == "bfloat16" {
      return .bfloat16
    }
    throw CheckpointError(
      .unsupported, file: content.name, place: path,
      reason: "its type, \(dataset.datatype), is not one of a weight")
  }
}
