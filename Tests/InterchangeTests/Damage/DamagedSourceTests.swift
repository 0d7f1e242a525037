import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files that are held against their checksums while they are converted: damage anywhere in the
/// tensors is found before the output takes its place, however they are read.
@Suite struct DamagedSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Where the outputs go; each has something there already, if it can be replaced.
  private static let outputs = ["out.h5", "out.pth", "out.safetensors", "out.npz", "out"]

  /// Tensors that a reader maps, and that come out of a file in every way: as they lie, transposed,
  /// with gaps, and twice.
  private static func checkpoint() -> Checkpoint {
    let plain = NDArray((0..<6000).map { Float($0) * 0.37 }, shape: [60, 100])
    let wide = NDArray((0..<8000).map { Double($0) * -1.7 }, shape: [80, 100])
    var state = StateDict()
    state.entries["plain"] = .init(plain, role: .parameter)
    state.entries["transposed"] = .init(
      NDArray(
        storage: wide.storage, dtype: .float64,
        layout: Layout(shape: [90, 80], strides: [1, 100], offset: 3)),
      role: .parameter)
    state.entries["tied"] = state.entries["plain"]
    state.entries["large"] = .init(NDArray((0..<300_000).map(Float.init)), role: .buffer)
    return Checkpoint(state: state)
  }

  /// Converts `in` as the tools do, without one of the tensors.
  private func convert(_ input: String, to output: String, dtype: DType? = nil) throws {
    let opened = try OpenedCheckpoint(folder.file(input), access: .mapped)
    let check = opened.check()
    var options = WriteOptions()
    options.isDurable = false
    options.floatingPointType = dtype
    var checkpoint = opened.checkpoint
    checkpoint.state.entries["plain"] = nil
    let plan = try checkpoint.plan(
      to: folder.file(output), format: FileFormat(fileName: output) ?? .numpy, options: options)
    _ = try plan.write(checking: check)
  }

  /// The bytes of tensors in a file.
  private func places(in input: String) throws -> [Int] {
    let checkpoint = try OpenedCheckpoint(folder.file(input), access: .mapped).checkpoint
    let ranges = Set(
      checkpoint.state.entries.values.compactMap { $0.array.storage.fileRegion?.range })
    return ranges.sorted { $0.lowerBound < $1.lowerBound }.flatMap { range in
      [range.lowerBound, range.upperBound - 1]
        + stride(from: range.lowerBound, to: range.upperBound, by: max(range.count / 12, 1))
    }
  }

  /// Damages the input at each place, and expects that no output comes of it.
  private func expectRefusals(of input: String, at places: [Int]) throws {
    let bytes = try folder.bytes(input)
    try #require(places.count > 20)
    for output in Self.outputs.dropLast() { try folder.write("old".utf8, to: output) }
    let names = folder.names
    for (number, place) in places.enumerated() {
      var damaged = bytes
      damaged[place] ^= 1 << (number % 8)
      try folder.write(damaged, to: input)
      let output = Self.outputs[number % Self.outputs.count]
      #expect(throws: (any Error).self, "byte \(place) to \(output)") {
        try convert(input, to: output, dtype: number.isMultiple(of: 3) ? .bfloat16 : nil)
      }
      #expect(folder.names == names)
    }
    for output in Self.outputs.dropLast() { #expect(folder.text(of: output) == "old") }
    try folder.write(bytes, to: input)
    for output in Self.outputs { try convert(input, to: output) }
  }

  @Test(arguments: ["in.h5", "in.pth", "in.npz"])
  func damageOfATensorIsFound(_ input: String) throws {
    let format = try #require(FileFormat(fileName: input))
    try Self.checkpoint().write(to: folder.file(input), format: format)
    let places = try places(in: input)
    try expectRefusals(of: input, at: places)
  }

  @Test func damageOfAKerasArchiveIsFound() throws {
    let fixture = TestTarget.folder()
      .appending(path: "Fixtures/keras/image.keras")
    // As it is written here, tensors can be mapped.
    try OpenedCheckpoint(fixture.path).checkpoint.write(to: folder.file("in.keras"), format: .keras)
    try expectRefusals(of: "in.keras", at: try places(in: "in.keras"))
  }

  /// Of compressed tensors every byte matters, but for those between chunks.
  @Test(arguments: ["in.h5", "in.npz"])
  func damageOfCompressedTensorsIsFound(_ input: String) throws {
    let format = try #require(FileFormat(fileName: input))
    var options = WriteOptions()
    options.compression = .init(level: 1)
    try Self.checkpoint().write(to: folder.file(input), format: format, options: options)
    let count = try folder.bytes(input).count
    try expectRefusals(
      of: input, at: Array(stride(from: count / 2, to: count * 9 / 10, by: max(count / 64, 1))))
  }

  @Test func lossesAreToldBeforeAnythingIsWritten() throws {
    var checkpoint = Self.checkpoint()
    checkpoint.state.entries["odd"] = .init(
      NDArray(zeros: [2, 2], dtype: .float8E4M3FN), role: .buffer)
    let plan = try checkpoint.plan(to: folder.file("out.npz"), format: .numpy)
    #expect(plan.losses.map(\.subject) == ["odd"])
    #expect(folder.names.isEmpty)
  }
}
