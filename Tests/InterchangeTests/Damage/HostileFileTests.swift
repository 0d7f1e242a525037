import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import PyTorchFiles
import States
import TestSupport
import Testing

/// Files made to harm. Each is refused with a sentence; nothing runs, grows or stops.
@Suite struct HostileFileTests {
  static let marker = NSTemporaryDirectory() + "ballast-was-run-\(UUID().uuidString)"
  static let command = Pickle.text("touch \(marker)")

  static func system(_ module: String = "os", _ name: String = "system") -> [UInt8] {
    Pickle.call(Pickle.global(module, name), command)
  }

  /// A hostile object, the code of its refusal, and what the sentence must name.
  struct Attack: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let body: [UInt8]
    let code: CheckpointError.Code
    let names: String?

    init(
      _ name: String, _ body: [UInt8], _ code: CheckpointError.Code = .refused,
      names: String? = nil
    ) {
      testDescription = name
      self.body = body
      self.code = code
      self.names = names
    }
  }

  static let calls: [Attack] = [
    Attack("os.system", system(), names: "os.system"),
    Attack("posix.system", system("posix"), names: "posix.system"),
    Attack("nt.system", system("nt"), names: "nt.system"),
    Attack("subprocess", system("subprocess", "Popen"), names: "subprocess.Popen"),
    Attack("eval", system("builtins", "eval"), names: "builtins.eval"),
    Attack("exec", system("__builtin__", "exec"), names: "__builtin__.exec"),
    Attack("getattr", system("builtins", "getattr"), names: "builtins.getattr"),
    Attack("__import__", system("builtins", "__import__"), names: "builtins.__import__"),
    Attack("importlib", system("importlib", "import_module"), names: "importlib.import_module"),
    Attack("runpy", system("runpy", "run_path"), names: "runpy.run_path"),
    Attack("torch.hub", system("torch.hub", "load"), names: "torch.hub.load"),
    Attack("numpy.load", system("numpy", "load"), names: "numpy.load"),
    Attack("cloudpickle", system("cloudpickle", "loads"), names: "cloudpickle.loads"),
    Attack("lambda", system("__main__", "<lambda>"), names: "__main__.<lambda>"),
    Attack("a dotted name", system("torch", "serialization.os.system"), names: "os.system"),
    Attack("named only", Pickle.global("os", "system"), names: "os.system"),
    Attack("as a class", Pickle.global("os", "system") + [0x29, 0x81], names: "os.system"),
    Attack(
      "hidden by POP", Pickle.dict(("a", Pickle.int(1))) + system() + [0x30], names: "os.system"),
    Attack(
      "from parts",
      Pickle.text("os") + Pickle.text("system") + [0x93] + Pickle.tuple(command) + [0x52],
      names: "os.system"),
    Attack("INST", [0x28] + command + Array("ios\nsystem\n".utf8), names: "os.system"),
    Attack(
      "OBJ", [0x28] + Pickle.global("os", "system") + command + [0x6F], names: "os.system"),
    Attack("INST of a function", [0x28] + command + Array("ix\ny\n".utf8), names: "x.y"),
    Attack(
      "a class of a tensor", Pickle.call(Pickle.global("x", "Y"), Pickle.tensor()), names: "x.Y"),
    Attack("a class of PyTorch", system("torch.x", "Y"), names: "torch.x.Y"),
    Attack(
      "NEWOBJ_EX", Pickle.global("os", "system") + Pickle.tuple(command) + [0x7D, 0x92],
      names: "os.system"),
    Attack("EXT1", [0x82, 1], names: "extension code 1"),
    Attack("EXT2", [0x83, 1, 1], names: "extension code 257"),
    Attack("EXT4", [0x84, 1, 0, 0, 0], names: "extension code 1"),
    Attack("a call of a result", Pickle.call(Pickle.int(1), command), names: "calls an integer"),
    Attack(
      "a call of an object",
      Pickle.global("x", "Y") + [0x29, 0x81] + Pickle.tuple(command) + [0x52],
      names: "x.Y"),
    Attack("a state for a number", Pickle.int(1) + Pickle.dict() + [0x62]),
    Attack(
      "a function in a tensor",
      Pickle.call(
        Pickle.global("torch._tensor", "_rebuild_from_type_v2"), Pickle.global("x", "f"),
        Pickle.global("torch", "Tensor"), Pickle.tuple(command), [0x7D]), .damaged),
    Attack("a storage as a function", system("torch", "FloatStorage"), names: "torch.FloatStorage"),
    Attack("PERSID", Array("P1\n".utf8), .damaged),
    Attack("out-of-band buffer", [0x97], .unsupported),
  ]

  static let structures: [Attack] = [
    Attack("unknown instruction", [0xFF], .damaged),
    Attack("protocol 6", [0x80, 6], .unsupported),
    Attack("LONG4 of 2^31", [0x8B, 0xFF, 0xFF, 0xFF, 0xFF], .damaged),
    Attack("LONG4 of 2^30", [0x8B, 0, 0, 0, 0x40], .damaged),
    Attack("LONG1 of 200 bytes missing", [0x8A, 200], .damaged),
    Attack("BINUNICODE8 of 2^63", [0x8D] + le(UInt64(1) << 63), .damaged),
    Attack("BINBYTES8 of 2^64", [0x8E] + le(UInt64.max), .damaged),
    Attack("FRAME of 2^64", [0x95] + le(UInt64.max), .damaged),
    Attack("BINPUT of nothing", [0x71, 0], .damaged),
    Attack("GET of nothing", [0x68, 5], .damaged),
    Attack("GET of a negative index", Array("g-1\n".utf8), .damaged),
    Attack("POP of nothing", [0x30], .damaged),
    Attack("APPEND to a number", [0x4B, 1, 0x4B, 1, 0x61], .damaged),
    Attack("SETITEM of a tuple", [0x29, 0x4B, 1, 0x4B, 1, 0x73], .damaged),
    Attack("SETITEMS without a value", [0x7D, 0x28, 0x4B, 1, 0x75], .damaged),
    Attack("no mark", [0x75], .damaged),
    Attack("a list as a key", [0x7D, 0x5D, 0x4B, 1, 0x73], .damaged),
    Attack("below the mark", [0x4B, 1, 0x28, 0x85], .damaged),
    Attack("lone surrogate", [0x8C, 3, 0xED, 0xA0, 0x80], .unsupported),
    Attack("a number that is none", Array("Ix\n".utf8), .damaged),
    Attack("a float in hexadecimal", Array("F0x1p3\n".utf8), .damaged),
    Attack(
      "an integer as the object", Pickle.int(3), .unsupported, names: "it holds an integer"),
    Attack("nothing on the stack", [], .damaged),
  ]

  @Test(arguments: calls + structures)
  func refuses(_ attack: Attack) throws {
    for body in [attack.body, Pickle.dict(("v", attack.body))] {
      if attack.testDescription.hasSuffix("as the object") && body != attack.body { continue }
      if attack.body.count < 2 && attack.code == .damaged && body != attack.body { continue }
      let error = try failure(Pickle.file(of: body))
      #expect(error?.code == attack.code, "\(error as Any)")
      if let names = attack.names {
        #expect(error?.reason.contains(names) == true, "\(error as Any)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: Self.marker))
  }

  @Test func listsTheNamesInARefusedFile() throws {
    let file = try TemporaryFile(Pickle.file(of: Self.system() + [0x30] + Pickle.tensor()))
    let names = try PyTorchFile(file.path).globals()
    #expect(names.contains("os.system"))
    #expect(names.contains("torch.FloatStorage"))
    #expect(!FileManager.default.fileExists(atPath: Self.marker))
  }

  @Test func refusesAPayloadAfterTheEnd() throws {
    let pickle = Pickle.pickle(Pickle.dict(("a", Pickle.tensor())))
    let more = pickle + Pickle.pickle(Self.system())
    #expect(try failure(Pickle.file(more))?.code == .damaged)
    #expect(try failure(more)?.code == .unsupported)
    #expect(try failure(Pickle.pickle([0x7D]) + Pickle.pickle(Self.system()))?.code == .damaged)
  }

  @Test func boundsWhatUnpacksToMore() throws {
    // Thirty lists, each holding the one before twice: a thousand million values.
    var laughs: [UInt8] = [0x5D, 0x71, 0, 0x30]
    for index in 0..<30 {
      laughs += [0x5D, 0x28, 0x68, UInt8(index), 0x68, UInt8(index), 0x65, 0x71, UInt8(index + 1)]
      laughs += [0x30]
    }
    #expect(
      try failure(Pickle.file(of: laughs + Pickle.dict(("v", [0x68, 30]))))?.code == .refused)
    // The same with dictionaries of tensors, which is how a model could look.
    var nets: [UInt8] = Pickle.dict(("t", Pickle.tensor())) + [0x71, 0]
    for index in 0..<40 {
      let inner: [UInt8] = [0x68, UInt8(index)]
      nets += Pickle.dict(("a", inner), ("b", inner)) + [0x71, UInt8(index + 1)]
    }
    #expect(try failure(Pickle.file(of: nets))?.code == .refused)
    // A tuple of tuples as a key.
    var keys: [UInt8] = [0x4B, 1, 0x71, 0]
    for index in 0..<60 {
      keys += [0x68, UInt8(index), 0x86, 0x71, UInt8(index + 1)] + [0x68, UInt8(index + 1)]
    }
    #expect(try failure(Pickle.file(of: [0x7D] + keys + [0x4B, 1, 0x73])) != nil)
  }

  @Test func boundsDepth() throws {
    let depth = 300_000
    let lists = [UInt8](repeating: 0x5D, count: depth) + [UInt8](repeating: 0x61, count: depth - 1)
    #expect(try failure(Pickle.file(of: Pickle.dict(("v", lists))))?.code == .refused)
    let tuples = [0x29] + [UInt8](repeating: 0x85, count: depth)
    #expect(try failure(Pickle.file(of: Pickle.dict(("v", tuples))))?.code == .refused)
    let dicts = [UInt8](repeating: 0x28, count: depth)
    #expect(try failure(Pickle.file(of: dicts))?.code == .damaged)
  }

  @Test func boundsTheStack() throws {
    let body = [UInt8](repeating: 0x4E, count: 1_100_000)
    #expect(try failure(Pickle.file(of: body))?.code == .refused)
  }

  @Test func boundsRepeatedCopies() throws {
    // A long list, copied again and again through the memo.
    let list: [UInt8] =
      [0x5D, 0x28] + [UInt8](repeating: 0x4E, count: 50_000) + [0x65, 0x71, 0, 0x30]
    var body = list + [0x63] + Array("__builtin__\nset\n".utf8) + [0x71, 1, 0x30]
    for _ in 0..<2000 { body += [0x68, 1, 0x68, 0, 0x85, 0x52, 0x30] }
    let time = try ProcessorTime.measure {
      let error = try failure(Pickle.file(of: body + [0x4E]))
      #expect(error?.code == .refused)
    }
    #expect(time < .seconds(8))
  }

  /// A tensor whose facts lie.
  struct Lie: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let tensor: [UInt8]
    var code = CheckpointError.Code.damaged
  }

  static let lies = [
    Lie(testDescription: "too many elements", tensor: Pickle.tensor(Pickle.storage(count: 5))),
    Lie(testDescription: "too few elements", tensor: Pickle.tensor(Pickle.storage(count: 3))),
    Lie(testDescription: "negative count", tensor: Pickle.tensor(Pickle.storage(count: -1))),
    Lie(testDescription: "2^62 elements", tensor: Pickle.tensor(Pickle.storage(count: 1 << 62))),
    Lie(testDescription: "another type", tensor: Pickle.tensor(Pickle.storage("DoubleStorage"))),
    Lie(testDescription: "missing storage", tensor: Pickle.tensor(Pickle.storage(key: "7"))),
    Lie(
      testDescription: "a key that leads out",
      tensor: Pickle.tensor(Pickle.storage(key: "../version"))),
    Lie(testDescription: "negative offset", tensor: Pickle.tensor(offset: -1)),
    Lie(testDescription: "offset beyond", tensor: Pickle.tensor(offset: 1)),
    Lie(testDescription: "huge offset", tensor: Pickle.tensor(offset: .max)),
    Lie(testDescription: "negative length", tensor: Pickle.tensor(shape: [-4])),
    Lie(testDescription: "too long", tensor: Pickle.tensor(shape: [5])),
    Lie(
      testDescription: "overflowing shape",
      tensor: Pickle.tensor(shape: [1 << 62, 4], strides: [0, 0])),
    Lie(
      testDescription: "overflowing bytes", tensor: Pickle.tensor(shape: [1 << 62], strides: [0])),
    Lie(testDescription: "negative stride", tensor: Pickle.tensor(offset: 3, strides: [-1])),
    Lie(testDescription: "huge stride", tensor: Pickle.tensor(shape: [2, 2], strides: [.max, 1])),
    Lie(testDescription: "fewer strides", tensor: Pickle.tensor(shape: [2, 2], strides: [1])),
    Lie(
      testDescription: "a terabyte of one number",
      tensor: Pickle.tensor(shape: [1 << 38], strides: [0]), code: .refused),
    Lie(
      testDescription: "meta", tensor: Pickle.tensor(Pickle.storage(location: "meta")),
      code: .unsupported),
    Lie(
      testDescription: "quantised", tensor: Pickle.tensor(Pickle.storage("QInt8Storage")),
      code: .unsupported),
    Lie(
      testDescription: "sparse",
      tensor: Pickle.call(
        Pickle.global("torch._utils", "_rebuild_sparse_tensor"), Pickle.int(0)), code: .unsupported),
    Lie(
      testDescription: "quantised tensor",
      tensor: Pickle.call(Pickle.global("torch._utils", "_rebuild_qtensor"), Pickle.int(0)),
      code: .unsupported),
  ]

  @Test(arguments: lies, [Access.mapped, .verified])
  func refusesTensorsThatLie(_ lie: Lie, access: Access) throws {
    let inModel = try failure(Pickle.file(of: Pickle.dict(("w", lie.tensor))), access: access)
    #expect(inModel?.code == lie.code, "\(inModel as Any)")
    let beside = Pickle.file(of: Pickle.dict(("x", Pickle.tuple(lie.tensor))))
    if lie.code == .unsupported {
      // What is not read costs only itself where there is no model that it is a part of.
      #expect(try read(beside, access: access).losses.map(\.subject) == ["x[0]"])
    } else {
      let error = try failure(beside, access: access)
      #expect(error?.code == lie.code, "\(error as Any)")
    }
  }

  @Test func acceptsOddButSoundTensors() throws {
    let state = try read(
      Pickle.file(
        of: Pickle.dict(
          ("repeated", Pickle.tensor(shape: [3, 2], strides: [0, 1])),
          ("cuda", Pickle.tensor(Pickle.storage(location: "cuda:0"))),
          ("mps", Pickle.tensor(Pickle.storage(module: "torch.cuda", location: "mps"))),
          ("empty", Pickle.tensor(offset: 9, shape: [0, 3], strides: [3, 1])),
          ("nothing", Pickle.tensor(Pickle.storage(location: "meta"), shape: [0]))))
    ).checkpoint.state
    #expect(state["repeated"]?.elements(as: Float.self) == [1, 2, 1, 2, 1, 2])
    #expect(state["cuda"]?.elements(as: Float.self) == [1, 2, 3, 4])
    #expect(state["cuda"]?.storage === state["repeated"]?.storage)
    #expect(state["empty"]?.shape == [0, 3])
    #expect(state["nothing"]?.shape == [0])
  }

  @Test func refusesSpoiledArchives() throws {
    let pickle = Pickle.pickle(Pickle.dict(("w", Pickle.tensor())))
    func file(_ more: [(String, [UInt8])]) throws -> CheckpointError? {
      try failure(Pickle.file(pickle, more: more))
    }
    #expect(try file([]) == nil)
    #expect(try file([("y/data.pkl", pickle)])?.code == .refused)
    #expect(try file([("x/byteorder", Array("middle".utf8))])?.code == .damaged)
    #expect(try file([("x/data.pkl", pickle)])?.code == .refused)
    let newer = ZipWriter([("x/data.pkl", pickle), ("x/version", Array("11\n".utf8))]).bytes()
    #expect(try failure(newer)?.code == .unsupported)
    var lying = ZipWriter([("x/data.pkl", pickle), ("x/data/0", [UInt8](repeating: 0, count: 16))])
    lying.members[1].isDeflated = true
    #expect(try failure(lying.bytes()) == nil)
    lying.members[1].size = 1 << 30
    #expect(try failure(lying.bytes())?.code == .damaged)
    lying.members[1].size = nil
    lying.members[1].crc = 7
    lying.members[1].localCRC = 7
    #expect(try failure(lying.bytes())?.code == .damaged)
  }

  @Test(arguments: [
    ("", "it is empty"), ("hello, world", "a text"), ("<!DOCTYPE html><html>", "a web page"),
    ("\n  <html lang=en>", "a web page"), ("{\"a\": 1}", "JSON"),
    ("version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
    ("GGUF\u{3}\0\0\0", "a GGUF file"),
  ])
  func tellsWhatATextIs(_ content: String, _ words: String) throws {
    let file = try TemporaryFile(Array(content.utf8))
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(file.path, format: .pytorch)
    }
    #expect(error?.code == .notThisFormat)
    #expect(error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test(arguments: [
    ([0x1F, 0x8B, 8, 0] as [UInt8], "gzip"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
    ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1], "NumPy"),
    ([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "safetensors"), ([0, 1, 2, 3], "not a checkpoint"),
    (ZipWriter([("a.npy", [1]), ("b.npy", [2])]).bytes(), "NumPy"),
    (
      ZipWriter([("config.json", []), ("metadata.json", []), ("model.weights.h5", [])]).bytes(),
      "Keras"
    ),
    (ZipWriter([("a/b/data.pkl", [])]).bytes(), "a/b/data.pkl"),
    (ZipWriter([("model/weights.pth", [])]).bytes(), "model/weights.pth"),
    (ZipWriter([("readme", [])]).bytes(), "without data.pkl"),
  ])
  func tellsWhatOtherFilesAre(_ content: [UInt8], _ words: String) throws {
    let file = try TemporaryFile(content)
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(file.path, format: .pytorch)
    }
    #expect(error?.code == .notThisFormat)
    #expect(error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test func saysThatThereIsNoFile() throws {
    let error = #expect(throws: CheckpointError.self) { try PyTorchFile("/nonexistent.pth") }
    #expect(error?.code == .inputOutput)
    #expect(error?.cause?.isNotFound == true)
    #expect(error?.description.hasPrefix("cannot open /nonexistent.pth: ") == true)
    #expect(throws: CheckpointError.self) { try PyTorchFile(NSTemporaryDirectory()) }
  }

  @Test func refusesBytesAtRandom() throws {
    // Any change of the pickle of a real file is read or refused, and never traps.
    let original = try Fixture.bytes("values")
    let pickle = try #require(original.firstRange(of: [0x80, 0x02, 0x7D]))
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<400 {
      var bytes = Array(original[pickle.lowerBound..<pickle.lowerBound + 2600])
      for _ in 0..<3 {
        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(
          truncatingIfNeeded: generator.next())
      }
      _ = try failure(Pickle.file(bytes))
    }
  }
}
