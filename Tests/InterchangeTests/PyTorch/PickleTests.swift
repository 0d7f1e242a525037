import Arrays
import Interchange
import States
import Testing

/// Pickles put together by hand: every instruction, and what the values become.
@Suite struct PickleTests {
  /// The value under "v" in the metadata of a file whose checkpoint has it.
  private func value(_ body: [UInt8], header: [UInt8] = [0x80, 2]) throws -> Value? {
    try read(Pickle.file(header + Pickle.dict(("v", body)) + [0x2E])).checkpoint.metadata["v"]
  }

  private func line(_ opcode: String, _ text: String) -> [UInt8] {
    Array("\(opcode)\(text)\n".utf8)
  }

  @Test func readsNumbers() throws {
    #expect(try value(line("I", "42")) == .int(42))
    #expect(try value(line("I", "-7")) == .int(-7))
    #expect(try value(line("I", "00")) == .bool(false))
    #expect(try value(line("I", "01")) == .bool(true))
    #expect(try value(line("L", "99L")) == .int(99))
    #expect(try value(line("L", "123456789012345678901L")) == .bigInt("123456789012345678901"))
    #expect(try value([0x4A, 0xFF, 0xFF, 0xFF, 0xFF]) == .int(-1))
    #expect(try value([0x4B, 0xFF]) == .int(255))
    #expect(try value([0x4D, 0xFF, 0xFF]) == .int(65535))
    #expect(try value([0x8A, 0]) == .int(0))
    #expect(try value([0x8A, 1, 0xFF]) == .int(-1))
    #expect(try value([0x8A, 2, 0xFF, 0]) == .int(255))
    #expect(try value([0x8A, 8] + le(Int64.min)) == .int(.min))
    #expect(try value([0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0x80, 0]) == .bigInt("9223372036854775808"))
    let negative: [UInt8] = [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF]
    #expect(try value(negative) == .bigInt("-18446744073709551616"))
    #expect(try value([0x8B, 1, 0, 0, 0, 5]) == .int(5))
    #expect(try value(line("F", "-1.5e3")) == .float(-1500))
    #expect(try value(line("F", "-inf")) == .float(-.infinity))
    #expect(try value([0x47, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0]) == .float(1.5))
    #expect(try value([0x4E]) == Value.none)
    #expect(try value([0x88]) == .bool(true))
    #expect(try value([0x89]) == .bool(false))
  }

  @Test func readsTexts() throws {
    #expect(try value(line("S", "'a\\n\\x41\\\\\\''")) == .string("a\nA\\'"))
    #expect(try value(line("S", "'\\xff'")) == .bytes([0xFF]))
    #expect(try value([0x55, 2, 0x68, 0x69]) == .string("hi"))
    #expect(try value([0x54, 1, 0, 0, 0, 0x80]) == .bytes([0x80]))
    #expect(try value(line("V", "a\\u00e9\\U0001F600")) == .string("aé😀"))
    #expect(try value([0x8C, 1, 0x78]) == .string("x"))
    #expect(try value([0x8D] + le(1 as UInt64) + [0x78]) == .string("x"))
    #expect(try value([0x43, 2, 0, 1]) == .bytes([0, 1]))
    #expect(try value([0x42, 1, 0, 0, 0, 9]) == .bytes([9]))
    #expect(try value([0x8E] + le(1 as UInt64) + [9]) == .bytes([9]))
    #expect(try value([0x96] + le(1 as UInt64) + [9]) == .bytes([9]))
  }

  @Test func readsContainers() throws {
    let one: [UInt8] = [0x4B, 1]
    let two: [UInt8] = [0x4B, 2]
    #expect(try value([0x29]) == .tuple([]))
    #expect(try value(one + [0x85]) == .tuple([1]))
    #expect(try value(one + two + [0x86]) == .tuple([1, 2]))
    #expect(try value(one + two + one + [0x87]) == .tuple([1, 2, 1]))
    #expect(try value([0x28] + one + [0x6C]) == .list([1]))
    #expect(try value([0x5D] + one + [0x61]) == .list([1]))
    #expect(try value([0x5D, 0x28] + one + two + [0x65]) == .list([1, 2]))
    #expect(try value([0x28] + one + two + [0x64]) == [1: 2])
    #expect(try value([0x7D] + one + two + [0x73]) == [1: 2])
    let set = Value.object(type: "builtins.set", state: [1])
    #expect(try value([0x8F, 0x28] + one + one + [0x90]) == set)
    let frozen = Value.object(type: "builtins.frozenset", state: [1])
    #expect(try value([0x28] + one + [0x91]) == frozen)
  }

