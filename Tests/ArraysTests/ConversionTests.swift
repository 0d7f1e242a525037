import Arrays
import Files
import Foundation
import Testing

/// Values that PyTorch converted: see `Fixtures/make_conversions.py`.
private struct ConversionCase: Decodable, Sendable, CustomTestStringConvertible {
  let from: String
  let to: String
  let input: String
  let output: String

  var testDescription: String { "\(from) to \(to)" }

  static let all: [ConversionCase] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "Fixtures/conversions.json")
    guard let data = try? Data(contentsOf: file),
      let cases = try? JSONDecoder().decode([ConversionCase].self, from: data)
    else { return [] }
    return cases
  }()
}

@Suite struct ConversionTests {
  @Test func fixtureCoversEveryPairOfTypes() {
    // 22 types less float4_e2m1fn_x2, which PyTorch does not convert.
    #expect(ConversionCase.all.count == 21 * 20)
  }

  @Test(arguments: ConversionCase.all)
  private func matchesPyTorch(_ conversion: ConversionCase) throws {
    let from = try #require(DType(rawValue: conversion.from))
    let to = try #require(DType(rawValue: conversion.to))
    let array = NDArray(hexadecimal: conversion.input, dtype: from)
    let expected = NDArray(hexadecimal: conversion.output, dtype: to)
    let result = try array.converted(to: to)
    let differing = result.codes.indices.filter { index in
      result.codes[index] != expected.codes[index]
        && !(result.isNaN(at: index) && expected.isNaN(at: index))
    }
    #expect(
      differing.isEmpty,
      """
      \(differing.prefix(5).map { "\(array.codes[$0]) gave \(result.codes[$0]), not \(expected.codes[$0])" })
      """)
  }

  @Test func packedPairsAreNotConverted() {
    let array = NDArray(zeros: [2], dtype: .float4E2M1FNx2)
    #expect(throws: ConversionError.self) { try array.converted(to: .float32) }
  }
}

extension NDArray {
  fileprivate init(hexadecimal: String, dtype: DType) {
    let digits = Array(hexadecimal.utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) ?? 0
    }
    let storage = bytes.withUnsafeBytes { Storage(copying: $0) }
    self.init(storage: storage, dtype: dtype, layout: Layout([bytes.count / dtype.itemSize]))
  }

  /// The bits of each element.
  fileprivate var codes: [[UInt8]] {
    withContiguousBytes { bytes in
      stride(from: 0, to: bytes.count, by: dtype.itemSize).map {
        Array(bytes[$0..<($0 + dtype.itemSize)])
      }
    }
  }

  /// Whether an element, or a part of a complex one, is NaN; payloads are the processor's affair.
  fileprivate func isNaN(at index: Int) -> Bool {
    guard !dtype.isIntegral, let wide = try? converted(to: .complex128) else { return false }
    let value = wide.elements(as: Complex<Double>.self)[index]
    return value.real.isNaN || value.imaginary.isNaN
  }
}
