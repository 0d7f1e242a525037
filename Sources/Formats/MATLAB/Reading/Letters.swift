import HDF5
import States

/// The letters of a dataset of texts: MATLAB and Octave keep a text as a row of a matrix, so that the letters
/// of several are side by side in the file.
struct Letters {
  /// How many texts there are.
  let rowCount: Int
  /// The code units of UTF-8, UTF-16 or UTF-32.
  private let units: [UInt32]
  private let width: Int

  /// The bytes of a code unit in a dataset; nil if its shape or its type are not those of texts.
  static func width(in dataset: HDF5ScannedDataset) -> Int? {
    guard case .integer(let width, _, _) = dataset.datatype, [1, 2, 4].contains(width),
      dataset.shape.count <= 2, dataset.dataspace != .null
    else { return nil }
    return width
  }

  /// How many texts are in a dataset of letters.
  static func rowCount(of dataset: HDF5ScannedDataset) -> Int {
    dataset.shape.count == 2 ? dataset.shape[1] : 1
  }

  /// The letters of a dataset.
  ///
  /// - Parameters:
  ///   - width: As ``width(in:)`` gives it.
  ///   - bytes: All bytes of the dataset.
  init(_ dataset: HDF5ScannedDataset, width: Int, bytes: [UInt8]) {
    self.width = width
    rowCount = Self.rowCount(of: dataset)
    var isBigEndian = false
    if case .integer(_, _, .big) = dataset.datatype { isBigEndian = true }
    var units: [UInt32] = []
    units.reserveCapacity(bytes.count / width)
    for start in stride(from: 0, through: bytes.count - width, by: width) {
      var unit: UInt32 = 0
      for place in 0..<width {
        unit = unit << 8 | UInt32(bytes[start + (isBigEndian ? place : width - 1 - place)])
      }
      units.append(unit)
    }
    self.units = units
  }

  private init() { (rowCount, units, width) = (0, [], 1) }

  /// No letters.
  static let none = Letters()

  /// The code units, one row after the other.
  var rows: [UInt32] { (0..<rowCount).flatMap(row) }

  private func row(_ number: Int) -> [UInt32] {
    stride(from: number, to: units.count, by: rowCount).map { units[$0] }
  }

  /// The text, or a list of the texts of several rows; nil if one is not of Unicode.
  func value() -> Value? {
    guard rowCount > 0 else { return .string("") }
    let texts = (0..<rowCount).compactMap { text(row($0)) }
    guard texts.count == rowCount else { return nil }
    return rowCount == 1 ? .string(texts[0]) : .list(texts.map(Value.string))
  }

  /// The text of code units; nil if it is not of Unicode.
  func text(_ units: some Collection<UInt32>) -> String? {
    switch width {
    case 1: String(validating: units.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
    case 2: String(validating: units.map(UInt16.init(truncatingIfNeeded:)), as: UTF16.self)
    default: String(validating: units, as: UTF32.self)
    }
  }
}
