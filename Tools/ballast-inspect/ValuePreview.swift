import Arrays

/// The first values of a tensor, row by row.
struct ValuePreview {
  private static let rowCount = 8
  private static let columnCount = 8

  /// A line for each row.
  let lines: [String]

  init(_ array: NDArray) {
    guard array.elementCount > 0, array.dtype != .float4E2M1FNx2,
      let wide = try? array.converted(to: array.dtype.isComplex ? .complex128 : .float64)
    else {
      lines = []
      return
    }
    let columns = array.shape.last ?? 1
    let rows = array.elementCount / max(columns, 1)
    var lines: [String] = []
    for row in 0..<min(rows, Self.rowCount) {
      let shown = min(columns, Self.columnCount)
      let range = (row * columns)..<(row * columns + shown)
      let values: [String]
      if array.dtype.isComplex {
        values = wide.withElements(as: Complex<Double>.self) { elements in
          elements[range].map {
            "\($0.real.short)\($0.imaginary < 0 ? "" : "+")\($0.imaginary.short)i"
          }
        }
      } else {
        values = wide.withElements(as: Double.self) { $0[range].map(\.short) }
      }
      lines.append("[" + values.joined(separator: ", ") + (columns > shown ? ", …]" : "]"))
    }
    if rows > Self.rowCount { lines.append("… \(rows - Self.rowCount) more rows") }
    self.lines = lines
  }
}