  @Test func keepsReferences() throws {
    // A list that is changed after it was put into another.
    let body: [UInt8] = [0x5D, 0x71, 9, 0x30, 0x5D, 0x68, 9, 0x61, 0x68, 9, 0x4B, 5, 0x61, 0x30]
    #expect(try value(body) == [[5]])
    // PUT and GET with numbers in text, and far apart.
    let far: [UInt8] = [0x4B, 7] + line("p", "123456789") + [0x30] + line("g", "123456789")
    #expect(try value(far) == 7)
    #expect(try value([0x4B, 7, 0x94, 0x30, 0x6A, 0, 0, 0, 0]) == 7)
    #expect(try value([0x28, 0x4B, 1, 0x31, 0x4B, 2]) == 2)
    #expect(try value([0x4B, 2, 0x32, 0x86]) == .tuple([2, 2]))
  }

  @Test func tellsKeysApartAsPythonDoes() throws {
    // 1, True and 1.0 are one key; "1" is another; the first key stays, the last value counts.
    let body: [UInt8] =
      [0x7D, 0x28, 0x4B, 1, 0x4B, 10, 0x88, 0x4B, 11] + Pickle.text("1") + [0x4B, 12, 0x75]
    #expect(try value(body) == [1: 11, "1": 12])
    // Two encodings of one accented letter are two keys, which a dictionary here cannot hold.
    let composed = Pickle.text("\u{E9}")
    let combining = Pickle.text("e\u{301}")
    let pairs = try value([0x7D, 0x28] + composed + [0x4B, 1] + combining + [0x4B, 2, 0x75])
    let expected = Value.object(
      type: "builtins.dict",
      state: [.tuple(["\u{E9}", 1]), .tuple(["e\u{301}", 2])])
    #expect(pairs == expected)
    let tensors = [0x7D, 0x28] + composed + Pickle.tensor() + combining + Pickle.tensor() + [0x75]
    #expect(try failure(Pickle.file(of: tensors))?.code == .unsupported)
  }

  @Test func keepsObjectsAsData() throws {
    let type = Pickle.global("my.module", "Config")
    let state = Pickle.dict(("lr", Pickle.int(3)))
    let expected = Value.object(type: "my.module.Config", state: ["lr": 3])
    #expect(try value(type + [0x29, 0x81] + state + [0x62]) == expected)
    let reconstructed = Pickle.call(
      Pickle.global("copy_reg", "_reconstructor"), type, Pickle.global("__builtin__", "object"),
      [0x4E])
    #expect(try value(reconstructed + state + [0x62]) == expected)
    let called = Pickle.call(Pickle.global("copyreg", "__newobj__"), type)
    #expect(try value(called + state + [0x62]) == expected)
    let named = Value.object(type: "global", state: "my.module.Config")
    #expect(try value(type) == named)
    let stacked: [UInt8] = [0x8C, 1, 0x6D, 0x8C, 1, 0x43, 0x93]
    #expect(try value(stacked) == .object(type: "global", state: "m.C"))
  }

  @Test func keepsCallsOfClassesAsData() throws {
    let color = Pickle.call(Pickle.global("my.module", "Color"), Pickle.int(1))
    let result = try read(Pickle.file(of: Pickle.dict(("v", color))))
    #expect(
      result.checkpoint.metadata["v"] == .object(type: "my.module.Color", state: .tuple([1])))
    #expect(
      result.notes.contains("my.module.Color was not called; its name and arguments were kept"))
  }

  /// Only the place where a value would contain itself is given up, not all that is around it.
  @Test func leavesOutWhatRefersToItself() throws {
    let cycle: [UInt8] = [0x5D, 0x71, 9, 0x68, 9, 0x61]
    let body = Pickle.dict(
      ("v", Pickle.dict(("x", cycle), ("y", Pickle.int(2)))), ("w", Pickle.int(1)))
    let result = try read(Pickle.file(of: body))
    #expect(result.checkpoint.metadata["v"] == ["x": [.none], "y": 2])
    #expect(result.checkpoint.metadata["w"] == 1)
    #expect(
      result.losses == [
        ConversionLoss(
          .metadataDropped, "v.x[0]", "it refers to what it is a part of, and became None")
      ])
  }

  @Test func readsAFileOnlyOnce() throws {
    let state = Pickle.dict(("a", Pickle.tensor()), ("b", Pickle.tensor(offset: 1, shape: [2])))
    let result = try read(Pickle.file(of: state)).checkpoint.state
    #expect(result["a"]?.storage === result["b"]?.storage)
    #expect(result["b"]?.elements(as: Float.self) == [2, 3])
  }
}
