import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files made to harm, and damaged ones. Each is refused with one sentence, and takes no memory that its size does not
/// justify.
@Suite struct ONNXHostileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A message of protocol buffers, put together by hand.
  struct Message {
    var bytes: [UInt8] = []

    init(_ build: (inout Message) -> Void = { _ in }) { build(&self) }

    static func varint(_ number: UInt64) -> [UInt8] {
      var (rest, bytes) = (number, [UInt8]())
      while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    }

    mutating func number(_ field: UInt64, _ value: UInt64) {
      bytes += Self.varint(field << 3) + Self.varint(value)
    }

    /// Bytes with their length, or another one.
    mutating func bytes(_ field: UInt64, _ content: [UInt8], length: UInt64? = nil) {
      bytes += Self.varint(field << 3 | 2) + Self.varint(length ?? UInt64(content.count)) + content
    }

    mutating func text(_ field: UInt64, _ text: String) { bytes(field, Array(text.utf8)) }
    mutating func message(_ field: UInt64, _ message: Message) { bytes(field, message.bytes) }
  }

  /// A tensor, as it should be but for what a test changes.
  struct Tensor {
    var name = "w"
    var lengths: [UInt64] = [4]
    var type: UInt64? = 1
    var raw: [UInt8]? = [UInt8](repeating: 1, count: 16)
    /// Further fields.
    var more = Message()

    var message: Message {
      Message { message in
        for length in lengths { message.number(1, length) }
        if let type { message.number(2, type) }
        message.text(8, name)
        if let raw { message.bytes(9, raw) }
        message.bytes += more.bytes
      }
    }

    /// Elements in another file.
    mutating func setExternal(_ entries: [(String, String)]) {
      raw = nil
      for (key, value) in entries {
        more.message(
          13,
          Message {
            $0.text(1, key)
            $0.text(2, value)
          })
      }
      more.number(14, 1)
    }
  }

  /// A file, as it should be but for what a test changes.
  struct File {
    var version: UInt64? = 10
    var tensors = [Tensor()]
    /// Further fields of the graph and of the model.
    var graph = Message()
    var model = Message()
    var hasGraph = true

    var bytes: [UInt8] {
      Message { message in
        if let version { message.number(1, version) }
        if hasGraph {
          message.message(
            7,
            Message { graph in
              graph.text(2, "g")
              for tensor in tensors { graph.message(5, tensor.message) }
              graph.bytes += self.graph.bytes
            })
        }
        message.bytes += model.bytes
      }.bytes
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

  /// An attribute of a node.
  private static func node(_ build: @escaping (inout Message) -> Void) -> Message {
    Message { node in
      node.text(2, "out")
      node.text(4, "Constant")
      node.message(5, Message(build))
    }
  }

  /// Graphs within each other.
  private static func nested(_ depth: Int) -> Message {
    (0..<depth).reduce(Message()) { inner, _ in
      Message { graph in
        graph.message(
          1,
          Message { node in
            node.text(4, "If")
            node.message(
              5,
              Message { attribute in
                attribute.text(1, "b")
                attribute.message(6, inner)
              })
          })
      }
    }
  }

  private static let claims: [Attack] = huge.flatMap { number in
    [
      Attack("a length of \(number)", number < 1 << 60 ? "take" : "shape") {
        $0.tensors[0].lengths = [number]
      },
      Attack("lengths of \(number) beside 0", "shape") {
        $0.tensors[0].lengths = [number, number, 0]
        $0.tensors[0].raw = []
      },
      Attack(
        "an offset of \(number)",
        number >> 63 == 1 ? "no number" : number == UInt64(Int.max) ? "outside" : "not beside"
      ) {
        $0.tensors[0].setExternal([("location", "x"), ("offset", "\(number)")])
      },
      Attack("a length beside it of \(number)", number >> 63 == 0 ? "take 16 bytes" : "no number") {
        $0.tensors[0].setExternal([("location", "x"), ("length", "\(number)")])
      },
      Attack("raw_data of \(number)", "claims \(number) bytes") {
        $0.tensors[0].raw = nil
        $0.tensors[0].more.bytes(9, [1, 2], length: number)
      },
      Attack("a graph of \(number)", "claims \(number) bytes") {
        $0.model.bytes(7, [1, 2], length: number)
      },
      Attack("a text of \(number)", "claims \(number) bytes") {
        $0.model.bytes(6, [1, 2], length: number)
      },
    ]
  }

  private static let places: [Attack] = [
    "", "/etc/passwd", "../w.bin", "a/../../w.bin", "./w.bin", "a//b", "a/", "/", "..", ".", "a/.",
    "w\0.bin", String(repeating: "a", count: 5000), "../" + String(repeating: "../", count: 900),
  ].map { place in
    Attack("elements in '\(place.prefix(20))'", "no path within", .refused) {
      $0.tensors[0].setExternal([("location", place)])
    }
  }

  private static let numbers: [Attack] = [
    "", "-1", "+1", "0x10", "1e3", " 1", "1 ", "99999999999999999999", "٣",
  ].flatMap { text in
    ["offset", "length"].map { key in
      Attack("'\(text)' as \(key)", "which is no number") {
        $0.tensors[0].setExternal([("location", "x"), (key, text)])
      }
    }
  }

  private static let others: [Attack] = [
    Attack("no graph", "no graph", .notThisFormat) { $0.hasGraph = false },
    Attack("no version", "not a checkpoint", .notThisFormat) { $0.version = nil },
    Attack("version 0", "no version", .notThisFormat) { $0.version = 0 },
    Attack("no type", "no type") { $0.tensors[0].type = nil },
    Attack("type 0", "no type") { $0.tensors[0].type = 0 },
    Attack("type 99", "number 99", .unsupported) { $0.tensors[0].type = 99 },
    Attack("no name", "no name") { $0.tensors[0].name = "" },
    Attack("a long name", "may have 65536") {
      $0.tensors[0].name = String(repeating: "w", count: 65_537)
    },
    Attack("a name twice", "two initializers of this name") { $0.tensors.append(Tensor()) },
    Attack("one name written in two ways", "encode an accent") {
      $0.tensors = [Tensor(name: "\u{FC}"), Tensor(name: "u\u{308}")]
    },
    Attack("a name that is no text", "no UTF-8") { $0.tensors[0].more.bytes(8, [0xFF, 0xFE]) },
    Attack("a segment", "segment", .unsupported) { $0.tensors[0].more.bytes(3, []) },
    Attack("too few bytes", "take 16 bytes, and it has 15") { $0.tensors[0].raw?.removeLast() },
    Attack("too many bytes", "take 16 bytes, and it has 17") { $0.tensors[0].raw?.append(1) },
    Attack("no elements", "no elements") { $0.tensors[0].raw = nil },
    Attack("empty elements", "take 16 bytes, and it has 0") { $0.tensors[0].raw = [] },
    Attack("its bytes twice", "its bytes twice") { $0.tensors[0].more.bytes(9, []) },
    Attack("raw and typed", "elements twice") {
      $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 16))
    },
    Attack("another type's field", "not in float_data") {
      $0.tensors[0].raw = nil
      $0.tensors[0].more.bytes(7, [1, 2, 3, 4])
    },
    Attack("two types' fields", "not in float_data") {
      $0.tensors[0].raw = nil
      $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 16))
      $0.tensors[0].more.bytes(7, [1, 2, 3, 4])
    },
    Attack("too few typed", "it has 12") {
      $0.tensors[0].raw = nil
      $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 12))
    },
    Attack("typed in two pieces, too many", "not as many") {
      $0.tensors[0].raw = nil
      for _ in 0..<2 { $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 12)) }
    },
    Attack("a byte of 256", "256 is no element of UINT8") {
      $0.tensors[0] = Tensor(lengths: [1], type: 2, raw: nil)
      $0.tensors[0].more.number(5, 256)
    },
    Attack("an int8 of 200", "200 is no element of INT8") {
      $0.tensors[0] = Tensor(lengths: [1], type: 3, raw: nil)
      $0.tensors[0].more.number(5, 200)
    },
    Attack("a half of -1", "-1 is no element of FLOAT16") {
      $0.tensors[0] = Tensor(lengths: [1], type: 10, raw: nil)
      $0.tensors[0].more.number(5, .max)
    },
    Attack("a truth of 2", "2 is no element of BOOL") {
      $0.tensors[0] = Tensor(lengths: [1], type: 9, raw: nil)
      $0.tensors[0].more.number(5, 2)
    },
    Attack("six bits of 64", "64 is no element of FLOAT6E2M3") {
      $0.tensors[0] = Tensor(lengths: [1], type: 27, raw: nil)
      $0.tensors[0].more.number(5, 64)
    },
    Attack("too many varints", "not as many") {
      $0.tensors[0] = Tensor(lengths: [2], type: 7, raw: nil)
      $0.tensors[0].more.bytes(7, [1, 2, 3])
    },
    Attack("integers that are fixed", "not of that type") {
      $0.tensors[0] = Tensor(lengths: [1], type: 7, raw: nil)
      $0.tensors[0].more.bytes += [7 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0]
    },
    Attack("floats that are varints", "not of that type") {
      $0.tensors[0] = Tensor(lengths: [1], type: 1, raw: nil)
      $0.tensors[0].more.number(4, 1)
    },
    Attack("a varint without end", "more than 64 bits") {
      $0.model.bytes += [0x08] + [UInt8](repeating: 0xFF, count: 11)
    },
    Attack("a varint of 65 bits", "more than 64 bits") {
      $0.model.bytes += [0x28] + [UInt8](repeating: 0xFF, count: 9) + [2]
    },
    Attack("a group", "no field") { $0.model.bytes += [0x0B, 0x0C] },
    Attack("wire type 7", "no field") { $0.model.bytes += [0x0F] },
    Attack("field 0", "no field") { $0.model.bytes += [0x00, 0x00] },
    Attack("half a field", "cut short") { $0.model.bytes += [0x08] },
    Attack("half a fixed number", "cut short") { $0.model.bytes += [0x09, 1, 2] },
    Attack("a graph that is a number", "is a number") { $0.model.number(7, 1) },
    Attack("a version that is a text", "no integer") { $0.model.text(1, "10") },
    Attack("a thousand dimensions", "more than 256 dimensions") {
      $0.tensors[0].lengths = [UInt64](repeating: 1, count: 1000)
    },
    Attack("a thousand packed dimensions", "more than 256 dimensions") {
      $0.tensors[0].lengths = []
      $0.tensors[0].more.bytes(1, [UInt8](repeating: 1, count: 1000))
    },
    Attack("a negative length", "length of -1") { $0.tensors[0].lengths = [.max] },
    Attack("a product that overflows", "shape is impossible") {
      $0.tensors[0].lengths = [1 << 32, 1 << 32]
    },
    Attack("bytes that overflow", "shape is impossible") { $0.tensors[0].lengths = [1 << 60] },
    Attack("graphs 65 deep", "deep", .refused) { $0.graph.bytes += nested(67).bytes },
    Attack("graphs a thousand deep", "deep", .refused) { $0.graph.bytes += nested(1000).bytes },
    Attack("an attribute with two tensors", "two tensors") {
      $0.graph.message(
        1,
        node {
          $0.text(1, "value")
          for _ in 0..<2 { $0.message(5, Tensor().message) }
        })
    },
    Attack("a constant without a value", "no value") {
      $0.graph.message(1, node { $0.text(1, "value_float") })
    },
    Attack("a constant of another type", "another type") {
      $0.graph.message(
        1,
        node {
          $0.text(1, "value_floats")
          $0.bytes(7, [1, 2, 3])
        })
    },
    Attack("a damaged constant", "take 16 bytes") {
      $0.graph.message(
        1,
        node {
          $0.text(1, "value")
          $0.message(5, Tensor(raw: [1]).message)
        })
    },
    Attack("elements here and elsewhere", "here and in another file") {
      $0.tensors[0].setExternal([("location", "x")])
      $0.tensors[0].raw = [UInt8](repeating: 1, count: 16)
    },
    Attack("elements nowhere", "does not say which file") { $0.tensors[0].setExternal([]) },
    Attack("two locations", "says twice") {
      $0.tensors[0].setExternal([("location", "x"), ("location", "y")])
    },
    Attack("a hundred entries", "too much") {
      $0.tensors[0].setExternal((0..<100).map { ("k\($0)", "v") })
    },
    Attack("a file that is not there", "not beside the model") {
      $0.tensors[0].setExternal([("location", "weights/none.bin")])
    },
    Attack("a hundred thousand annotations", "not read", .refused) {
      for _ in 0...100_000 { $0.graph.bytes += [0x72, 0] }
    },
    Attack("a hundred thousand sets of operators", "not read", .refused) {
      for _ in 0...100_000 { $0.model.bytes += [0x42, 0] }
    },
    Attack("texts in raw_data", "texts are in raw_data") {
      $0.tensors[0].type = 8
    },
  ]

  static let attacks = claims + places + numbers + others

  private func failure(_ bytes: [UInt8]) throws -> CheckpointError? {
    try folder.write(bytes, to: "a.onnx")
    do throws(CheckpointError) {
      _ = try OpenedCheckpoint(folder.file("a.onnx"), format: .onnx)
      return nil
    } catch {
      return error
    }
  }

  @Test func soundFilesAreRead() throws {
    #expect(try failure(File().bytes) == nil)
    var file = File()
    file.tensors = [
      Tensor(name: "scalar", lengths: [], raw: [0, 0, 0, 0]),
      Tensor(name: "none", lengths: [0, 3], raw: []),
      Tensor(name: "nothing", lengths: [0], raw: nil),
      Tensor(
        name: "typed", lengths: [2], type: 7, raw: nil, more: Message { $0.bytes(7, [1, 2]) }),
      Tensor(
        name: "single", lengths: [2], type: 7, raw: nil,
        more: Message {
          $0.number(7, 3)
          $0.number(7, .max)
        }),
      Tensor(
        name: "pieces", lengths: [3], type: 1, raw: nil,
        more: Message {
          $0.bytes(4, [0, 0, 0x80, 0x3F])
          $0.bytes += [4 << 3 | 5, 0, 0, 0, 0x40]
          $0.bytes(4, [0, 0, 0x40, 0x40])
        }),
      Tensor(lengths: [], more: Message { $0.bytes(1, [2, 2]) }),
    ]
    // A message may come in pieces, and fields that nobody knows are passed over.
    file.model.message(7, Message { $0.message(5, Tensor(name: "more").message) })
    file.model.text(1000, "unknown")
    #expect(try failure(file.bytes) == nil)
    let opened = try OpenedCheckpoint(folder.file("a.onnx"))
    let state = opened.checkpoint.state
    #expect(
      Array(state.keys) == [
        "scalar", "none", "nothing", "typed", "single", "pieces", "w", "more",
      ])
    #expect(state["none"]?.shape == [0, 3])
    #expect(state["typed"]?.isBitwiseEqual(to: NDArray([Int64(1), 2])) == true)
    #expect(state["single"]?.isBitwiseEqual(to: NDArray([Int64(3), -1])) == true)
    #expect(state["pieces"]?.isBitwiseEqual(to: NDArray([Float(1), 2, 3])) == true)
    #expect(state["w"]?.shape == [2, 2])
    #expect(opened.losses.map(\.detail) == ["field 1000 of the model is not kept"])
  }

  @Test(arguments: attacks) func isRefused(_ attack: Attack) throws {
    let error = try #require(try failure(attack.bytes), "\(attack.testDescription) is read")
    #expect(error.code == attack.code, "\(error)")
    #expect("\(error)".contains(attack.words), "\(error)")
    #expect("\(error)".utf8.count < 1000, "\(error)")
    #expect(!"\(error)".contains("\n"), "\(error)")
  }

  /// Cut at every byte, the file is refused, or was cut between two fields and lacks what followed.
  @Test func cutFilesAreRefused() throws {
    var file = File()
    file.tensors.append(Tensor(name: "v", lengths: [2], type: 7, raw: nil))
    file.tensors[1].more.bytes(7, [1, 2])
    let bytes = file.bytes
    for count in 0..<bytes.count {
      let error = try #require(try failure(Array(bytes.prefix(count))), "\(count)")
      #expect(error.code == .damaged || error.code == .notThisFormat, "\(error)")
    }
  }

  /// One bit that changed is an error, or a sound file of other content; it is never a crash.
  @Test func changedBitsAreNoTrap() throws {
    var file = File()
    file.tensors.append(Tensor(name: "v", lengths: [1], type: 10, raw: nil))
    file.tensors[1].more.number(5, 15360)
    file.graph.bytes += Self.nested(3).bytes
    let bytes = file.bytes
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << bit
        if let error = try failure(changed) { #expect(error.code != .inputOutput, "\(error)") }
      }
    }
  }

  // MARK: - Files beside it

  private func external(_ entries: [[(String, String)]], lengths: [[UInt64]]) throws {
    var file = File()
    file.tensors = zip(entries, lengths).enumerated().map { number, part in
      var tensor = Tensor(name: "w\(number)", lengths: part.1)
      tensor.setExternal(part.0)
      return tensor
    }
    try folder.write(file.bytes, to: "a.onnx")
  }

  private func opening() -> CheckpointError? {
    do throws(CheckpointError) {
      _ = try OpenedCheckpoint(folder.file("a.onnx"))
      return nil
    } catch {
      return error
    }
  }

  @Test func linksAndOtherFilesAreNotFollowed() throws {
    try external([[("location", "w.bin")]], lengths: [[4]])
    let path = folder.file("w.bin")
    try folder.write([UInt8](repeating: 1, count: 16), to: "real.bin")
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: folder.file("real.bin"))
    #expect(opening()?.code == .refused)
    #expect(opening()?.reason.contains("symbolic link") == true)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
    #expect(opening()?.code == .refused)
    try FileManager.default.removeItem(atPath: path)
    mkfifo(path, 0o600)
    #expect(opening()?.code == .refused)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(opening()?.code == .inputOutput)
    try FileManager.default.removeItem(atPath: path)

    // A folder that is a link leads out as well.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("sub"), withDestinationPath: folder.path)
    try external([[("location", "sub/real.bin")]], lengths: [[4]])
    #expect(opening()?.code == .refused)
    try external([[("location", "real.bin")]], lengths: [[4]])
    #expect(opening() == nil)
  }

  @Test func partsHaveToBeWithinTheirFile() throws {
    try folder.write((0..<64).map { UInt8($0) }, to: "w.bin")
    let location = ("location", "w.bin")
    try external([[location, ("offset", "60")]], lengths: [[1]])
    #expect(opening() == nil)
    try external([[location, ("offset", "61")]], lengths: [[1]])
    #expect(opening()?.code == .damaged)
    #expect(opening()?.reason.contains("end at byte 65 of w.bin, which has 64") == true)
    try external([[location, ("offset", "9223372036854775807")]], lengths: [[1]])
    #expect(opening()?.reason.contains("outside of any file") == true)
    // The same part twice is a tie; a part of another is none.
    try external([[location], [location]], lengths: [[4], [4]])
    let state = try OpenedCheckpoint(folder.file("a.onnx"), access: .mapped).checkpoint.state
    #expect(state.ties.map(\.key) == ["w1"])
    try external([[location], [location, ("offset", "8")]], lengths: [[4], [4]])
    #expect(opening()?.reason.contains("in part another tensor's") == true)
    try external(
      [[location], [location, ("offset", "16"), ("checksum", "ab")]], lengths: [[4], [4]])
    #expect(try OpenedCheckpoint(folder.file("a.onnx")).notes.contains { $0.contains("SHA-1") })
  }

  /// What Ballast writes beside the tensors is believed only as far as it can be.
  @Test(arguments: [#"{"ballast_outline": 9}"#, "{", #"{"ballast_outline": 1, "tensors": 3}"#])
  func falseOutlinesAreRefused(_ json: String) throws {
    var file = File()
    for key in ["ballast.outline", "ballast.crc32"] {
      file.model = Message()
      file.model.message(
        14,
        Message {
          $0.text(1, key)
          $0.text(2, json)
        })
      let error = try failure(file.bytes)
      #expect(error?.code == .damaged || error?.code == .unsupported, "\(error as Any)")
    }
  }

  /// Without a mark, a file is known by all its fields: whatever it is called.
  @Test func recognisedByItsFields() throws {
    try folder.write(File().bytes, to: "model.bin")
    #expect(try FileFormat.detect(folder.file("model.bin")) == .onnx)
    for (field, wire) in [(1, [UInt8]([0x0A, 0])), (500, [0xA2, 0x1F, 0]), (9, [0x4A, 0])] {
      try folder.write(File().bytes + wire, to: "other.bin")
      #expect(throws: CheckpointError.self, "\(field)") {
        try FileFormat.detect(folder.file("other.bin"))
      }
    }
  }
}
