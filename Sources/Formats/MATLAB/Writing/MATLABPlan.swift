import Arrays
import Checkpoints
import Files
import HDF5
import States

/// What will be in a MAT-file, before the first byte is written.
struct MATLABPlan {
  /// A tensor of the file.
  struct Item {
    /// The name by which Ballast knows it.
    let name: String
    /// The fields that lead to it in MATLAB.
    let path: [String]
    let array: NDArray
    /// The type that it has for Ballast, to which it is converted first.
    let dtype: DType
    let carrier: MATLABCarrier

    /// The lengths in the file: the size that MATLAB shows, the other way round.
    var storedShape: Shape { Shape(MATLABCarrier.size(of: array.shape).reversed()) }

    /// Whether the elements are rounded before they are widened: then they are made in memory.
    var isRounded: Bool { array.dtype != dtype && carrier.dtype != dtype }

    /// The elements in the order of the file, as ``MATLABCarrier/dtype`` or as what is converted to it.
    func stored() throws -> NDArray {
      var source = isRounded ? try array.converted(to: dtype) : array
      if carrier.carriesBits {
        source = NDArray(storage: source.storage, dtype: carrier.dtype, layout: source.layout)
      }
      return source.view(
        source.layout.padded(to: MATLABCarrier.size(of: array.shape).count)
      ).reversed
    }
  }

  /// The tensors, those of the model first.
  private(set) var items: [Item] = []
  /// The JSON of a `CheckpointOutline`.
  let outline: String
  /// What other programs see in place of what is there. Ballast reads all of it back.
  private(set) var losses: [ConversionLoss] = []
  /// How many names of tensors there are, and the bytes of what they name, ties counted once.
  let tensorCount: Int
  let tensorByteCount: Int

  /// What an attribute may take.
  private static let maximumNameByteCount = 60_000

  /// Decides the name and the type of every tensor. Tensors of the types that may have a NaN that
  /// conversion would not keep are read for it.
  ///
  /// - Parameters:
  ///   - file: The path, for errors.
  ///   - options: Whether tensors are converted.
  /// - Throws: `CheckpointError` with code `unsupported` for what cannot be written; `FileError` if a tensor
  ///   cannot be read.
  init(_ checkpoint: Checkpoint, file: String, options: WriteOptions) throws {
    let outline = try CheckpointOutline(
      checkpoint, file: file, options: options, copyingTies: true,
      naming: { $0.replacing("\0", with: "%00") })
    self.outline = outline.json
    tensorCount = outline.tensorCount
    tensorByteCount = outline.tensors.reduce(0) { $0 + ($1.isCopy ? 0 : $1.byteCount) }
    var names = MATLABNames()
    for (index, tensor) in outline.tensors.enumerated() {
      guard tensor.name.utf8.count <= Self.maximumNameByteCount else {
        throw CheckpointError(
          .unsupported, file: file, place: String(tensor.name.prefix(80)) + "…",
          reason: "the name of the tensor has more than \(Self.maximumNameByteCount) bytes")
      }
      guard tensor.array.rank <= HDF5Dataspace.maximumRank else {
        throw CheckpointError(
          .unsupported, file: file, place: tensor.name,
          reason: "HDF5 has at most \(HDF5Dataspace.maximumRank) dimensions, and the tensor has "
            + "\(tensor.array.rank)")
      }
      let path = names.path(of: tensor.name)
      let isModels = index < checkpoint.state.count
      if isModels { reportName(checkpoint.state.keys[index], path) }
      // What is rounded has the usual NaN alone.
      let holdsOddNaN =
        tensor.array.dtype == tensor.dtype ? try MATLABCarrier.holdsOddNaN(tensor.array) : false
      let item = Item(
        name: tensor.name, path: path, array: tensor.array, dtype: tensor.dtype,
        carrier: MATLABCarrier(of: tensor.dtype, holdsOddNaN: holdsOddNaN))
      reportType(item)
      items.append(item)
    }
  }

  private mutating func reportName(_ key: String, _ path: [String]) {
    guard path != MATLABNames.expectedPath(of: key) else { return }
    losses.append(
      ConversionLoss(
        .keyChanged, key,
        "it is no name in MATLAB; other programs see the tensor under "
          + "\"\(path.joined(separator: "."))\", Ballast under this"))
  }

  private mutating func reportType(_ item: Item) {
    guard item.carrier.dtype != item.dtype else { return }
    let seen = MATLABCarrier.className(of: item.carrier.dtype) ?? ""
    losses.append(
      ConversionLoss(
        .dtypeChanged, item.name,
        "MATLAB has no \(item.dtype); other programs see "
          + (item.carrier.carriesBits
            ? "its bits as \(seen)"
            : "\(item.dtype.isComplex ? "complex " : "")\(seen) of the same numbers")
          + ", Ballast the same tensor"))
  }
}

extension Layout {
  /// The layout with dimensions of one before its own, until it has so many.
  fileprivate func padded(to rank: Int) -> Layout {
    var layout = self
    while layout.shape.rank < rank { layout = layout.unsqueezed(0) }
    return layout
  }
}
