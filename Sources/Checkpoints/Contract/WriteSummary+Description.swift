extension WriteSummary: CustomStringConvertible {
  /// One line of figures, then one for each loss.
  ///
  /// ```
  /// 4 tensors, 140 bytes, in a file of 4320 bytes
  /// ```
  public var description: String {
    let file = fileByteCount == 0 ? "" : ", in a file of \(fileByteCount) bytes"
    let index = indexPath.map { ", index \($0)" } ?? ""
    let tensors = tensorCount == 1 ? "1 tensor" : "\(tensorCount) tensors"
    return (["\(tensors), \(tensorByteCount) bytes\(file)\(index)"] + losses.map { "lost: \($0)" })
      .joined(separator: "\n")
  }
}
