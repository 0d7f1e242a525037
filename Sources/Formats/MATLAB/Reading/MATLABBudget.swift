import Checkpoints
import HDF5

/// What reading a file may take: in a few bytes a file can say much, since names and cells may lead to the
/// same objects over and over.
///
/// Everything is counted before it is done, as often as something leads to it. So the names, the texts and
/// the losses that are made are bounded, as is the time.
struct MATLABBudget {
  private let file: String
  private let fileByteCount: Int
  private var valueCount = 0
  private var textByteCount = 0
  private var arrayByteCount = 0

  /// Values, counted whenever a name or a cell leads to one.
  private static let maximumValueCount = 1 << 18
  /// What is beyond these in the header and the attributes of an object counts as further values: so many
  /// bytes, and each attribute.
  private static let usualHeaderByteCount = 2048
  private static let messageByteCount = 256
  private static let usualAttributeCount = 16
  /// Texts may be so many bytes, or sixteen times the file.
  private static let harmlessTextByteCount = 32 << 20
  private static let maximumTextExpansion = 16
  /// Arrays that are made in memory may be so many bytes, or a hundred times the file.
  private static let harmlessArrayByteCount = 256 << 20
  private static let maximumArrayExpansion = 100

  /// Nothing is counted yet of a file.
  init(file: String, byteCount: Int) {
    self.file = file
    fileByteCount = byteCount
  }

  /// Counts values.
  mutating func count(values: Int, at path: String) throws(CheckpointError) {
    valueCount += min(values, Self.maximumValueCount + 1)
    guard valueCount <= Self.maximumValueCount else {
      throw refused(path, "with it there are more than \(Self.maximumValueCount) values")
    }
  }

  /// Counts what it costs to look at an object whose attributes are read.
  mutating func count(
    _ object: HDF5ScannedObject, _ attributes: [HDF5ScannedAttribute], at path: String
  ) throws(CheckpointError) {
    try count(
      values: max(object.headerByteCount - Self.usualHeaderByteCount, 0) / Self.messageByteCount
        + max(attributes.count - Self.usualAttributeCount, 0), at: path)
    try count(textByteCount: attributes.reduce(0) { $0 + $1.byteCount }, at: path)
  }

  /// Counts bytes of names, texts, references and the like.
  mutating func count(textByteCount count: Int, at path: String) throws(CheckpointError) {
    let (sum, overflow) = textByteCount.addingReportingOverflow(count)
    textByteCount = sum
    guard !overflow,
      sum <= Self.harmlessTextByteCount || sum / Self.maximumTextExpansion <= fileByteCount
    else {
      throw refused(
        path,
        "with it a file of \(fileByteCount) bytes has names and texts of more than "
          + "\(Self.maximumTextExpansion) times that")
    }
  }

  /// Counts bytes of numbers that are read, or made another type of.
  mutating func count(arrayByteCount count: Int, at path: String) throws(CheckpointError) {
    let (sum, overflow) = arrayByteCount.addingReportingOverflow(count)
    arrayByteCount = sum
    guard !overflow,
      sum <= Self.harmlessArrayByteCount || sum / Self.maximumArrayExpansion <= fileByteCount
    else {
      throw refused(
        path,
        "with this dataset a file of \(fileByteCount) bytes claims to hold more than "
          + "\(Self.maximumArrayExpansion) times that")
    }
  }

  /// An error whose place is not longer than a reader wants.
  func refused(_ path: String, _ reason: String) -> CheckpointError {
    CheckpointError(.refused, file: file, place: path.shortened, reason: reason)
  }
}
