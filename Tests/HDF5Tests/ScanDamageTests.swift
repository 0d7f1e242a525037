import HDF5
import LibHDF5
import TestSupport
import Testing

/// Random damage: every file is read as far as it can be, or refused with a typed error.
@Suite struct ScanDamageTests {
  private static let formats: [HDF5FileOptions.Format] = [.earliest, .v18, .v110]

  @Test(arguments: formats) func wholeFilesAreRead(format: HDF5FileOptions.Format) throws {
    let sample = try ScanSample.make(format)
    let text = try ScanSample.describe(sample)
    #expect(text.contains("filtered growing"))
    #expect(text.contains("attribute 11"))
  }

  @Test(arguments: formats) func damagedFilesAreErrorsOrAnswers(
    format: HDF5FileOptions.Format
  ) throws {
    let sample = try ScanSample.make(format)
    let whole = try ScanSample.describe(sample, values: false)
    var random = SplitMix64(state: 1)
    var errors: [HDF5Error.Code: Int] = [:]
    var slowest = Duration.zero
    for number in 0..<1000 {
      var bytes = sample
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        // A flipped bit, any byte, and what numbers are made huge or nothing by.
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = .random(in: 0...255, using: &random)
        case 2: bytes[place] = 0
        default: bytes[place] = 0xFF
        }
      }
      slowest = max(
        slowest,
        try ProcessorTime.measure {
          do {
            let found = try ScanSample.describe(bytes, values: false)
            // What has checksums is never wrong. In version 1.8 indexes of chunks have none yet.
            if format == .v110 { #expect(found == whole, "damage \(number)") }
            if number % 2 == 0 { _ = try ScanSample.describe(bytes) }
          } catch let error as HDF5Error {
            errors[error.code, default: 0] += 1
            #expect(error.file == "sample")
          }
        })
    }
    #expect(slowest < .seconds(1))
    #expect(errors[.corrupt, default: 0] > 100, "\(errors)")
    let known: Set<HDF5Error.Code> = [
      .corrupt, .notHDF5, .truncated, .unsupported, .limitExceeded, .locked,
    ]
    #expect(known.isSuperset(of: errors.keys), "\(errors)")
  }

  @Test(arguments: formats) func truncatedFilesAreErrors(format: HDF5FileOptions.Format) throws {
    let sample = try ScanSample.make(format)
    for length in stride(from: 0, to: sample.count, by: 512) {
      let error = #expect(throws: HDF5Error.self, "\(length) bytes") {
        try HDF5Scan(bytes: Array(sample.prefix(length)), name: "cut")
      }
      #expect(error?.code == (length == 0 ? .notHDF5 : .truncated), "\(length) bytes")
    }
  }

  @Test(arguments: formats) func zeroedSectorsAreErrorsOrAnswers(
    format: HDF5FileOptions.Format
  ) throws {
    let sample = try ScanSample.make(format)
    let whole = try ScanSample.describe(sample, values: false)
    for start in stride(from: 0, to: sample.count - 512, by: 128) {
      for filler: UInt8 in [0, 0xFF] {
        var bytes = sample
        for place in start..<start + 512 { bytes[place] = filler }
        do {
          let found = try ScanSample.describe(bytes, values: false)
          if format == .v110 { #expect(found == whole, "\(start)") }
          _ = try ScanSample.describe(bytes)
        } catch is HDF5Error {}
      }
    }
  }

  @Test(arguments: formats) func bytesBehindTheEndDoNotMatter(
    format: HDF5FileOptions.Format
  ) throws {
    let sample = try ScanSample.make(format)
    let extended = sample + [UInt8](repeating: 0xAB, count: 1000)
    #expect(try ScanSample.describe(extended) == ScanSample.describe(sample))
  }
}
