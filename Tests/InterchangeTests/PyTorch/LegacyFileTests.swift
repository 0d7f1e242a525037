import Arrays
import Interchange
import Testing

/// The older run of pickles, put together by hand.
@Suite struct LegacyFileTests {
  /// A file of one tensor, whose announcements can be made to lie.
  private func file(
    version: Int = 1001, keys: [String] = ["0"], count: UInt64 = 4, view: [UInt8] = [0x4E],
    tail: [UInt8] = []
  ) -> [UInt8] {
    let magic: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    let storage =
      Pickle.tuple(
        Pickle.text("storage"), Pickle.global("torch", "FloatStorage"), Pickle.text("0"),
        Pickle.text("cpu"), Pickle.int(4), view) + [0x51]
    let object = Pickle.dict(("w", Pickle.tensor(storage, shape: [2])))
    let floats = [1, 2, 3, 4].flatMap { le(($0 as Float).bitPattern) }
    return Pickle.pickle(magic) + Pickle.pickle(Pickle.int(version)) + Pickle.pickle(Pickle.dict())
      + Pickle.pickle(object)
      + Pickle.pickle([0x5D, 0x28] + keys.flatMap { Pickle.text($0) } + [0x65])
      + le(count) + floats + tail
  }

  private func view(_ offset: Int, _ length: Int) -> [UInt8] {
    Pickle.tuple(Pickle.text("1"), Pickle.int(offset), Pickle.int(length))
  }

  @Test func readsTensorsAndPartsOfStorages() throws {
    let whole = try read(file()).checkpoint.state["w"]
    #expect(whole?.elements(as: Float.self) == [1, 2])
    let part = try read(file(view: view(2, 2))).checkpoint.state["w"]
    #expect(part?.elements(as: Float.self) == [3, 4])
  }

  @Test func refusesLies() throws {
    #expect(try failure(file()) == nil)
    #expect(try failure(file(version: 1002))?.code == .unsupported)
    for bytes in [
      file(count: 3), file(count: 5), file(count: 0), file(count: 1 << 62), file(count: .max),
      file(keys: []), file(keys: ["1"]), file(keys: ["0", "0"]), file(keys: ["0", "1"]),
      file(view: view(3, 2)), file(view: view(-1, 2)), file(view: view(0, .max)),
      file(view: view(3, 1)), file(tail: [0]), Array(file().dropLast()),
    ] {
      #expect(try failure(bytes)?.code == .damaged)
    }
  }
}
