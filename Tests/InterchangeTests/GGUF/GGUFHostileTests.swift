import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files made to harm, and damaged ones. Each is refused with one sentence, and takes no memory that its
/// size does not justify.
@Suite struct GGUFHostileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file, as it should be but for what a test changes.
  struct File {
    struct Info {
      var name = "w"
      var nameLength: UInt64?
      var rank: UInt32?
      var dimensions: [UInt64] = [4]
      var type: UInt32 = 0
      var offset: UInt64 = 0
    }

    var magic = "GGUF"
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var pairCount: UInt64?
    /// Bytes of pairs, each whole.
    var pairs: [[UInt8]] = []
    var infos: [Info] = [Info()]
    var data = 32

    var bytes: [UInt8] {
      var bytes = Array(magic.utf8)
      bytes.append(littleEndian: version)
      bytes.append(littleEndian: tensorCount ?? UInt64(infos.count))
      bytes.append(littleEndian: pairCount ?? UInt64(pairs.count))
      for pair in pairs { bytes += pair }
      for info in infos {
        bytes += File.text(info.name, length: info.nameLength)
        bytes.append(littleEndian: info.rank ?? UInt32(info.dimensions.count))
        for length in info.dimensions { bytes.append(littleEndian: length) }
        bytes.append(littleEndian: info.type)
        bytes.append(littleEndian: info.offset)
      }
      bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
      return bytes + [UInt8](repeating: 1, count: data)
    }

    static func text(_ text: String, length: UInt64? = nil) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(littleEndian: length ?? UInt64(text.utf8.count))
      return bytes + Array(text.utf8)
    }

    /// A pair: its key, the number of its type, and the bytes of its value.
    static func pair(_ key: String, _ type: UInt32, _ value: [UInt8]) -> [UInt8] {
      var bytes = text(key)
      bytes.append(littleEndian: type)
      return bytes + value
    }

    /// The bytes of an array: the number of its elements' type, their count, and what follows.
    static func array(_ type: UInt32, _ count: UInt64, _ rest: [UInt8] = []) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(littleEndian: type)
      bytes.append(littleEndian: count)
      return bytes + rest
    }

    static func number(_ number: UInt32) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(littleEndian: number)
      return bytes
    }
  }

  struct Attack: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let code: CheckpointError.Code
    let words: String

    init(
      _ name: String, _ words: String, _ code: CheckpointError.Code = .damaged,
      _ change: (inout File) -> Void
    ) {
      var file = File()
      change(&file)
      (testDescription, self.words, self.code, bytes) = (name, words, code, file.bytes)
    }
  }

  private static let huge: [UInt64] = [
    .max, .max - 1, 1 << 63, (1 << 63) - 1, 1 << 62, 1 << 61, 1 << 40, 1 << 32,
  ]

  static let attacks: [Attack] =
    huge.flatMap { number in
      [
        Attack("\(number) tensors", "claims \(number) tensors") { $0.tensorCount = number },
        Attack("\(number) pairs", "claims \(number) values") { $0.pairCount = number },
        Attack("a name of \(number)", "claims \(number) bytes") {
          $0.infos[0].nameLength = number
        },
        Attack("a key of \(number)", "claims \(number) bytes") {
          $0.pairs = [File.text("k", length: number) + [UInt8](repeating: 0, count: 40)]
        },
        Attack("a text of \(number)", "claims \(number) bytes") {
          $0.pairs = [File.pair("k", 8, File.text("v", length: number))]
        },
        Attack("an array of \(number) bytes", "claims \(number) elements") {
          $0.pairs = [File.pair("k", 9, File.array(0, number))]
        },
        Attack("an array of \(number) doubles", "claims \(number) elements") {
          $0.pairs = [File.pair("k", 9, File.array(12, number))]
        },
        Attack("an array of \(number) texts", "claims \(number) elements") {
          $0.pairs = [File.pair("k", 9, File.array(8, number))]
        },
        Attack("an array of \(number) arrays", "claims \(number) elements") {
          $0.pairs = [File.pair("k", 9, File.array(9, number))]
        },
        Attack("a length of \(number)", "its") { $0.infos[0].dimensions = [number] },
        Attack("a product with \(number)", "its") { $0.infos[0].dimensions = [4, number, 2] },
        Attack("a length of zero beside \(number)", "impossible") {
          $0.infos[0].dimensions = [1 << 34, 0, number >= 1 << 40 ? number : 1 << 62]
        },
        Attack("empty blocks of a shape with \(number)", "impossible") {
          $0.infos[0].type = 2
          $0.infos[0].dimensions = [32, number >= 1 << 58 ? number : 1 << 58, 0]
        },
        Attack("an offset of \(number)", "its") { $0.infos[0].offset = number },
        Attack("an even offset of \(number)", "its") { $0.infos[0].offset = number / 32 * 32 },
      ]
    } + [
      Attack("a key of 5 MB", "claims 5000000 bytes, of which it may have 65535") {
        $0.pairs = [File.pair(String(repeating: "k", count: 5_000_000), 0, [1])]
      },
      Attack("a name of 65,536 bytes", "claims 65536 bytes, of which it may have 65535") {
        $0.infos[0].name = String(repeating: "w", count: 65_536)
      },
      Attack("a value under a long key", "there is no type 13") {
        $0.pairs = [File.pair(String(repeating: "k", count: 65_535), 13, [1])]
      },
      Attack("a tensor with a long name", "taken out", .unsupported) {
        $0.infos[0].name = String(repeating: "w", count: 65_535)
        $0.infos[0].type = 4
      },
      Attack("a number of parts that is a text", "no number of files") {
        $0.pairs = [File.pair("split.count", 8, File.text("2"))]
      },
      Attack("more parts than can be", "no number of files") {
        $0.pairs = [File.pair("split.count", 10, [UInt8](repeating: 255, count: 8))]
      },
      Attack("another magic", "not a checkpoint", .notThisFormat) { $0.magic = "GGUE" },
      Attack("version 0", "version is 0") { $0.version = 0 },
      Attack("version 1", "version 1", .unsupported) { $0.version = 1 },
      Attack("version 4", "version 4", .newerVersion) { $0.version = 4 },
      Attack("a large version", "version", .newerVersion) { $0.version = .max },
      Attack("too many tensors", "cut short") { $0.tensorCount = 2 },
      Attack("a name twice", "two tensors of this name") {
        $0.infos = [.init(), .init(offset: 32)]
        $0.data = 64
      },
      Attack("one name written in two ways", "encode an accent") {
        $0.infos = [.init(name: "\u{FC}"), .init(name: "u\u{308}", offset: 32)]
        $0.data = 64
      },
      Attack("a key twice", "this key twice") {
        $0.pairs = [File.pair("k", 0, [1]), File.pair("k", 0, [1])]
      },
      Attack("a name with a zero", "not a text") { $0.infos[0].name = "a\0b" },
      Attack("a type of values that is none", "no type 13") {
        $0.pairs = [File.pair("k", 13, [1])]
      },
      Attack("elements of a type that is none", "no type 99") {
        $0.pairs = [File.pair("k", 9, File.array(99, 1, [1]))]
      },
      Attack("a truth value of 2", "neither 0 nor 1") { $0.pairs = [File.pair("k", 7, [2])] },
      Attack("many truth values with a 2", "neither 0 nor 1") {
        $0.pairs = [File.pair("k", 9, File.array(7, 300, [UInt8](repeating: 2, count: 300)))]
      },
      Attack("arrays a thousand deep", "deep", .refused) {
        let nested = (0..<1000).reduce(File.array(0, 0)) { inner, _ in File.array(9, 1, inner) }
        $0.pairs = [File.pair("k", 9, nested)]
      },
      Attack("an alignment of zero", "power of two") {
        $0.pairs = [File.pair("general.alignment", 4, File.number(0))]
      },
      Attack("an alignment of 24", "power of two") {
        $0.pairs = [File.pair("general.alignment", 4, File.number(24))]
      },
      Attack("an alignment of 2 GiB", "power of two") {
        $0.pairs = [File.pair("general.alignment", 4, File.number(1 << 31))]
      },
      Attack("an alignment that is a text", "power of two") {
        $0.pairs = [File.pair("general.alignment", 8, File.text("32"))]
      },
      Attack("a type that was taken out", "taken out", .unsupported) { $0.infos[0].type = 4 },
      Attack("a type that is not known", "not known", .unsupported) { $0.infos[0].type = 999 },
      Attack("a thousand dimensions", "1000 dimensions") {
        $0.infos[0].dimensions = [UInt64](repeating: 1, count: 1000)
      },
      Attack("a claimed rank", "dimensions") { $0.infos[0].rank = .max },
      Attack("a row that is no whole block", "no whole number of Q4_0") {
        $0.infos[0].type = 2
        $0.infos[0].dimensions = [33]
      },
      Attack("a scalar of blocks", "no whole number of Q8_0") {
        $0.infos[0].type = 8
        $0.infos[0].dimensions = []
      },
      Attack("an offset between", "no multiple of the alignment") { $0.infos[0].offset = 4 },
      Attack("a hole before the first", "hole") {
        $0.infos[0].offset = 32
        $0.data = 64
      },
      Attack("a hole between", "hole") {
        $0.infos = [.init(), .init(name: "v", offset: 64)]
        $0.data = 96
      },
      Attack("tensors in one place", "another tensor's") {
        $0.infos = [.init(), .init(name: "v")]
      },
      Attack("tensors that overlap", "another tensor's") {
        $0.infos = [.init(dimensions: [16]), .init(name: "v", offset: 32)]
        $0.data = 96
      },
      Attack("bytes behind the last", "follow its last tensor") { $0.data = 64 },
      Attack("a tensor that is not all there", "cut short") { $0.infos[0].dimensions = [9] },
    ]

  private func failure(_ bytes: [UInt8], _ name: String = "a.gguf") throws -> CheckpointError? {
    try folder.write(bytes, to: name)
    do throws(CheckpointError) {
      _ = try OpenedCheckpoint(folder.file(name), format: .gguf)
      return nil
    } catch {
      return error
    }
  }

  @Test func soundFilesAreRead() throws {
    #expect(try failure(File().bytes) == nil)
    var file = File()
    file.infos = [
      .init(name: "a", offset: 32), .init(name: "b", dimensions: []),
      .init(name: "none", dimensions: [0, 3], offset: 64),
    ]
    // In another order than their records.
    file.data = 64
    try folder.write(file.bytes, to: "a.gguf")
    let state = try OpenedCheckpoint(folder.file("a.gguf")).checkpoint.state
    #expect(Array(state.keys) == ["a", "b", "none"])
    #expect(state["b"]?.shape == [])
    #expect(state["none"]?.shape == [3, 0])
    // Without the padding at the end.
    #expect(try failure(File().bytes.dropLast(16) + []) == nil)
  }

  /// A text that is none, numbers of 32 bits that are none, and the longest key: as they are, there and back.
  @Test func oddMetadataComeBackToTheBit() throws {
    let bits: [UInt32] = [0x7FA0_0001, 0xFF80_0001, 0x7FC0_0000, 0xFFFF_FFFF, 0x7F80_0000, 1]
    let key = String(repeating: "k", count: 65_535)
    var file = File()
    // So that nothing follows it.
    file.infos[0].dimensions = [8]
    file.pairs = [
      File.pair("general.architecture", 8, File.text("llama")),
      File.pair("bytes", 8, [3, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFE, 0x41]),
      File.pair(
        "tokens", 9, File.array(8, 2, File.text("a") + [1, 0, 0, 0, 0, 0, 0, 0, 0xC3])),
      File.pair(key, 0, [7]),
      File.pair("list", 9, File.array(6, UInt64(bits.count), bits.flatMap(File.number))),
    ]
    for (place, number) in bits.enumerated() {
      file.pairs.append(File.pair("number\(place)", 6, File.number(number)))
    }
    #expect(try failure(file.bytes) == nil)
    let metadata = try OpenedCheckpoint(folder.file("a.gguf")).checkpoint.metadata
    #expect(metadata["bytes"] == .bytes([0xFF, 0xFE, 0x41]))
    #expect(metadata["tokens"] == ["a", .bytes([0xC3])])
    #expect(metadata[key] == 7)
    #expect(metadata["number0"]?.doubleValue?.bitPattern == 0x7FF4_0000_2000_0000)
    for format in [FileFormat.ballast, .pytorch, .safetensors, .numpy, .gguf] {
      let between = "b.\(format.id)"
      try OpenedCheckpoint(folder.file("a.gguf")).checkpoint
        .write(to: folder.file(between), format: format)
      try OpenedCheckpoint(folder.file(between)).checkpoint
        .write(to: folder.file("c.gguf"), format: .gguf)
      #expect(try folder.bytes("c.gguf") == file.bytes, "\(between)")
    }
  }

  @Test(arguments: attacks) func isRefused(_ attack: Attack) throws {
    let error = try #require(try failure(attack.bytes))
    #expect(error.code == attack.code, "\(error)")
    #expect(error.reason.contains(attack.words), "\(error)")
    #expect(!error.description.contains("\n"))
    #expect(error.description.utf8.count < 400)
  }

  @Test func thereAreMoreThanAHundred() { #expect(Self.attacks.count > 100) }

  /// Cut anywhere, a file is damaged: it ends within its header, or its last tensor does.
  @Test func isRefusedCutAnywhere() throws {
    var file = File()
    file.pairs = [
      File.pair("general.architecture", 8, File.text("llama")),
      File.pair("list", 9, File.array(8, 3, File.text("a") + File.text("b") + File.text("c"))),
      File.pair("numbers", 9, File.array(6, 300, [UInt8](repeating: 0, count: 1200))),
    ]
    file.infos = [.init(dimensions: [16, 2]), .init(name: "v", dimensions: [8], offset: 128)]
    file.data = 160
    let whole = file.bytes
    #expect(try failure(whole) == nil)
    for part in 0..<50 {
      let count = part * whole.count / 50
      let error = try #require(try failure(Array(whole.prefix(count))))
      // Of nothing it is not known what it was.
      #expect(error.code == (count == 0 ? .notThisFormat : .damaged), "\(count): \(error)")
    }
    for count in 1..<4 {
      #expect(try failure(Array(whole.prefix(count)))?.code == .damaged)
      #expect(try FileFormat.detect(folder.file("a.gguf")) == .gguf)
    }
  }

  /// A part of a split model.
  private func part(
    _ number: UInt16, of count: UInt16, _ name: String, total: UInt32, no: [UInt8]? = nil
  ) -> [UInt8] {
    func short(_ number: UInt16) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(littleEndian: number)
      return bytes
    }
    var file = File()
    file.pairs = [
      no ?? File.pair("split.no", 2, short(number)), File.pair("split.count", 2, short(count)),
      File.pair("split.tensors.count", 5, File.number(total)),
    ]
    file.infos[0].name = name
    return file.bytes
  }

  @Test func partsThatContradictEachOtherAreRefused() throws {
    func failure(_ first: [UInt8], _ second: [UInt8]) throws -> String? {
      try folder.write(second, to: "m-00002-of-00002.gguf")
      return try self.failure(first, "m-00001-of-00002.gguf")?.reason
    }
    let sound = part(1, of: 2, "b", total: 2)
    #expect(try failure(part(0, of: 2, "a", total: 2), sound) == nil)
    #expect(
      try failure(part(0, of: 2, "b", total: 2), sound)?.contains("a tensor of this name too")
        == true)
    #expect(
      try failure(part(0, of: 2, "a", total: 3), sound)?.contains("3 tensors, and there are 2")
        == true)
    #expect(
      try failure(part(1, of: 2, "a", total: 2), sound)?.contains(
        "split.no is 1, counted from 0, and its split.count is 2, and its name says part 1 of 2")
        == true)
    #expect(
      try failure(part(0, of: 2, "a", total: 2), part(1, of: 3, "b", total: 2))?.contains(
        "split.count is 3")
        == true)
    #expect(
      try failure(part(0, of: 60_000, "a", total: 2), sound)?.contains("one of 60000 parts") == true
    )
    // Numbers that no part has, up to the largest of each type.
    for (type, bytes, words) in [
      (UInt32(11), [UInt8](repeating: 255, count: 7) + [127], "9223372036854775807"),
      (11, [UInt8](repeating: 255, count: 8), "-1"),
      (10, [UInt8](repeating: 255, count: 8), "18446744073709551615"),
      (8, File.text("first"), "first"),
      (9, File.array(0, 300, [UInt8](repeating: 0, count: 300)), "an array"),
    ] {
      let first = part(0, of: 2, "a", total: 2, no: File.pair("split.no", type, bytes))
      #expect(try failure(first, sound)?.contains(words) == true)
    }
  }

  /// What Ballast says of tensors in a file is not believed, where it cannot be.
  @Test(arguments: [
    #"{"w": ["bool", [4]]}"#, #"{"w": ["float8_e5m2", [4]]}"#, #"{"w": ["complex128", [1]]}"#,
    #"{"w": ["complex64", [4611686018427387904, 1, 1, 1, 1]]}"#, #"{"z": ["float32", [4]]}"#,
  ])
  func falseCarriersAreNotBelieved(_ json: String) throws {
    let state = try OpenedCheckpoint(carried(json)).checkpoint.state
    #expect(Array(state.keys) == ["w"])
    #expect(state["w"]?.dtype == .float32)
    #expect(state["w"]?.shape == [4])
  }

  /// What is no such table at all is damage.
  @Test(arguments: [
    #"{"w": ["float32", [9223372036854775807, 2]]}"#, #"{"w": 3}"#, "[", "{", #"{"w": ["x", []]}"#,
    #"{"w": ["uint64", [-1]]}"#,
  ])
  func carriersThatAreNoTableAreDamage(_ json: String) throws {
    let path = try carried(json)
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    #expect(error?.code == .damaged)
    #expect(error?.place == "ballast.tensors")
  }

  /// The path of a file with a tensor `w` of four numbers, of which Ballast is made to say something.
  private func carried(_ json: String) throws -> String {
    var file = File()
    file.pairs = [File.pair("ballast.tensors", 8, File.text(json))]
    try folder.write(file.bytes, to: "a.gguf")
    return folder.file("a.gguf")
  }

  @Test(arguments: [#"{"ballast_outline": 9}"#, "{", #"{"ballast_outline": 1, "tensors": 3}"#])
  func falseOutlinesAreRefused(_ json: String) throws {
    var file = File()
    file.pairs = [File.pair("ballast.outline", 8, File.text(json))]
    let error = try failure(file.bytes)
    #expect(error?.code == .damaged || error?.code == .unsupported, "\(error as Any)")
  }
}
