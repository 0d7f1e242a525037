import HDF5
import LibHDF5
import TestSupport
import Testing

@Suite struct LinkPolicyTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let other = try HDF5File.create(folder.file("other.h5"))
    try other.root.createDataset("secret", .int32, shape: []).write([7] as [Int32])
    try other.close()

    let file = try HDF5File.create(folder.file())
    let root = try file.root
    try root.createGroup("a/b", createsIntermediates: true)
      .createDataset("data", .int32, shape: []).write([1] as [Int32])
    try root.createSoftLink("soft", to: "/a/b")
    try root.group("a").createSoftLink("relative", to: "b/data")
    try root.createSoftLink("chain", to: "soft/data")
    try root.createSoftLink("circle", to: "circle")
    try root.createSoftLink("ping", to: "pong")
    try root.createSoftLink("pong", to: "ping")
    try root.createSoftLink("dangling", to: "/nowhere")
    try root.createExternalLink("external", toFile: "other.h5", path: "/secret")
    try root.createSoftLink("hidden", to: "external")
    try root.group("a").createHardLink("itself", to: root.group("a"))
    try file.close()
  }

  func open(_ policy: HDF5LinkPolicy) throws -> HDF5Group {
    var options = HDF5FileOptions()
    options.linkPolicy = policy
    return try HDF5File.open(folder.file(), options: options).root
  }

  @Test func hardOnlyRefusesEveryOtherLinkOnEveryPart() throws {
    let root = try open(.hardOnly)
    #expect(try root.dataset("a/b/data").read(as: Int32.self) == [1])
    #expect(try root.dataset("a/itself/itself/b/data").read(as: Int32.self) == [1])
    for path in ["soft", "soft/data", "a/relative", "chain", "circle", "external", "dangling"] {
      let error = #expect(throws: HDF5Error.self) { try root.object(path) }
      #expect(error?.code == .refusedLink, "\(path)")
    }
  }

  @Test func withinFileFollowsSoftLinksOnly() throws {
    let root = try open(.withinFile)
    for path in ["soft/data", "/a/relative", "a/relative", "chain", "a/itself/relative"] {
      #expect(try root.dataset(path).read(as: Int32.self) == [1], "\(path)")
    }
    for path in ["external", "hidden", "circle", "ping"] {
      let error = #expect(throws: HDF5Error.self) { try root.object(path) }
      #expect(error?.code == .refusedLink, "\(path)")
    }
    let error = #expect(throws: HDF5Error.self) { try root.object("dangling") }
    #expect(error?.code == .notFound)
  }

  @Test func allFollowsLinksToOtherFiles() throws {
    let root = try open(.all)
    #expect(try root.dataset("external").read(as: Int32.self) == [7])
    #expect(try root.dataset("hidden").read(as: Int32.self) == [7])
    #expect(try root.dataset("chain").read(as: Int32.self) == [1])
    let error = #expect(throws: HDF5Error.self) { try root.object("circle") }
    #expect(error?.code == .refusedLink)
  }

  @Test func nothingIsMadeBehindARefusedLink() throws {
    var options = HDF5FileOptions()
    options.linkPolicy = .hardOnly
    let file = try HDF5File.open(folder.file(), mode: .readWrite, options: options)
    let error = #expect(throws: HDF5Error.self) {
      try file.root.createGroup("soft/new", createsIntermediates: true)
    }
    #expect(error?.code == .refusedLink)
    #expect(try file.root.group("a/b").names() == ["data"])
  }

  @Test func deepPathsAreWalkedInLinearTime() throws {
    let depth = 5_000
    let root = try HDF5File.createInMemory().root
    let path = Array(repeating: "d", count: depth).joined(separator: "/")
    let options = HDF5GroupOptions(tracksLinkOrder: true)
    try root.createGroup(path, options: options, createsIntermediates: true)
    #expect(try root.group(path).names() == [])
    #expect(try root.contains(path))
  }
}
