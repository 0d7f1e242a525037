import Files
import HDF5
import LibHDF5
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func writtenDatasetIsReadBack() throws {
    let file = try HDF5File.create(folder.file())
    let dataset = try file.root.createDataset("bias", .float32, shape: [2, 2])
    try dataset.write([1, 2, 3, 4] as [Float])
    #expect(try file.size > 0)
    try file.close()

    let again = try HDF5File.open(folder.file())
    #expect(try again.root.dataset("bias").shape == [2, 2])
    #expect(try again.root.dataset("bias").read(as: Float.self) == [1, 2, 3, 4])
    #expect(try again.root.dataset("/bias").datatype == .float32)
    #expect(!again.isWritable)
    #expect("\(again)" == "HDF5File(\"\(folder.file())\", read-only)")
    #expect("\(file)" == "HDF5File(\"\(folder.file())\", closed)")
  }

  @Test func libraryTellsItsVersion() {
    #expect(HDF5Library.version.split(separator: ".").count == 3)
  }

  @Test func creatingRefusesAnExistingFileUnlessToldToReplaceIt() throws {
    try HDF5File.create(folder.file()).close()
    let error = #expect(throws: HDF5Error.self) { try HDF5File.create(folder.file()) }
    #expect(error?.code == .alreadyExists)

    var options = HDF5FileOptions()
    options.replacesExisting = true
    let file = try HDF5File.create(folder.file(), options: options)
    try file.root.createGroup("new")
    try file.close()
    #expect(try HDF5File.open(folder.file()).root.names() == ["new"])
  }

  @Test func readWriteKeepsWhatIsThereAndReadOnlyRefusesChanges() throws {
    let file = try HDF5File.create(folder.file())
    try file.root.createGroup("old")
    try file.close()

    let writable = try HDF5File.open(folder.file(), mode: .readWrite)
    try writable.root.createGroup("new")
    try writable.close()

    let readOnly = try HDF5File.open(folder.file())
    #expect(try readOnly.root.names() == ["new", "old"])
    #expect(throws: HDF5Error.self) { try readOnly.root.createGroup("third") }
    #expect(throws: HDF5Error.self) { try readOnly.root.remove("old") }
  }

  @Test func filesAreToldByContent() throws {
    try HDF5File.create(folder.file()).close()
    try folder.write(Array("this is not HDF5".utf8), to: "text.h5")
    try folder.write([], to: "empty.h5")
    #expect(HDF5File.isHDF5(folder.file()))
    #expect(!HDF5File.isHDF5(folder.file("text.h5")))
    #expect(!HDF5File.isHDF5(folder.file("empty.h5")))
    #expect(!HDF5File.isHDF5(folder.file("missing.h5")))
    #expect(!HDF5File.isHDF5(folder.path))
  }

  @Test func missingFileIsNotFound() {
    let error = #expect(throws: HDF5Error.self) {
      try HDF5File.open(folder.file("missing.h5"))
    }
    #expect(error?.code == .notFound)
    #expect(error?.errno == ENOENT)
    #expect(error?.description.contains("no such file") == true)
  }

  @Test func missingFolderIsNotFound() {
    let error = #expect(throws: HDF5Error.self) {
      try HDF5File.create(folder.file("no/such/folder.h5"))
    }
    #expect(error?.code == .notFound)
    #expect(error?.errno == ENOENT)
    #expect(error?.frames.isEmpty == false)
    #expect(error?.stackDescription.contains("H5Fcreate") == true)
  }

  @Test(arguments: ["", "this is not HDF5", String(repeating: "<html>", count: 1000)])
  func otherContentIsNotHDF5(text: String) throws {
    let path = try folder.write(Array(text.utf8), to: "other.h5")
    let error = #expect(throws: HDF5Error.self) { try HDF5File.open(path) }
    #expect(error?.code == .notHDF5)
    #expect(error?.file == path)
  }

  @Test func directoriesAndPipesAreRefusedWithoutWaiting() throws {
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    for path in [folder.path, folder.file("pipe"), "/dev/null"] {
      let opening = #expect(throws: HDF5Error.self) { try HDF5File.open(path) }
      #expect(opening?.code == .notHDF5)
      var options = HDF5FileOptions()
      options.replacesExisting = true
      let creating = #expect(throws: HDF5Error.self) {
        try HDF5File.create(path, options: options)
      }
      #expect(creating?.code == .alreadyExists)
    }
  }

  @Test func namesThatCWouldCutAreRefused() {
    for path in ["", "a\0b"] {
      let error = #expect(throws: HDF5Error.self) { try HDF5File.open(path) }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test func symbolicLinkToAFileIsFollowed() throws {
    try HDF5File.create(folder.file()).close()
    #expect(symlink(folder.file(), folder.file("link.h5")) == 0)
    #expect(try HDF5File.open(folder.file("link.h5")).root.names().isEmpty)
  }

  @Test func closedFileRefusesEverything() throws {
    let file = try HDF5File.create(folder.file())
    let group = try file.root.createGroup("group")
    let dataset = try group.createDataset("data", .int32, shape: [3])
    #expect(file.isOpen)
    try file.close()
    try file.close()
    #expect(!file.isOpen)
    let failures: [() throws -> Void] = [
      { _ = try file.root },
      { try file.flush() },
      { _ = try group.names() },
      { _ = try group.contains("data") },
      { _ = try group.createGroup("another") },
      { _ = try dataset.shape },
      { _ = try dataset.read(as: Int32.self) },
      { _ = try dataset.attributes.names() },
    ]
    for failure in failures {
      let error = #expect(throws: HDF5Error.self) { try failure() }
      #expect(error?.code == .closed)
    }
  }

  @Test func semiCloseRefusesWhileObjectsAreOpen() throws {
    var options = HDF5FileOptions()
    options.closeDegree = .semi
    let file = try HDF5File.create(folder.file(), options: options)
    var group: HDF5Group? = try file.root.createGroup("group")
    #expect(try file.openObjectCount == 1)
    #expect(throws: HDF5Error.self) { try file.close() }
    #expect(file.isOpen)
    #expect(try group?.names() == [])
    group = nil
    try file.close()
    #expect(!file.isOpen)
  }

  @Test func objectKeepsItsFileAlive() throws {
    try HDF5File.create(folder.file()).root.createGroup("group")
    func openGroup() throws -> HDF5Group {
      try HDF5File.open(folder.file()).root.group("group")
    }
    let group = try openGroup()
    #expect(try group.names().isEmpty)
    #expect(group.file.isOpen)
  }

  @Test func userBlockComesBeforeTheContent() throws {
    var options = HDF5FileOptions()
    options.userBlockSize = 1024
    let file = try HDF5File.create(folder.file(), options: options)
    let dataset = try file.root.createDataset("data", .uint8, shape: [4])
    #expect(try dataset.offset == nil)
    try dataset.write([7, 8, 9, 10] as [UInt8])
    let offset = try #require(try dataset.offset)
    try file.close()

    let bytes = try folder.bytes()
    #expect(bytes[0..<1024].allSatisfy { $0 == 0 })
    #expect(Array(bytes[offset..<offset + 4]) == [7, 8, 9, 10])
    let again = try HDF5File.open(folder.file())
    #expect(try again.userBlockSize == 1024)
    #expect(try again.root.dataset("data").read(as: UInt8.self) == [7, 8, 9, 10])
  }

  @Test func badOptionsAreErrors() {
    var userBlock = HDF5FileOptions()
    userBlock.userBlockSize = 1000
    var negative = HDF5FileOptions()
    negative.userBlockSize = -1
    var alignment = HDF5FileOptions()
    alignment.alignment = .init(threshold: 1, bytes: 0)
    var metadata = HDF5FileOptions()
    metadata.metadataBlockSize = -1
    for options in [userBlock, negative, alignment, metadata] {
      let error = #expect(throws: HDF5Error.self) {
        try HDF5File.create(folder.file(), options: options)
      }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test(arguments: [HDF5FileOptions.Format.earliest, .v18, .v110, .latest])
  func everyFormatIsReadBack(format: HDF5FileOptions.Format) throws {
    var options = HDF5FileOptions()
    options.format = format
    options.metadataBlockSize = 1 << 16
    let file = try HDF5File.create(folder.file(), options: options)
    try file.root.createDataset("a", .int64, shape: [3]).write([1, 2, 3])
    try file.root.attributes.set("note", to: "kept")
    try file.close()
    let again = try HDF5File.open(folder.file())
    #expect(try again.root.dataset("a").read(as: Int.self) == [1, 2, 3])
    #expect(try again.root.attributes.string("note") == "kept")
  }

  @Test func alignedDatasetsStartAtMultiples() throws {
    var options = HDF5FileOptions()
    options.alignment = .init(threshold: 512, bytes: 256)
    let file = try HDF5File.create(folder.file(), options: options)
    for index in 0..<5 {
      let dataset = try file.root.createDataset(
        "d\(index)", .uint8, shape: [600 + index],
        options: HDF5DatasetOptions(allocationTime: .early, fillTime: .never))
      #expect(try dataset.offset.map { $0 % 256 } == 0)
    }
    try file.close()
  }

  @Test func sameCallsGiveTheSameBytes() throws {
    func make(_ name: String, _ format: HDF5FileOptions.Format) throws -> [UInt8] {
      var options = HDF5FileOptions()
      options.format = format
      options.rootGroup = HDF5GroupOptions(tracksLinkOrder: true, tracksAttributeOrder: true)
      let file = try HDF5File.create(folder.file(name), options: options)
      let group = try file.root.createGroup("ä/b/c", createsIntermediates: true)
      try group.attributes.set("names", to: ["x", "ÿ"])
      try group.attributes.set("names", to: ["x", "y", "z"])
      try group.createDataset("w", .bfloat16, shape: [4]).write(
        [1, 2, 3, 4] as [Float], conversion: .lossy)
      try group.createDatatype("type", .complex(.float32))
      try group.createDataset("s", .string(.variable), shape: [2]).writeStrings(["a", "b"])
      let chunked = HDF5DatasetOptions(
        layout: .chunked([8]), filters: [.shuffle, .deflate(level: 4)])
      try group.createDataset("z", .int16, shape: [20], options: chunked).write(
        (0..<20).map { Int16($0) })
      try file.close()
      return try folder.bytes(name)
    }
    let formats: [HDF5FileOptions.Format] = [.earliest, .v18, .latest]
    let first = try formats.map { try make("a\($0)", $0) }
    // Time stamps, were there any, have a resolution of one second.
    usleep(1_100_000)
    let second = try formats.map { try make("b\($0)", $0) }
    #expect(first == second)
  }
}
