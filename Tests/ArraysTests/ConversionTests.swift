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

  /// A NaN of whatever payload stays one in every type that has NaN, by the bits: all of the exponent
  /// and any of the fraction, or the one code of the types that have but one.
  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64])
  func everyNotANumberStaysOne(_ from: DType) throws {
    let fractions: [DType: Int] = [.float16: 10, .bfloat16: 7, .float32: 23, .float64: 52]
    let bitCount = 8 * from.itemSize
    let fraction = try #require(fractions[from])
    let ones = (UInt64(1) << UInt64(bitCount - 1 - fraction) - 1) << UInt64(fraction)
    let quiet = UInt64(1) << UInt64(fraction - 1)
    let all = UInt64(1) << UInt64(fraction) - 1
    var codes: [UInt64] = []
    for payload in [1, 2, quiet, quiet | 1, quiet - 1, all, all - 1, all >> 1] {
      codes += [ones | payload, ones | payload | UInt64(1) << UInt64(bitCount - 1)]
    }
    let bytes = codes.flatMap { code in
      withUnsafeBytes(of: code.littleEndian) { Array($0.prefix(from.itemSize)) }
    }
    let storage = Storage(copying: bytes)
    let array = NDArray(storage: storage, dtype: from, layout: Layout([codes.count]))
    for to in DType.allCases where to.isFloatingPoint && to != .float4E2M1FNx2 {
      for (code, result) in zip(codes, try array.converted(to: to).codes) {
        let bits = result.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let magnitude = bits & (UInt64(1) << UInt64(8 * to.itemSize - 1) - 1)
        let isNaN =
          switch to {
          case .float8E4M3FN: magnitude == 0x7F
          case .float8E5M2: magnitude > 0x7C
          case .float8E4M3FNUZ, .float8E5M2FNUZ: bits == 0x80
          case .float8E8M0FNU: bits == 0xFF
          case .float16: magnitude > 0x7C00
          case .bfloat16: magnitude > 0x7F80
          case .float32: magnitude > 0x7F80_0000
          default: magnitude > 0x7FF0_0000_0000_0000
          }
        #expect(isNaN, "\(from) \(String(code, radix: 16)) to \(to): \(String(bits, radix: 16))")
      }
    }
  }

  /// A conversion is called lossless if and only if each number of the one type, whatever its bits, is
  /// the same number in the other and comes back from it as it was.
  @Test(arguments: DType.allCases.filter { $0.itemSize <= 2 && $0 != .float4E2M1FNx2 })
  func losslessIsWhatComesBack(_ from: DType) throws {
    // Of a byte that is a truth value only two codes are used.
    let count = from == .bool ? 2 : 1 << (8 * from.itemSize)
    let bytes = (0..<count).flatMap { code in
      (0..<from.itemSize).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) }
    }
    let storage = Storage(copying: bytes)
    let array = NDArray(storage: storage, dtype: from, layout: Layout([count]))
    // Not a number, and converted to a type that has but one code for it.
    let numbers = try array.converted(to: .float64).elements(as: Double.self)
    let isNumber = numbers.map { !$0.isNaN }
    for to in DType.allCases where to != .float4E2M1FNx2 {
      let there = try array.converted(to: to)
      let back = try there.converted(to: from)
      let isSame = zip(numbers, try there.converted(to: .float64).elements(as: Double.self))
        .allSatisfy { $0.isNaN || $0 == $1 }
      let comesBack = zip(zip(array.codes, back.codes), isNumber).allSatisfy { codes, isNumber in
        !isNumber || codes.0 == codes.1
      }
      let isWhole = isSame && comesBack
      let keepsNaN = isNumber.allSatisfy(\.self) || to.isFloatingPoint || to.isComplex
      #expect(
        from.isLosslesslyConvertible(to: to) == (isWhole && keepsNaN), "\(from) to \(to)")
    }
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
    let storage = Storage(copying: bytes)
    self.init(storage: storage, dtype: dtype, layout: Layout([bytes.count / dtype.itemSize]))
  }

  /// The bits of each element.
  fileprivate var codes: [[UInt8]] {
    withContiguousBytes { bytes in
      stride(from: 0, to: bytes.byteCount, by: dtype.itemSize).map {
        [UInt8](copying: bytes.extracting($0..<($0 + dtype.itemSize)))
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
