import Arrays
import Foundation

/// A mebibyte of elements as tensors have them, or less; the same in every run.
enum ChunkSample: String, CaseIterable {
  case normalFloat32, normalFloat16, normalBFloat16, normalFloat64, uniformFloat32
  case noiseBytes, noiseWords, equalPlanes, zeros, ones, counters, booleans
  case repeatedRows, someRepeatedRows, pruned, sparselyPruned, quantized, sorted, mixture

  /// Those that are like weights.
  static let weights: [ChunkSample] = [
    .normalFloat32, .normalFloat16, .normalBFloat16, .normalFloat64, .uniformFloat32, .pruned,
    .quantized, .mixture,
  ]

  func array() throws -> NDArray {
    switch self {
    case .normalFloat32: NDArray(Self.normals(1 << 18))
    case .normalFloat16: try NDArray(Self.normals(1 << 19)).converted(to: .float16)
    case .normalBFloat16: try NDArray(Self.normals(1 << 19)).converted(to: .bfloat16)
    case .normalFloat64:
      // With mantissas of their own, not only those of float32.
      NDArray(zip(Self.normals(1 << 17), Self.noise(1 << 17)).map { Double($0) * (1 + $1 * 1e-7) })
    case .uniformFloat32: NDArray(Self.noise(1 << 18).map { Float($0 * 0.1 - 0.05) })
    case .noiseBytes: NDArray(Self.noise(1 << 20).map { UInt8($0 * 256) })
    case .noiseWords: NDArray(Self.noise(1 << 18).map { Int32($0 * 4_294_967_296 - 2_147_483_648) })
    case .equalPlanes:
      // Small, so that the second plane is near enough to the first.
      NDArray(Self.noise(1 << 14).map { Int16(bitPattern: UInt16($0 * 256) * 257) })
    case .zeros: NDArray(zeros: [1 << 18])
    case .ones: NDArray(repeating: Float(1), shape: [1 << 18])
    case .counters: NDArray(Array(0..<Int64(1 << 17)))
    case .booleans: NDArray(Self.noise(1 << 20).map { $0 < 0.5 })
    case .repeatedRows: NDArray(Self.rows { $0 == 0 ? 0 : nil })
    case .someRepeatedRows: NDArray(Self.rows { $0 % 17 == 0 ? 0 : $0 })
    case .pruned: NDArray(Self.pruned(to: 0.5))
    case .sparselyPruned: NDArray(Self.pruned(to: 0.98))
    case .quantized: NDArray(Self.normals(1 << 18).map { ($0 * 40).rounded() * 0.0123 })
    case .sorted: NDArray(Self.normals(1 << 18).sorted())
    case .mixture:
      NDArray(
        Self.normals(1 << 16) + Self.rows { _ in nil }[..<(1 << 16)]
          + [Float](repeating: 0, count: 1 << 16) + Self.pruned(to: 0.5)[..<(1 << 16)])
    }
  }

  /// Between 0 and 1.
  private static func noise(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // The high bits decide which of them are good.
      let word = UInt32(truncatingIfNeeded: ((state >> 22) ^ state) >> (22 + (state >> 61)))
      return Double(word) / 4_294_967_296
    }
  }

  /// Normally distributed, by Box and Muller.
  private static func normals(_ count: Int) -> [Float] {
    zip(noise(count, seed: 2), noise(count, seed: 3)).map { radius, angle in
      Float((-2 * log(1 - radius)).squareRoot() * cos(2 * .pi * angle))
    }
  }

  /// Rows of 512, each a copy of the row that `source` says, or of the first if it is nil.
  private static func rows(_ source: (Int) -> Int?) -> [Float] {
    let values = normals(1 << 18)
    return (0..<512).flatMap { row in
      let start = (source(row) ?? 0) * 512
      return values[start..<(start + 512)]
    }
  }

  /// Weights of which only a part is left, the others being zero.
  private static func pruned(to part: Double) -> [Float] {
    zip(normals(1 << 18), noise(1 << 18, seed: 4)).map { $1 < part ? $0 : 0 }
  }
}
