import HDF5
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func writtenDatasetIsReadBack() throws {
    let file = try HDF5File.create(folder.file())
    let dataset = try file.root.createDataset("bias", .float32, shape: [2, 2])
    try dataset.write([1, 2, 3, 4] as [Float])
    try file.close()

    let again = try HDF5File.open(folder.file())
    #expect(try again.root.dataset("bias").shape == [2, 2])
    #expect(try again.root.dataset("bias").read(as: Float.self) == [1, 2, 3, 4])
    #expect(try again.root.dataset("/bias").datatype == .float32)
    #expect(!again.isWritable)
  }
}
