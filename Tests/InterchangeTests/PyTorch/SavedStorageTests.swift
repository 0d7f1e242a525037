import Arrays
import Checkpoints
import Interchange
import States
import TestSupport
import Testing

/// Which bytes of shared memory are written, and what shares them in PyTorch.
@Suite(.needsPeers) struct SavedStorageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let base = NDArray((0..<24).map { Float($0) }, shape: [4, 6])

  private func lines(
    _ tensors: [(String, NDArray)], _ options: WriteOptions = WriteOptions()
  ) throws -> [String] {
    var state = StateDict()
    for (key, array) in tensors { state[key] = array }
    let summary = try Checkpoint(state: state).write(
      to: folder.file("x.pth"), format: .pytorch, options: options)
    #expect(summary.losses == [])
    let again = try OpenedCheckpoint(folder.file("x.pth"), access: .verified).checkpoint.state
    for (key, array) in tensors {
      let type = options.type(for: array.dtype)
      #expect(try again[key]?.isBitwiseEqual(to: array.converted(to: type)) == true, "\(key)")
    }
    let output = try Peers.run("show_pytorch.py", [folder.file("x.pth")])
    return output.split(separator: "\n").dropFirst().map(String.init)
  }

  @Test func overlappingTensorsShareAStorage() throws {
    let base = Self.base
    let lines = try lines([
      ("t", base.transposed(0, 1)), ("row", base.selected(axis: 0, 2)), ("base", base),
      ("repeated", base.selected(axis: 0, 1).expanded(to: [3, 6])),
    ])
    #expect(
      lines == [
        "'t': tensor float32 (6, 4) (1, 6) in 0 of 96 bytes at 0",
        "'row': tensor float32 (6,) (1,) in 0 of 96 bytes at 12",
        "'base': tensor float32 (4, 6) (6, 1) in 0 of 96 bytes at 0",
        "'repeated': tensor float32 (3, 6) (0, 1) in 0 of 96 bytes at 6",
      ])
  }

  @Test func tensorsWithNothingInCommonDoNot() throws {
    let lines = try lines([
      ("last", Self.base.selected(axis: 0, 3)), ("first", Self.base.selected(axis: 0, 0)),
      ("column", NDArray((0..<24).map { Float($0) }, shape: [4, 6]).selected(axis: 1, 2)),
    ])
    #expect(
      lines == [
        "'last': tensor float32 (6,) (1,) in 0 of 24 bytes at 0",
        "'first': tensor float32 (6,) (1,) in 1 of 24 bytes at 0",
        "'column': tensor float32 (4,) (1,) in 2 of 16 bytes at 0",
      ])
  }

  /// Neighbours have no byte in common, though the one begins where the other ends.
  @Test func neighboursDoNotShareAStorage() throws {
    let (head, tail) = (
      Self.base.sliced(axis: 0, 0..<2), Self.base.sliced(axis: 0, 2..<4)
    )
    #expect(
      try lines([("head", head), ("tail", tail)]) == [
        "'head': tensor float32 (2, 6) (6, 1) in 0 of 48 bytes at 0",
        "'tail': tensor float32 (2, 6) (6, 1) in 1 of 48 bytes at 0",
      ])
  }

  /// Of which the first begins amid an element of the second.
  @Test func partsThatBeginAnywhereShareBytes() throws {
    let bytes = NDArray((0..<96).map { UInt8($0) })
    let floats = NDArray(storage: bytes.storage, dtype: .float32, layout: Layout([12], offset: 6))
    let odd = NDArray(storage: bytes.storage, dtype: .uint8, layout: Layout([20], offset: 21))
    #expect(
      try lines([("odd", odd), ("floats", floats)]) == [
        "'odd': tensor uint8 (20,) (1,) in 0 of 56 bytes at 5",
        "'floats': tensor float32 (12,) (1,) in 0 of 56 bytes at 2",
      ])
  }

  @Test func tensorsOfSeveralTypesShareBytes() throws {
    let base = Self.base
    let bits = NDArray(storage: base.storage, dtype: .int32, layout: Layout([4, 6]))
    let half = NDArray(storage: base.storage, dtype: .float16, layout: Layout([3], offset: 40))
    #expect(
      try lines([("float", base), ("int", bits), ("half", half)]) == [
        "'float': tensor float32 (4, 6) (6, 1) in 0 of 96 bytes at 0",
        "'int': tensor int32 (4, 6) (6, 1) in 0 of 96 bytes at 0",
        "'half': tensor float16 (3,) (1,) in 0 of 96 bytes at 40",
      ])
  }

  @Test func convertedTensorsStayTied() throws {
    var options = WriteOptions()
    options.floatingPointType = .bfloat16
    let base = Self.base
    #expect(
      try lines([("a", base), ("b", base), ("row", base.selected(axis: 0, 1))], options) == [
        "'a': tensor bfloat16 (4, 6) (6, 1) in 0 of 48 bytes at 0",
        "'b': tensor bfloat16 (4, 6) (6, 1) in 0 of 48 bytes at 0",
        "'row': tensor bfloat16 (6,) (1,) in 0 of 48 bytes at 6",
      ])
  }

  @Test func tensorsWithoutElementsOrDimensions() throws {
    let lines = try lines([
      ("none", NDArray(zeros: [0, 3])), ("scalar", NDArray(2 as Double)),
      ("empty", NDArray(zeros: [2, 0], dtype: .float8E5M2)),
    ])
    #expect(
      lines == [
        "'none': tensor float32 (0, 3) (3, 1) in 0 of 0 bytes at 0",
        "'scalar': tensor float64 () () in 1 of 8 bytes at 0",
        "'empty': tensor float8_e5m2 (2, 0) (1, 1) in 2 of 0 bytes at 0",
      ])
  }

  @Test func countsTiesOnce() throws {
    var state = StateDict()
    for key in ["a", "b"] { state[key] = Self.base }
    state["row"] = Self.base.selected(axis: 0, 0)
    let summary = try Checkpoint(state: state).write(to: folder.file("x.pth"), format: .pytorch)
    #expect(summary.tensorCount == 3)
    #expect(summary.tensorByteCount == 96 + 24)
    #expect(try summary.fileByteCount == folder.bytes("x.pth").count)
  }
}
