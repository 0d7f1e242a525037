import Platform

/// Gauss's elimination with partial pivoting.
struct Elimination {
  private var rows: [[Double]]
  private var order: [Int]
  private var sign = 1.0
  private let size: Int

  init(_ matrix: [Double], _ size: Int) {
    self.size = size
    rows = (0..<size).map { Array(matrix[$0 * size..<($0 + 1) * size]) }
    order = Array(0..<size)
    for column in 0..<size {
      let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      if pivot != column {
        rows.swapAt(pivot, column)
        order.swapAt(pivot, column)
        sign = -sign
      }
      guard rows[column][column] != 0 else { continue }
      for row in column + 1..<Swift.max(size, column + 1) {
        let factor = rows[row][column] / rows[column][column]
        rows[row][column] = factor
        for k in column + 1..<Swift.max(size, column + 1) {
          rows[row][k] -= factor * rows[column][k]
        }
      }
    }
  }

  var determinant: Double { (0..<size).reduce(sign) { $0 * rows[$1][$1] } }

  /// The sign of the determinant, and the logarithm of its magnitude.
  var logDeterminant: (sign: Double, logarithm: Double) {
    (0..<size).reduce((sign, 0)) { result, place in
      let pivot = rows[place][place]
      let sign: Double = pivot > 0 ? 1 : pivot < 0 ? -1 : 0
      return (result.0 * sign, result.1 + log(Swift.abs(pivot)))
    }
  }

  /// The inverse in row-major order; nil if there is none.
  func inverse() -> [Double]? {
    var identity = [Double](repeating: 0, count: size * size)
    for place in 0..<size { identity[place * size + place] = 1 }
    return solution(of: identity, width: size)
  }

  /// What the matrix times it is another one, both in row-major order; nil if the matrix is singular.
  func solution(of right: [Double], width: Int) -> [Double]? {
    guard (0..<size).allSatisfy({ rows[$0][$0] != 0 }) else { return nil }
    var result = [Double](repeating: 0, count: size * width)
    for column in 0..<width {
      var solution = order.map { right[$0 * width + column] }
      for row in 0..<size {
        for k in 0..<row { solution[row] -= rows[row][k] * solution[k] }
      }
      for row in (0..<size).reversed() {
        for k in row + 1..<Swift.max(size, row + 1) { solution[row] -= rows[row][k] * solution[k] }
        solution[row] /= rows[row][row]
      }
      for row in 0..<size { result[row * width + column] = solution[row] }
    }
    return result
  }

  /// What a triangular matrix times it is another one; not finite where the diagonal has a zero.
  static func substitution(
    _ matrix: [Double], _ size: Int, _ right: [Double], _ width: Int, upper: Bool,
    unitriangular: Bool
  ) -> [Double] {
    var solution = right
    for step in 0..<size {
      let row: Int = upper ? size - 1 - step : step
      let start: Int = upper ? row + 1 : 0
      let end: Int = upper ? size : row
      let pivot: Double = unitriangular ? 1 : matrix[row * size + row]
      for column in 0..<width {
        var sum: Double = solution[row * width + column]
        for k in start..<end {
          let factor: Double = matrix[row * size + k]
          let known: Double = solution[k * width + column]
          sum -= factor * known
        }
        solution[row * width + column] = sum / pivot
      }
    }
    return solution
  }
}
