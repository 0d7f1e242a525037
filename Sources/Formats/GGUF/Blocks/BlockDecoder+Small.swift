import Files

// Blocks of 32 elements, or four of 16, each with its scale.
extension BlockDecoder {
  /// A scale d, and nibbles n: d·(n − 8). Lower nibbles are the first half.
  static let q40: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for index in 0..<32 {
      let nibble = bytes.nibble(index >= 16, at: start + 2 + index % 16)
      block[index] = scale * Float(nibble - 8)
    }
  }

  /// A scale d, an offset m, and nibbles n: d·n + m.
  static let q41: Function = { bytes, start, block in
    let (scale, offset) = (bytes.half(at: start), bytes.half(at: start + 2))
    for index in 0..<32 {
      let nibble = bytes.nibble(index >= 16, at: start + 4 + index % 16)
      block[index] = scale * Float(nibble) + offset
    }
  }

  /// A scale d, the fifth bits, and nibbles: d·(n − 16).
  static let q50: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    let high = bytes.loadLittleEndian(UInt32.self, at: start + 2)
    for index in 0..<32 {
      let nibble = bytes.nibble(index >= 16, at: start + 6 + index % 16)
      block[index] = scale * Float(nibble + Int(high >> UInt32(index) & 1) * 16 - 16)
    }
  }

  /// A scale d, an offset m, the fifth bits, and nibbles: d·n + m.
  static let q51: Function = { bytes, start, block in
    let (scale, offset) = (bytes.half(at: start), bytes.half(at: start + 2))
    let high = bytes.loadLittleEndian(UInt32.self, at: start + 4)
    for index in 0..<32 {
      let nibble = bytes.nibble(index >= 16, at: start + 8 + index % 16)
      block[index] = scale * Float(nibble + Int(high >> UInt32(index) & 1) * 16) + offset
    }
  }

  /// A scale d, and signed bytes q: q·d.
  static let q80: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for index in 0..<32 {
      block[index] = Float(Int8(bitPattern: bytes[start + 2 + index])) * scale
    }
  }

  /// The sixteen values of IQ4.
  private static let iq4Values: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]

  /// As Q4_0, with values from a table.
  static let iq4NL: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for index in 0..<32 {
      block[index] = scale * iq4Values[bytes.nibble(index >= 16, at: start + 2 + index % 16)]
    }
  }

  /// A scale, and for each of eight runs of 32 six bits of another: four in `low`, two in `high`.
  static let iq4XS: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    let high = Int(bytes.loadLittleEndian(UInt16.self, at: start + 2))
    for run in 0..<8 {
      let low = bytes.nibble(run % 2 == 1, at: start + 4 + run / 2)
      let mine = scale * Float((low | (high >> (2 * run) & 3) << 4) - 32)
      for index in 0..<32 {
        let nibble = bytes.nibble(index >= 16, at: start + 8 + 16 * run + index % 16)
        block[32 * run + index] = mine * iq4Values[nibble]
      }
    }
  }

  /// The sixteen values of a 4-bit float of two exponent bits and one of fraction, doubled.
  private static let e2m1Values: [Float] = [
    0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12,
  ]

  /// An exponent e for the scale 2^(e − 128), since values are doubled, and nibbles.
  static let mxfp4: Function = { bytes, start, block in
    let exponent = UInt32(bytes[start])
    let scale = Float(
      bitPattern: exponent < 2 ? 0x0020_0000 << exponent : (exponent - 1) << 23)
    for index in 0..<32 {
      block[index] = scale * e2m1Values[bytes.nibble(index >= 16, at: start + 1 + index % 16)]
    }
  }

  /// Four groups of 16, each with an unsigned float of four exponent and three fraction bits as scale.
  static let nvfp4: Function = { bytes, start, block in
    for group in 0..<4 {
      let scale = halvedE4M3(bytes[start + group])
      for index in 0..<16 {
        let nibble = bytes.nibble(index >= 8, at: start + 4 + 8 * group + index % 8)
        block[16 * group + index] = scale * e2m1Values[nibble]
      }
    }
  }

  /// Half of an E4M3 without its sign; its one NaN is zero here.
  private static func halvedE4M3(_ byte: UInt8) -> Float {
    guard byte != 0, byte != 0x7F else { return 0 }
    let (exponent, fraction) = (Int(byte >> 3 & 15), Float(byte & 7))
    guard exponent > 0 else { return fraction * 0x1p-9 * 0.5 }
    // Between 2 to the -7 and to the 8: exact.
    let power = Float(sign: .plus, exponent: exponent - 7, significand: 1)
    return (1 + fraction / 8) * power * 0.5
  }
}
