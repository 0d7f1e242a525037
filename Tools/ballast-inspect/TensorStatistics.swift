import Arrays
import Files
import States
import ToolSupport

/// What can be said of a tensor's values in a line. Complex numbers count as their two parts.
struct TensorStatistics {
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var mean = 0.0
  private(set) var deviation = 0.0
  private(set) var nanCount = 0
  private(set) var infinityCount = 0
  private var finiteCount = 0
  private let dtype: DType

  /// - Throws: `FileError` if the tensor cannot be read.
  init(_ array: NDArray) throws {
    dtype = array.dtype
    guard isNumeric else { return }
    var squares = 0.0
    let wide: DType = array.dtype.isComplex ? .complex128 : .float64
    try array.forEachBlock(as: wide) { bytes, _ in
      for place in stride(from: 0, to: bytes.byteCount, by: MemoryLayout<Double>.size) {
        let value = bytes.load(Double.self, at: place)
        guard value.isFinite else {
          if value.isNaN { nanCount += 1 } else { infinityCount += 1 }
          continue
        }
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        finiteCount += 1
        // Welford's update: sums of squares would cancel.
        let delta = value - mean
        mean += delta / Double(finiteCount)
        squares += delta * (value - mean)
      }
    }
    deviation = finiteCount > 1 ? (squares / Double(finiteCount - 1)).squareRoot() : 0
  }

  private var isNumeric: Bool { dtype != .float4E2M1FNx2 }

  /// The statistics in parts, one for each column of a table.
  var cells: [String] {
    guard isNumeric else { return ["packed pairs of 4-bit floats"] }
    var cells: [String] = []
    if finiteCount > 0 {
      cells = [
        "min \(minimum.text(of: dtype))", "max \(maximum.text(of: dtype))",
        "mean \(mean.short)", "std \(deviation.short)",
      ]
    }
    if nanCount > 0 { cells.append("\(nanCount.grouped) NaN") }
    if infinityCount > 0 { cells.append("\(infinityCount.grouped) infinite") }
    return cells.isEmpty ? ["no values"] : cells
  }

  /// The statistics in a line.
  var text: String { cells.joined(separator: ", ") }

  /// The statistics for programs.
  var value: Value {
    guard finiteCount > 0 else { return ["nan": .int(nanCount), "infinite": .int(infinityCount)] }
    return [
      "min": .float(minimum), "max": .float(maximum), "mean": .float(mean),
      "std": .float(deviation), "nan": .int(nanCount), "infinite": .int(infinityCount),
    ]
  }
}
