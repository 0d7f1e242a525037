import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Writes checkpoints as ONNX files of weights alone: a graph of initializers, without nodes.
///
/// The checker of `onnx` takes such a file. From `ONNXOptions.inlineByteCount` on, all but small tensors are in
/// a file beside it.
struct ONNXWriter: WritePlan {
  private let plan: ONNXPlan
  private let path: String
  private let options: WriteOptions
  private let layout: ONNXLayout
  /// The path of the file beside it; nil if there is none.
  private let externalPath: String?

  var losses: [ConversionLoss] { plan.losses }

  /// The largest message that protocol buffers' libraries read.
  private static let maximumByteCount = Int(Int32.max)

  init(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws(CheckpointError) {
    self.path = path
    self.options = options
    plan = try ONNXPlan(checkpoint, file: path, options: options)
    let isLarge = plan.byteCount >= options.onnx.inlineByteCount
    let beginning = Self.beginning(plan, checksums: plan.items.map { _ in 0 })
    let name = path.split(separator: "/").last.map { "\($0).data" }
    layout = ONNXLayout(plan, beginning: beginning, external: isLarge ? name : nil)
    externalPath = layout.externalByteCount > 0 ? path + ".data" : nil
    guard layout.byteCount <= Self.maximumByteCount else {
      throw CheckpointError(
        .unsupported, file: path,
        reason:
          "it would have \(layout.byteCount) bytes, and no library reads an ONNX file of 2 GiB or more"
      )
    }
  }

  /// Refuses to write several files by way of a symbolic link, which would be beside the link and not beside
  /// the model.
  static func checkNoLink(_ path: String) throws(CheckpointError) {
    guard let status = FileStatus(ofLink: path), !status.isRegularFile, !status.isFolder else {
      return
    }
    throw CheckpointError(
      .unsupported, file: path,
      reason:
        "it is a symbolic link, and the elements of tensors are to be in a file beside the model",
      advice: "Name the file to which it leads.")
  }

  private static func beginning(_ plan: ONNXPlan, checksums: [UInt32]) -> [UInt8] {
    ONNXLayout.beginning(plan.header, plan.metadata(checksums: checksums))
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    if externalPath != nil { try Self.checkNoLink(path) }
    let file = try options.replacement(of: path)
    let external = try externalPath.map { try options.replacement(of: $0) }
    try file.reserve(layout.byteCount)
    try external?.reserve(layout.externalByteCount)
    let items = zip(plan.items, layout.places).map { item, place in
      TensorStream.Item(
        item.array, as: item.writtenAs,
        to: .file(place.isExternal ? external ?? file : file, offset: place.offset))
    }
    let checksums = try TensorStream(items, threads: options.threads, recording: input?.seen)
      .write()
    // After the tensors: what joins small ones writes zeros between them.
    for piece in layout.pieces where !piece.bytes.isEmpty {
      try file.write(piece.bytes, at: piece.offset)
    }
    if plan.hasOutline { try file.write(Self.beginning(plan, checksums: checksums), at: 0) }
    try options.commit([external, file].compactMap(\.self), checking: input)
    return WriteSummary(
      tensorCount: plan.tensorCount, tensorByteCount: plan.byteCount,
      fileByteCount: layout.byteCount + layout.externalByteCount, losses: losses)
  }
}
