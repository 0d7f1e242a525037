import Files

// Blocks of 256 elements, with scales of the scales.
extension BlockDecoder {
  /// Sixteen bytes of scales and minima of runs of 16, 2-bit numbers, and the scales of both.
  static let q2K: Function = { bytes, start, block in
    let (scale, minimum) = (bytes.half(at: start + 80), bytes.half(at: start + 82))
    for run in 0..<16 {
      let mine = scale * Float(bytes.nibble(false, at: start + run))
      let least = minimum * Float(bytes.nibble(true, at: start + run))
      for index in 0..<16 {
        let place = 16 * run + index
        let number = twoBits(bytes, start + 16, place)
        block[place] = mine * Float(number) - least
      }
    }
  }

  /// The 2-bit number of an element: in each 32 bytes are four runs of 32, one for each pair of bits.
  private static func twoBits(_ bytes: RawSpan, _ start: Int, _ place: Int) -> Int {
    let (half, rest) = place.quotientAndRemainder(dividingBy: 128)
    return bytes.int(at: start + 32 * half + rest % 32) >> (2 * (rest / 32)) & 3
  }

  /// Third bits, 2-bit numbers, sixteen 6-bit scales, and their scale.
  static let q3K: Function = { bytes, start, block in
    let scale = bytes.half(at: start + 108)
    for run in 0..<16 {
      let low = bytes.nibble(run >= 8, at: start + 96 + run % 8)
      let high = bytes.int(at: start + 104 + run % 4) >> (2 * (run / 4)) & 3
      let mine = scale * Float((low | high << 4) - 32)
      for index in 0..<16 {
        let place = 16 * run + index
        let isSet = bytes.int(at: start + place % 32) >> (place / 32) & 1 == 1
        block[place] = mine * Float(twoBits(bytes, start + 32, place) - (isSet ? 0 : 4))
      }
    }
  }

  /// The 6-bit scale and minimum of a run of 32, from twelve bytes: three groups of four.
  private static func scales(
    _ bytes: RawSpan, _ start: Int, _ run: Int
  ) -> (scale: Int, minimum: Int) {
    let (first, second) = (bytes.int(at: start + run % 4), bytes.int(at: start + 4 + run % 4))
    guard run >= 4 else { return (first & 63, second & 63) }
    let third = bytes.int(at: start + 4 + run)
    return (third & 15 | (first >> 6) << 4, third >> 4 | (second >> 6) << 4)
  }

  /// Two scales, the scales and minima of runs of 32, and nibbles.
  static let q4K: Function = { bytes, start, block in
    let (scale, minimum) = (bytes.half(at: start), bytes.half(at: start + 2))
    for run in 0..<8 {
      let own = scales(bytes, start + 4, run)
      let (mine, least) = (scale * Float(own.scale), minimum * Float(own.minimum))
      for index in 0..<32 {
        let nibble = bytes.nibble(run % 2 == 1, at: start + 16 + 32 * (run / 2) + index)
        block[32 * run + index] = mine * Float(nibble) - least
      }
    }
  }

  /// As Q4_K, with fifth bits.
  static let q5K: Function = { bytes, start, block in
    let (scale, minimum) = (bytes.half(at: start), bytes.half(at: start + 2))
    for run in 0..<8 {
      let own = scales(bytes, start + 4, run)
      let (mine, least) = (scale * Float(own.scale), minimum * Float(own.minimum))
      for index in 0..<32 {
        let nibble = bytes.nibble(run % 2 == 1, at: start + 48 + 32 * (run / 2) + index)
        let high = bytes.int(at: start + 16 + index) >> run & 1
        block[32 * run + index] = mine * Float(nibble | high << 4) - least
      }
    }
  }

  /// Nibbles, fifth and sixth bits, sixteen signed scales, and their scale.
  static let q6K: Function = { bytes, start, block in
    let scale = bytes.half(at: start + 208)
    for run in 0..<16 {
      let mine = scale * Float(Int8(bitPattern: bytes[start + 192 + run]))
      for index in 0..<16 {
        let place = 16 * run + index
        let (half, rest) = place.quotientAndRemainder(dividingBy: 128)
        let low = bytes.nibble(rest >= 64, at: start + 64 * half + rest % 64)
        block[place] = mine * Float((low | twoBits(bytes, start + 128, place) << 4) - 32)
      }
    }
  }

  /// Digits of base 3, five in a byte, so that its product with a power of 3 has one of them on top.
  static let tq10: Function = { bytes, start, block in
    let scale = bytes.half(at: start + 52)
    let powers: [UInt8] = [1, 3, 9, 27, 81]
    var place = 0
    for (first, count, digits) in [(0, 32, 5), (32, 16, 5), (48, 4, 4)] {
      for digit in 0..<digits {
        for index in 0..<count {
          let byte = bytes[start + first + index] &* powers[digit]
          block[place] = scale * Float((Int(byte) * 3) >> 8 - 1)
          place += 1
        }
      }
    }
  }

  /// Numbers of two bits: −1, 0 and 1.
  static let tq20: Function = { bytes, start, block in
    let scale = bytes.half(at: start + 64)
    for place in 0..<256 { block[place] = scale * Float(twoBits(bytes, start, place) - 1) }
  }
}
