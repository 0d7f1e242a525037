import Foundation
import HDF5
import LibHDF5
import TestSupport
import Testing

/// Nothing that was opened stays open, whether it went well or not.
@Suite struct LeakTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func everyFeatureClosesWhatItOpens() throws {
    var options = HDF5FileOptions()
    options.closeDegree = .semi
    let file = try HDF5File.create(folder.file(), options: options)
    do {
      let root = try file.root
      let group = try root.createGroup("a/b", createsIntermediates: true)
      try root.createSoftLink("soft", to: "/a/b")
      _ = try root.group("soft")
      let data = try group.createDataset(
        "d", .float32, shape: [10],
        options: HDF5DatasetOptions(
          layout: .chunked([5]), filters: [.shuffle, .deflate(level: 1)],
          fillValue: [0, 0, 0x80, 0x3F]))
      try data.write([Float](repeating: 1, count: 10))
      _ = try data.read(as: Double.self, HDF5Hyperslab(2..<4))
      _ = try (data.filters, data.layout, data.fillValue, data.datatype, data.dataspace, data.info)
      _ = try (data.chunks(), data.chunk(at: [5]), data.readChunk(at: [0]))
      let texts = try root.createDataset("s", .string(.variable), shape: [2])
      try texts.writeStrings(["a", "b"])
      _ = try (texts.readStrings(), texts.readValues())
      try root.attributes.set("x", to: "1")
      try root.attributes.set("x", to: [1, 2])
      _ = try (root.attributes.names(order: .creation), root.attributes.count, root.links())
      try root.createDatatype("t", .boolean)
      _ = try root.namedDatatype("t").datatype
      _ = try file.object(try data.makeReference())
      _ = try file.region(try data.makeReference(to: HDF5Hyperslab(0..<2)))
    }
    #expect(try file.openObjectCount == 0)
    try file.close()
  }

  @Test func failuresCloseWhatTheyOpened() throws {
    var options = HDF5FileOptions()
    options.closeDegree = .semi
    let file = try HDF5File.create(folder.file(), options: options)
    do {
      let root = try file.root
      let data = try root.createDataset("d", .float64, shape: [4])
      let texts = try root.createDataset("s", .string(.fixed(bytes: 2)), shape: [2])
      try root.createSoftLink("circle", to: "circle")
      try root.attributes.set("a", to: 1)
      let failures: [() throws -> Void] = [
        { _ = try root.group("d") }, { _ = try root.dataset("missing") },
        { _ = try root.object("circle") }, { try root.createGroup("d") },
        { try root.createDataset("d", .boolean, shape: [4]) },
        { _ = try data.read(as: Float.self) }, { try data.write([1.0]) },
        { _ = try data.read(as: Double.self, HDF5Hyperslab(3..<5)) }, { _ = try data.chunks() },
        { _ = try data.readStrings() }, { try texts.writeStrings(["long", "text"]) },
        { try root.attributes.set("a", to: "long", as: .fixed(bytes: 1)) },
        { _ = try root.attributes.value("a", as: Float.self) }, { try file.close() },
        { _ = try file.object(HDF5ObjectReference(rawValue: 99_999)) },
      ]
      for _ in 0..<10 {
        for failure in failures { #expect(throws: HDF5Error.self) { try failure() } }
      }
    }
    #expect(try file.openObjectCount == 0)
    try file.close()
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/fd"), "needs /proc"))
  func failuresKeepNoFileOpen() throws {
    // Other tests run at the same time, so count only what is open in this folder.
    func openFiles() -> Int {
      let descriptors =
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
      return descriptors.count {
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/self/fd/" + $0)
        return target?.hasPrefix(folder.path) == true
      }
    }
    let file = try HDF5File.create(folder.file())
    try file.root.createDataset("d", .int32, shape: [100]).write([Int32](repeating: 1, count: 100))
    #expect(openFiles() == 1)
    try file.close()
    #expect(openFiles() == 0)
    let whole = try folder.bytes()
    try folder.write(Array(whole.dropLast(100)), to: "truncated.h5")
    try folder.write(Array("text".utf8), to: "text.h5")
    for _ in 0..<100 {
      #expect(throws: HDF5Error.self) { try HDF5File.open(folder.file("truncated.h5")) }
      #expect(throws: HDF5Error.self) { try HDF5File.open(folder.file("text.h5")) }
      #expect(throws: HDF5Error.self) { try HDF5File.create(folder.file()) }
      // Never closed by hand: letting go of it is enough.
      _ = try HDF5File.open(folder.file()).root.dataset("d")
    }
    #expect(openFiles() == 0)
  }
}
