import Arrays
import BallastFiles
import Checkpoints
import Files
import HDF5
import LibHDF5
import States
import TestSupport
import Testing

/// The index is believed only as long as the file is as it was written.
@Suite struct SealTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("a.h5")
  }

  @Test func aFileAsWrittenIsListedByItsIndex() throws {
    for checkpoint in [TestCheckpoints.training, TestCheckpoints.everyType] {
      try CheckpointWriter.write(checkpoint, to: path)
      let file = try CheckpointFile(path)
      #expect(file.isListedByIndex)
      #expect(checkpoint.differences(from: try file.read(.verified)) == [])
      #expect(try file.verify().problems.isEmpty)
    }
  }

  @Test func compressedTensorsAreFoundByTheirDatasets() throws {
    var checkpoint = TestCheckpoints.training
    checkpoint.state.entries["large"] = .init(
      TestCheckpoints.array(.float32, [64, 1024]), role: .parameter)
    let options = WriteOptions(compression: .init(level: 1, shuffle: true))
    try CheckpointWriter.write(checkpoint, to: path, options: options)
    let file = try CheckpointFile(path)
    #expect(file.tensors.contains { !$0.isMappable })
    #expect(!file.isListedByIndex)
    #expect(checkpoint.differences(from: try file.read(.verified)) == [])
    #expect(try file.verify().problems.isEmpty)
  }

  @Test func anEditByTheLibraryIsSeen() throws {
    let edits: [(String, (HDF5Group) throws -> Void)] = [
      (
        "a tensor is replaced by another of its shape",
        { root in
          try root.remove("parameters/conv/bias")
          let dataset = try root.createDataset(
            "parameters/conv/bias", .float32, shape: [4])
          try dataset.write([Float](repeating: 9, count: 4))
        }
      ),
      (
        "two tensors change places",
        { root in
          try root.move("parameters/conv/bias", to: "parameters/conv/x")
          try root.move("buffers/bn/running_mean", to: "parameters/conv/bias")
          try root.move("parameters/conv/x", to: "buffers/bn/running_mean")
        }
      ),
      (
        "a tensor is added",
        { root in
          try root.createDataset("parameters/new", .float32, shape: [1]).write([Float(1)])
        }
      ),
    ]
    let original = try original()
    for (name, edit) in edits {
      try CheckpointWriter.write(TestCheckpoints.training, to: path)
      do {
        let file = try HDF5File.open(path, mode: .readWrite)
        try edit(file.root)
      }
      let file = try CheckpointFile(path)
      #expect(!file.isListedByIndex, "\(name)")
      let read = try file.read(.unverified)
      #expect(!original.differences(from: read).isEmpty, "\(name)")
    }
  }

  @Test func valuesEditedInPlaceLeaveTheSealWhole() throws {
    try CheckpointWriter.write(TestCheckpoints.training, to: path)
    do {
      let file = try HDF5File.open(path, mode: .readWrite)
      try file.root.dataset("parameters/conv/bias").write([Float](repeating: 9, count: 4))
    }
    let file = try CheckpointFile(path)
    #expect(file.isListedByIndex)
    let bias = try file.read(.unverified).state.entries["conv.bias"]?.array
    #expect(bias?.elements(as: Float.self) == [9, 9, 9, 9])
    #expect(throws: CheckpointError.self) { try file.read(.verified) }
  }

  @Test func aForgedIndexCannotReachBeyondTheFileNorMultiplyItsBytes() throws {
    try CheckpointWriter.write(TestCheckpoints.training, to: path)
    let size = try folder.bytes("a.h5").count
    for offset in [UInt64(size - 8), UInt64.max - 1, UInt64(1) << 63] {
      try forge { rows in rows.replaceSubrange(48..<56, with: bytes(of: offset)) }
      #expect(throws: CheckpointError.self) { try CheckpointFile(path).read(.unverified) }
    }
    try forge { rows in rows.replaceSubrange(48..<56, with: rows[(68 + 48)..<(68 + 56)]) }
    #expect(throws: CheckpointError.self) { try CheckpointFile(path) }
  }

  @Test func aForgedIndexNamesEachTensorOnce() throws {
    // The second row has the path of the first, and then everything of it.
    for columns in [0..<12, 0..<68] {
      try forge { rows in
        rows.replaceSubrange(68 + columns.lowerBound..<68 + columns.upperBound, with: rows[columns])
      }
      for access in [Access.mapped, .verified, .unverified] {
        #expect(throws: CheckpointError.self) { try CheckpointFile(path).read(access) }
      }
      #expect(throws: CheckpointError.self) { try CheckpointFile(path).verify() }
    }
  }

  @Test func aForgedIndexIsFoundByVerifying() throws {
    try CheckpointWriter.write(TestCheckpoints.training, to: path)
    // Two tensors of the same shape, each in the place of the other.
    let names = try CheckpointFile(path).tensors.map(\.path)
    let places = try ["parameters/conv/bias", "buffers/bn/running_mean"].map { name in
      68 * (try #require(names.firstIndex(of: name))) + 48
    }
    try forge { rows in
      for index in 0..<8 { rows.swapAt(places[0] + index, places[1] + index) }
    }
    let file = try CheckpointFile(path)
    #expect(file.isListedByIndex)
    #expect(try !file.verify().problems.isEmpty)
  }

  /// Datasets that are gone under a seal that holds, as only a forger leaves them.
  @Test func aForgedStructureIsFoundByVerifying() throws {
    try CheckpointWriter.write(TestCheckpoints.training, to: path)
    for section in ["optimizer", "buffers"] {
      try forge { content, _ in
        let name = Array("\(section)\0".utf8)
        let place = try #require(
          content.indices.first { content[$0...].starts(with: name) }, "\(section)")
        // The names of a group stay in their order.
        content[place + name.count - 2] += 1
      }
      let file = try CheckpointFile(path)
      #expect(file.isListedByIndex)
      #expect(try !file.verify().problems.isEmpty, "\(section)")
    }
  }

  // MARK: - Helpers

  private func original() throws -> Checkpoint {
    try CheckpointWriter.write(TestCheckpoints.training, to: path)
    return try CheckpointFile(path).read(.verified)
  }

  /// Changes the rows of tensors in the index, and puts the checksum and the seal right again.
  private func forge(_ change: (inout [UInt8]) -> Void) throws {
    try forge { content, tensors in
      var rows = Array(content[tensors])
      change(&rows)
      content.replaceSubrange(tensors, with: rows)
    }
  }

  /// Changes the bytes of a file, and puts the checksum and the seal of the index right again.
  ///
  /// - Parameter change: Is given the bytes, and where the rows of tensors are in them.
  private func forge(_ change: (inout [UInt8], Range<Int>) throws -> Void) throws {
    try CheckpointWriter.write(TestCheckpoints.training, to: path)
    var content = try folder.bytes("a.h5")
    let index = try HDF5Scan(bytes: content).root().group("index")
    func range(_ name: String) throws -> Range<Int> {
      let dataset = try index.dataset(name)
      return try #require(dataset.contiguousRange ?? (dataset.byteCount == 0 ? 0..<0 : nil))
    }
    try change(&content, try range("tensors"))
    var checksum = CRC32()
    for name in ["tensors", "values", "modules", "extents", "text", "file_size"] {
      content[try range(name)].withBytes { checksum.update($0) }
    }
    content.replaceSubrange(try range("checksum"), with: bytes(of: checksum.value))
    let seal = try range("seal")
    content.replaceSubrange(seal.lowerBound + 8..<seal.upperBound, with: [0, 0, 0, 0])
    let count = content[seal].withBytes { $0.loadLittleEndian(UInt64.self, at: 0) }
    let sum = content[..<Int(count)].withBytes { CRC32.checksum($0) }
    content.replaceSubrange(seal.lowerBound + 8..<seal.upperBound, with: bytes(of: sum))
    try folder.write(content, to: "a.h5")
  }

  private func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
