import HDF5
import LibHDF5
import TestSupport
import Testing

@Suite struct MemoryFileTests {
  @Test func fileInMemoryIsReadBackFromItsImage() throws {
    let file = try HDF5File.createInMemory(name: "weights")
    try file.root.createDataset("data", .int32, shape: [3]).write([1, 2, 3] as [Int32])
    let image = try file.image()
    try file.close()

    let again = try HDF5File.open(image: image, name: "archive.zip!weights.h5")
    #expect(again.path == "archive.zip!weights.h5")
    #expect(try again.root.dataset("data").read(as: Int32.self) == [1, 2, 3])
    #expect(throws: HDF5Error.self) { try again.root.createGroup("group") }
  }

  @Test(arguments: [HDF5FileOptions.Format.earliest, .v18, .v110, .latest])
  func imageOfEveryFormatOpens(format: HDF5FileOptions.Format) throws {
    var options = HDF5FileOptions()
    options.format = format
    let file = try HDF5File.createInMemory(options: options)
    try file.root.createGroup("group")
    let again = try HDF5File.open(image: try file.image(), name: "copy", mode: .readWrite)
    #expect(try again.root.names() == ["group"])
  }

  @Test func imageOfAFileOnDiskIsItsContent() throws {
    let folder = try TemporaryFolder()
    let file = try HDF5File.create(folder.file())
    try file.root.createDataset("data", .int32, shape: [3]).write([1, 2, 3] as [Int32])
    let image = try file.image()
    try file.close()
    #expect(image == (try folder.bytes()))
  }

  @Test func changesStayInMemory() throws {
    let file = try HDF5File.createInMemory()
    let image = try file.image()
    let writable = try HDF5File.open(image: image, name: "copy", mode: .readWrite)
    try writable.root.createGroup("group")
    #expect(try file.root.names() == [])
    let changed = try HDF5File.open(image: try writable.image(), name: "copy")
    #expect(try changed.root.names() == ["group"])
  }

  @Test func filesOfOneNameAreApart() throws {
    let first = try HDF5File.createInMemory(name: "same")
    let second = try HDF5File.createInMemory(name: "same")
    try first.root.createGroup("first")
    #expect(try second.root.names() == [])
  }

  @Test func damagedImagesAreErrors() throws {
    let image = try HDF5File.createInMemory().image()
    for bytes in [[], Array(image.prefix(4)), Array("nothing of the kind".utf8)] {
      let error = #expect(throws: HDF5Error.self) { try HDF5File.open(image: bytes, name: "x") }
      #expect(error?.code == .notHDF5)
      #expect(error?.file == "x")
    }
    let error = #expect(throws: HDF5Error.self) {
      try HDF5File.open(image: Array(image.dropLast(8)), name: "x")
    }
    #expect(error?.code == .truncated)
  }
}
