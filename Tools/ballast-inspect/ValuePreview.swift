import Arrays
import Files
import ToolSupport

/// The first values of a tensor, row by row.
struct ValuePreview {
  private static let rowCount = 8
  private static let columnCount = 8

  /// A line for each row.
  let lines: [String]

  /// - Throws: `FileError` if the tensor cannot be read.
  init(_ array: NDArray) throws {
    guard array.elementCount > 0, array.dtype != .float4E2M1FNx2 else {
      lines = []
      return
    }
    let columns = array.shape.last ?? 1
    let rows = array.elementCount / columns
    let shown = min(columns, Self.columnCount)
    var lines: [String] = []
    for row in 0..<min(rows, Self.rowCount) {
      let values = try Self.texts(array, (row * columns)..<(row * columns + shown))
      lines.append("[" + values.joined(separator: ", ") + (columns > shown ? ", …]" : "]"))
    }
    if rows > Self.rowCount { lines.append("… \((rows - Self.rowCount).of("more row"))") }
    self.lines = lines
  }

  /// The elements at `range`, counted in row-major order. Only these are read.
  private static func texts(_ array: NDArray, _ range: Range<Int>) throws -> [String] {
    var texts: [String] = []
    switch array.dtype {
    case let dtype where dtype.isComplex:
      try array.forEachBlock(in: range, as: .complex128) { bytes, _ in
        texts += stride(from: 0, to: bytes.byteCount, by: 16).map {
          let (real, imaginary): (Double, Double) = (bytes.load(at: $0), bytes.load(at: $0 + 8))
          return "\(real.short)\(imaginary.sign == .minus ? "" : "+")\(imaginary.short)i"
        }
      }
    case .uint64:
      try array.forEachBlock(in: range) { bytes, _ in
        texts += [UInt64](copying: bytes).map { "\($0)" }
      }
    case let dtype where dtype.isIntegral && dtype != .bool:
      try array.forEachBlock(in: range, as: .int64) { bytes, _ in
        texts += [Int64](copying: bytes).map { "\($0)" }
      }
    case let dtype:
      try array.forEachBlock(in: range, as: .float64) { bytes, _ in
        texts += [Double](copying: bytes).map { $0.text(of: dtype) }
      }
    }
    return texts
  }
}
