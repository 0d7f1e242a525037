import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// What is told of values that a narrower type cannot hold, held against PyTorch's conversions.
@Suite struct ValueChangeTests {
  private struct Row: Decodable {
    let from: String
    let to: String
    let hex: String
    let changes: [String: Int]
  }

  private func losses(_ array: NDArray, _ type: DType) throws -> [ConversionLoss] {
    var options = WriteOptions()
    options.floatingPointType = type
    return try Checkpoint(state: ["w": array]).roundingLosses(options)
  }

  /// The numbers before "of" in the details, by kind.
  private func counts(_ losses: [ConversionLoss]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for loss in losses where loss.kind != .dtypeChanged {
      let words = loss.detail.split(separator: " ").map(String.init)
      for (number, word) in zip(words, words.dropFirst()) where word == "of" {
        counts[loss.kind.rawValue, default: 0] += Int(number) ?? 0
      }
    }
    return counts
  }

  @Test(.needsPeers) func everySortOfChangeIsCountedAsPyTorchMakesIt() throws {
    let output = try Peers.run("classify_conversions.py", [])
    let rows = try JSONDecoder().decode([Row].self, from: Data(output.utf8))
    #expect(rows.count == 4 * 8)
    for row in rows {
      let from = try #require(DType(rawValue: row.from))
      let to = try #require(DType(rawValue: row.to))
      let digits = Array(row.hex.utf8)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
      }
      let storage = Storage(copying: bytes)
      let array = NDArray(
        storage: storage, dtype: from, layout: Layout([bytes.count / from.itemSize]))
      #expect(try counts(losses(array, to)) == row.changes, "\(row.from) to \(row.to)")
    }
  }

  /// All that was once called "rounded", each as what it is.
  @Test func kindsTellWhatBecameOfValues() throws {
    func kinds(_ values: [Float], _ type: DType) throws -> [ConversionLoss.Kind] {
      try losses(NDArray(values), type).map(\.kind)
    }
    #expect(try kinds([1, -0.5, .nan, .infinity], .float16) == [.dtypeChanged])
    #expect(try kinds([1.1], .bfloat16) == [.valueRounded])
    #expect(try kinds([1e5], .float16) == [.valueOverflowed])
    #expect(try kinds([1e5], .float8E4M3FN) == [.valueOverflowed])
    #expect(try kinds([.infinity], .float8E4M3FN) == [.valueOverflowed])
    #expect(try kinds([449], .float8E4M3FN) == [.valueOverflowed])
    #expect(try kinds([241], .float8E4M3FNUZ) == [.valueRounded])
    #expect(try kinds([-.infinity], .float8E5M2FNUZ) == [.valueOverflowed])
    #expect(try kinds([1e-30], .float16) == [.valueUnderflowed])
    #expect(try kinds([0], .float8E8M0FNU) == [.valueUnderflowed])
    #expect(try kinds([-1], .float8E8M0FNU) == [.signLost])
    #expect(try kinds([-0.0], .float8E4M3FNUZ) == [.signLost])
    #expect(try kinds([-0.0], .float8E4M3FN) == [.dtypeChanged])
    let all = try losses(NDArray([1.1, 1e5, -1e5, 1e-30, 2] as [Float]), .float16)
    #expect(
      all.map(\.description) == [
        "w: written as float16 instead of float32, 1 of 5 rounded",
        "w: written as float16 instead of float32, 2 of 5 too large and infinite now",
        "w: written as float16 instead of float32, 1 of 5 too small and zero now",
      ])
  }

  // MARK: Saturation

  private static let narrow: [(DType, Double, hasInfinity: Bool)] = [
    (.float16, 65504, true), (.bfloat16, 3.3895313892515355e38, true), (.float8E4M3FN, 448, false),
    (.float8E5M2, 57344, true), (.float8E4M3FNUZ, 240, false), (.float8E5M2FNUZ, 57344, false),
    (.float32, Double(Float.greatestFiniteMagnitude), true),
  ]

  /// The largest numbers are those that `torch.finfo` gives.
  @Test(arguments: narrow) func whatIsTooLargeBecomesTheLargest(
    _ type: DType, _ largest: Double, _ hasInfinity: Bool
  ) throws {
    let folder = try TemporaryFolder()
    let values = [1, -1e300, 1e300, .infinity, -.infinity, .nan, largest, -0.0]
    let array = NDArray(values, shape: [2, 4])
    var checkpoint = Checkpoint(state: ["w": array, "tied": array, "small": NDArray([0.5, -2])])
    checkpoint.state.entries["row"] = .init(array.selected(axis: 0, 0))
    var options = WriteOptions()
    options.floatingPointType = type
    options.saturates = true
    for format in [FileFormat.ballast, .safetensors, .pytorch, .numpy] {
      let path = folder.file("\(type.rawValue).\(format.id)")
      try checkpoint.write(to: path, format: format, options: options)
      let read = try OpenedCheckpoint(path).checkpoint.state
      let written = try #require(read["w"])
      #expect(written.dtype == type)
      #expect(read["small"]?.dtype == type)
      let numbers = try written.converted(to: .float64).elements(as: Double.self)
      #expect(Array(numbers[0..<3]) == [1, -largest, largest], "\(type) \(format.id)")
      #expect(numbers[6] == largest)
      #expect(numbers[5].isNaN)
      if hasInfinity { #expect(Array(numbers[3..<5]) == [.infinity, -.infinity]) }
      #expect(read["tied"].map(written.isBitwiseEqual) == true)
      #expect(read["row"].map(written.selected(axis: 0, 0).isBitwiseEqual) == true)
      if format == .ballast {
        // What was one is one still.
        #expect(read["tied"]?.storage === written.storage)
      }
    }
    let losses = try checkpoint.roundingLosses(options).filter { $0.subject == "w" }
    let told = losses.first { $0.kind == .valueOverflowed }
    // Infinity is its largest, too.
    let count = type == .float8E4M3FN ? 4 : 2
    let text = "\(count) of 8 too large and the type's largest number now"
    #expect(told?.detail.contains(text) == true, "\(losses)")
    // On request only.
    options.saturates = false
    let usual = try checkpoint.roundingLosses(options).filter { $0.subject == "w" }
    #expect(usual != losses || type == .float8E4M3FN)
  }
}
