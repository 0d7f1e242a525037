import ArgumentParser
import Arrays
import GGUFFiles
import HuggingFaceFiles
import Interchange
import PyTorchFiles
import ToolSupport

/// A type to which tensors can be converted.
struct FloatingPointType: ExpressibleByArgument {
  let dtype: DType

  init?(argument: String) {
    guard Self.allValueStrings.contains(argument), let dtype = DType(rawValue: argument) else {
      return nil
    }
    self.dtype = dtype
  }

  static var allValueStrings: [String] {
    DType.allCases.filter { $0.isFloatingPoint && $0 != .float4E2M1FNx2 }.map(\.rawValue)
  }
}

extension PyTorchOptions.Layout: ExpressibleByArgument {}
extension HuggingFaceOptions.Weights: ExpressibleByArgument {}
extension GGUFOptions.Quantization: ExpressibleByArgument {}

/// A type that the numbers of quantised tensors get.
enum DequantizedType: String, CaseIterable, ExpressibleByArgument {
  case float32, float16, bfloat16

  var dtype: DType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }
}

/// A number of bytes with a unit: `5GB` (powers of ten), `512MiB` (powers of two), `4096`.
struct ByteCount: ExpressibleByArgument {
  let byteCount: Int

  private static let units = [
    "": 1, "B": 1, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "KIB": 1 << 10,
    "MIB": 1 << 20, "GIB": 1 << 30,
  ]

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let unit = argument.dropFirst(digits.count).uppercased()
    guard let count = Int(digits), let factor = Self.units[unit] else { return nil }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: factor)
    guard !overflow, byteCount > 0 else { return nil }
    self.byteCount = byteCount
  }
}
