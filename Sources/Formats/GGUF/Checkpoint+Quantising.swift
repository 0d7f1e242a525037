import Arrays
import Checkpoints
import States

/// What becomes of a checkpoint's tensors when they are quantised.
public struct QuantizationOutlook: Sendable {
  /// The keys of the tensors that are quantised.
  public var quantised: [String] = []
  /// The keys of the tensors that are blocks already, and stay what they are.
  public var alreadyBlocks: [String] = []
  /// The keys of floating-point tensors of two or more dimensions that stay as they are: their rows are no
  /// multiples of a block's elements, or they have more than four dimensions.
  public var misfits: [String] = []

  /// What is worth knowing before numbers are quantised: a sentence on each sort of tensor that is not, though one
  /// might think so.
  public var notes: [String] {
    var notes: [String] = []
    func add(_ keys: [String], _ what: String) {
      guard let first = keys.first else { return }
      let count = keys.count == 1 ? "1 tensor" : "\(keys.count) tensors"
      notes.append(
        "\(count) not quantised, since \(what): \(first)\(keys.count > 1 ? " and others" : "")")
    }
    add(alreadyBlocks, "blocks stay what they are (--dequantize makes numbers of them first)")
    add(misfits, "rows have to be multiples of 32, in two to four dimensions")
    return notes
  }
}

extension Checkpoint {
  /// Which tensors of the model are quantised when it is written as GGUF.
  ///
  /// - Parameter quantization: As in ``GGUFOptions/quantization``.
  public func outlook(on quantization: GGUFOptions.Quantization) -> QuantizationOutlook {
    let origin = origin.gguf
    let encoder = BlockEncoder(quantization)
    var outlook = QuantizationOutlook()
    for (key, entry) in state.entries {
      let array = entry.array
      if origin.blockType(of: key, array) != nil {
        outlook.alreadyBlocks.append(key)
      } else if encoder.canEncode(array.dtype, array.shape) {
        outlook.quantised.append(key)
      } else if array.dtype.isFloatingPoint, array.rank >= 2, array.elementCount > 0 {
        outlook.misfits.append(key)
      }
    }
    return outlook
  }
}
