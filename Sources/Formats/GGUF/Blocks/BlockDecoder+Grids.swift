import Files

// Blocks of 256 elements whose numbers are points of a grid, each of 4 or 8 elements.
extension BlockDecoder {
  /// The signs of eight elements, of seven bits: the eighth makes their number even.
  private static func evenSigns(_ bits: Int) -> Int {
    bits | (bits.nonzeroBitCount & 1) << 7
  }

  /// A number with the sign of an element. NaN keeps its own, as in a product with −1, which the compiler would
  /// make a negation.
  private static func signed(_ number: Float, _ signs: Int, _ place: Int) -> Float {
    signs >> place & 1 == 0 || number.isNaN ? number : -number
  }

  /// The four bits of a run, of which two are in each byte.
  private static func fourBits(_ bytes: RawSpan, _ start: Int, _ run: Int) -> Int {
    bytes.nibble(run % 2 == 1, at: start + run / 2)
  }

  /// A scale d, and for each of eight runs of 32 four points, and a word of four times seven signs and a scale of
  /// four bits: d·(0.5 + s)/4 times the point.
  static let iq2XXS: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for run in 0..<8 {
      let place = start + 2 + 8 * run
      let word = bytes.loadLittleEndian(UInt32.self, at: place + 4)
      let mine = scale * (0.5 + Float(word >> 28)) * 0.25
      for part in 0..<4 {
        let signs = evenSigns(Int(word >> UInt32(7 * part) & 127))
        let point = bytes.int(at: place + part)
        for index in 0..<8 {
          block[32 * run + 8 * part + index] =
            signed(mine * BlockGrid.iq2XXS[point, index], signs, index)
        }
      }
    }
  }

  /// A scale, words of nine bits for the point and seven for the signs, and sixteen scales of four bits.
  static let iq2XS: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for part in 0..<32 {
      let word = Int(bytes.loadLittleEndian(UInt16.self, at: start + 2 + 2 * part))
      let mine = scale * (0.5 + Float(fourBits(bytes, start + 66, part / 2))) * 0.25
      let signs = evenSigns(word >> 9)
      for index in 0..<8 {
        block[8 * part + index] = signed(mine * BlockGrid.iq2XS[word & 511, index], signs, index)
      }
    }
  }

  /// A scale, the lower bits of the points, all signs, the upper two bits of the points, and sixteen scales.
  static let iq2S: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for part in 0..<32 {
      let high = bytes.int(at: start + 66 + part / 4) >> (2 * (part % 4)) & 3
      let point = bytes.int(at: start + 2 + part) | high << 8
      let mine = scale * (0.5 + Float(fourBits(bytes, start + 74, part / 2))) * 0.25
      let signs = bytes.int(at: start + 34 + part)
      for index in 0..<8 {
        block[8 * part + index] = signed(mine * BlockGrid.iq2S[point, index], signs, index)
      }
    }
  }

  /// A scale, points of four elements, and for each run of 32 a word of signs and a scale: d·(0.5 + s)/2.
  static let iq3XXS: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for run in 0..<8 {
      let word = bytes.loadLittleEndian(UInt32.self, at: start + 66 + 4 * run)
      let mine = scale * (0.5 + Float(word >> 28)) * 0.5
      for part in 0..<4 {
        let signs = evenSigns(Int(word >> UInt32(7 * part) & 127))
        for index in 0..<8 {
          let point = bytes.int(at: start + 2 + 8 * run + 2 * part + index / 4)
          block[32 * run + 8 * part + index] =
            signed(mine * BlockGrid.iq3XXS[point, index % 4], signs, index)
        }
      }
    }
  }

  /// A scale, the lower bits of points of four elements, their ninth bits, all signs, and eight scales: d·(1 + 2s).
  static let iq3S: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for number in 0..<64 {
      let high = bytes.int(at: start + 66 + number / 8) >> (number % 8) & 1
      let point = bytes.int(at: start + 2 + number) | high << 8
      let mine = scale * Float(1 + 2 * fourBits(bytes, start + 106, number / 8))
      let signs = bytes.int(at: start + 74 + number / 2) >> (4 * (number % 2))
      for index in 0..<4 {
        block[4 * number + index] = signed(mine * BlockGrid.iq3S[point, index], signs, index)
      }
    }
  }

  /// By how much the points of IQ1 are moved, up or down.
  private static let delta: Float = 0.125

  /// A scale, the lower bits of points, and for each run of 32 a word of their upper three bits, a scale of three
  /// bits, and where to they are moved: d·(2s + 1) times the point.
  static let iq1S: Function = { bytes, start, block in
    let scale = bytes.half(at: start)
    for part in 0..<32 {
      let word = Int(bytes.loadLittleEndian(UInt16.self, at: start + 34 + 2 * (part / 4)))
      let point = bytes.int(at: start + 2 + part) | (word >> (3 * (part % 4)) & 7) << 8
      let mine = scale * Float(2 * (word >> 12 & 7) + 1)
      let moved = word & 0x8000 == 0 ? delta : -delta
      for index in 0..<8 {
        block[8 * part + index] = mine * (BlockGrid.iq1[point, index] + moved)
      }
    }
  }

  /// The lower bits of points, for each four bits with their upper three and where to they are moved, and words of
  /// four scales of three bits, whose upper four bits are together the scale of all.
  static let iq1M: Function = { bytes, start, block in
    var words: [Int] = []
    for number in 0..<4 {
      words.append(Int(bytes.loadLittleEndian(UInt16.self, at: start + 48 + 2 * number)))
    }
    var bits = 0
    for (number, word) in words.enumerated() { bits |= (word >> 12) << (4 * number) }
    let scale = Float(halfBits: UInt16(bits))
    for part in 0..<32 {
      let more = fourBits(bytes, start + 32, part)
      let point = bytes.int(at: start + part) | (more & 7) << 8
      let three = words[part / 8] >> (3 * (part / 2 % 4)) & 7
      let mine = scale * Float(2 * three + 1)
      let moved = more & 8 == 0 ? delta : -delta
      for index in 0..<8 {
        block[8 * part + index] = mine * (BlockGrid.iq1[point, index] + moved)
      }
    }
  }
}
