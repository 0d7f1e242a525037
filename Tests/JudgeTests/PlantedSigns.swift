import Foundation

/// A file of samples in which one element of what PyTorch answered has another sign.
///
/// The file is changed as bytes, so that the judge reads it as any other.
struct PlantedSigns {
  private(set) var bytes: [UInt8]
  /// The samples that were changed, by their numbers.
  private(set) var samples: [Int] = []
  private let tensors: [String: [String: Any]]
  private let start: Int

  /// Changes the greatest element of the first tensor that has one, of a part of each sample.
  ///
  /// - Parameters:
  ///   - bytes: A safetensors file of samples: see `Samples/encoding.py`.
  ///   - part: `values`, `gradients` and so on.
  init(_ bytes: [UInt8], in part: String) throws {
    self.bytes = bytes
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    start = 8 + length
    let header = try Self.object(Data(bytes[8..<start]))
    tensors = header.compactMapValues { $0 as? [String: Any] }
    let text = tensors["__metadata__"]?["samples"] as? String ?? ""
    let samples = try Self.object(Data(text.utf8))["samples"] as? [[String: Any]] ?? []
    for (number, sample) in samples.enumerated() {
      // What float64 computes is there where PyTorch is far from it, and tells that not Ballast is wrong.
      if sample.keys.contains(where: { $0.lowercased().hasSuffix("truth") }) { continue }
      if Self.numbers(in: sample[part]).contains(where: { turn("\($0)") }) {
        self.samples.append(number)
      }
    }
  }

  private static func object(_ data: Data) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// The numbers of tensors in a list, or in a dictionary of dictionaries as the state of an optimizer.
  private static func numbers(in value: Any?) -> [Int] {
    switch value {
    case let list as [Any]: list.compactMap { $0 as? Int }
    case let table as [String: Any]:
      table.sorted { $0.key < $1.key }.flatMap { entry in
        (entry.value as? Int).map { [$0] } ?? numbers(in: entry.value)
      }
    default: []
    }
  }

  /// Turns the sign of the greatest finite element that is not small.
  ///
  /// - Returns: Whether there is one.
  private mutating func turn(_ name: String) -> Bool {
    guard let tensor = tensors[name], let bounds = tensor["data_offsets"] as? [Int],
      let type = tensor["dtype"] as? String
    else { return false }
    // The bits of a thousandth, below which a number may be nothing by any tolerance, and of infinity.
    // Between them, the greater number has the greater bits.
    let limits: [String: Range<UInt64>] = [
      "F64": 0x3F50_0000_0000_0000..<0x7FF0_0000_0000_0000, "F32": 0x3A80_0000..<0x7F80_0000,
      "F16": 0x1400..<0x7C00, "BF16": 0x3A80..<0x7F80,
    ]
    guard let range = limits[type] else { return false }
    let width = type == "F64" ? 8 : type == "F32" ? 4 : 2
    let places = stride(from: start + bounds[0], to: start + bounds[1], by: width)
    let magnitudes = places.map { place in
      (place: place, bits: magnitude(at: place, width))
    }
    let finite = magnitudes.filter { range.contains($0.bits) }
    guard let greatest = finite.max(by: { $0.bits < $1.bits }) else { return false }
    bytes[greatest.place + width - 1] ^= 0x80
    return true
  }

  private func magnitude(at place: Int, _ width: Int) -> UInt64 {
    let bits = bytes[place..<place + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return bits & ~(UInt64(1) << (8 * UInt64(width) - 1))
  }
}
