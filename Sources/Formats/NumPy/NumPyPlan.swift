import Arrays
import Checkpoints
import States

/// Which arrays a NumPy archive or folder will hold, under which names.
///
/// A tied tensor is there under each of its names, for a program that looks for one of them. What
/// NumPy cannot say is in one more array, ``outlineName``: the outline as bytes of UTF-8, left out
/// if a reader finds everything without it.
struct NumPyPlan {
  struct Member {
    /// The name of the file or member, without `.npy`.
    let name: String
    let array: NDArray
    let dtype: DType
    let header: [UInt8]

    /// The bytes of the file.
    var byteCount: Int { header.count + array.elementCount * dtype.itemSize }
  }

  private(set) var members: [Member] = []
  let summary: WriteSummary
  private(set) var losses: [ConversionLoss] = []

  /// The name of the array that holds the outline.
  static let outlineName = "ballast.outline"

  /// - Parameter isFolder: Whether each array is a file of its own, rather than a member of an
  ///   archive, which has an order.
  init(
    _ checkpoint: Checkpoint, file: String, options: WriteOptions, isFolder: Bool
  ) throws(CheckpointError) {
    let outline = try CheckpointOutline(
      checkpoint, file: file, options: options, copyingTies: true,
      hasName: { dtype, _ in NPYHeader.hasName(dtype) }, naming: Self.fileName)
    summary = WriteSummary(
      tensorCount: outline.tensorCount,
      tensorByteCount: outline.tensors.reduce(0) { $0 + ($1.isCopy ? 0 : $1.byteCount) })
    for tensor in outline.tensors {
      add(tensor.array, as: tensor.dtype, named: tensor.name)
      if !NPYHeader.hasName(tensor.dtype) {
        losses.append(
          ConversionLoss(
            .dtypeChanged, tensor.name,
            "NumPy has no \(tensor.dtype); other programs see "
              + "'\(NPYHeader.description(of: tensor.dtype))', Ballast the same tensor"))
      }
    }
    var order = outline.tensors.map(\.name)
    if isFolder {
      // What a reader of the folder makes of the names.
      order = NumPyFolder.sorted(order.map { $0 + ".npy" })
        .map { String($0.dropLast(4)).replacing("/", with: ".") }
    }
    if !outline.isRedundant(for: checkpoint, order: order) {
      add(NDArray(Array(outline.json.utf8)), as: .uint8, named: Self.outlineName)
    }
  }

  private mutating func add(_ array: NDArray, as dtype: DType, named name: String) {
    members.append(
      Member(
        name: name, array: array, dtype: dtype, header: NPYHeader(dtype, array.shape).encoded))
  }

  /// A name as a path of files: the parts between slashes become such that each can be a file's or
  /// a folder's name, and none means anything else. The outline keeps the name itself.
  static func fileName(_ name: String) -> String {
    if name == outlineName { return name + "~" }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.enumerated().map { number, part in
      var text = String(part).replacing("%", with: "%25").replacing("\0", with: "%00")
      if text.isEmpty { text = "%" }
      if text.hasPrefix(".") { text = "%2E" + text.dropFirst() }
      // A folder of that name would be in the way of a file.
      if number < parts.count - 1, text.hasSuffix(".npy") { text += "%" }
      return shortened(text)
    }.joined(separator: "/")
  }

  /// File systems hold names of 255 bytes, and ending and number take some.
  private static func shortened(_ text: String) -> String {
    let limit = 230
    guard text.utf8.count > limit else { return text }
    var result = ""
    for character in text {
      guard result.utf8.count + character.utf8.count < limit else { break }
      result.append(character)
    }
    return result + "~"
  }
}
