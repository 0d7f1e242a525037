import Arrays
import Checkpoints
import Files
import Interchange
import States
import Testing

/// SHA-256 against the vectors of NIST, and manifests as they are written and read.
@Suite struct ManifestTests {
  /// FIPS 180-4's examples, and those of NIST's CAVP that end beside a block's end.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func digestsAreThoseOfTheStandard(_ text: String, _ expected: String) {
    var sum = SHA256()
    sum.update(text)
    #expect(sum.hexadecimal == expected)
  }

  @Test func piecesMakeTheSameDigest() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for count in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 300] {
      var whole = SHA256()
      bytes.prefix(count).withBytes { whole.update($0) }
      for length in [1, 7, 64, 100] {
        var pieces = SHA256()
        for start in stride(from: 0, to: count, by: length) {
          bytes[start..<min(start + length, count)].withBytes { pieces.update($0) }
        }
        #expect(pieces.hexadecimal == whole.hexadecimal, "\(count) by \(length)")
      }
    }
  }

  @Test func typeAndShapeCountAndLayoutDoesNot() throws {
    let array = NDArray((0..<6).map(Float.init), shape: [2, 3])
    let digest = try Manifest.digest(of: array)
    #expect(try Manifest.digest(of: array.transposed().copied().transposed()) == digest)
    #expect(try Manifest.digest(of: array.reshaped(to: [3, 2])) != digest)
    let bits = NDArray(storage: array.storage, dtype: .int32, layout: array.layout)
    #expect(try Manifest.digest(of: bits) != digest)
    // hashlib.sha256(b"float32[]\n" + numpy.float32(1).tobytes()).hexdigest()
    #expect(
      try Manifest.digest(of: NDArray(Float(1)))
        == "e2bae80ea3a61e9eede12abdc6554f9bb88f0ec0918dafbe053b060173d546b5")
  }

  @Test func linesAreReadAsTheyAreWritten() throws {
    let names = [
      "plain", "with blanks  in", "back\\slash", "line\nbreak", "\u{1B}[31m", "a\u{202E}b", "\r",
    ]
    var state = StateDict()
    for (number, name) in names.enumerated() { state[name] = NDArray(Int64(number)) }
    let manifest = try Manifest(Checkpoint(state: state))
    #expect(manifest.lines.count == names.count)
    #expect(manifest.lines.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
    let text = manifest.lines.joined(separator: "\n") + "\n"
    #expect(try Manifest(text: text, file: "m") == manifest)
  }

  @Test(arguments: [
    "x", "00  a", String(repeating: "g", count: 64) + "  a",
    String(repeating: "0", count: 64) + " a",
    "\\" + String(repeating: "0", count: 64) + "  a\\",
    "\\" + String(repeating: "0", count: 64) + "  \\u{110000}",
  ])
  func whatIsNoManifestIsRefused(_ line: String) {
    let error = #expect(throws: CheckpointError.self) {
      try Manifest(text: "# a comment\n\n\(line)\n", file: "m.txt")
    }
    #expect(error?.place == "line 3")
  }
}
