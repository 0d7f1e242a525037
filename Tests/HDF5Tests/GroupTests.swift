import HDF5
import LibHDF5
import Testing

@Suite struct GroupTests {
  let file: HDF5File
  let root: HDF5Group

  init() throws {
    file = try HDF5File.createInMemory()
    root = try file.root
  }

  @Test func groupsAreMadeAndOpened() throws {
    let conv = try root.createGroup("conv1")
    #expect(conv.path == "/conv1")
    #expect(try conv.createGroup("0").path == "/conv1/0")
    #expect(try root.group("conv1/0").path == "/conv1/0")
    #expect(try conv.group("/conv1/0").path == "/conv1/0")
    #expect(try root.group("/").path == "/")
    #expect(try root.group("./conv1//0").names() == [])
  }

  @Test func groupsOnTheWayAreMadeOnRequestOnly() throws {
    let error = #expect(throws: HDF5Error.self) { try root.createGroup("a/b/c") }
    #expect(error?.code == .notFound)
    #expect(try root.names() == [])
    try root.createGroup("a/b/c", createsIntermediates: true)
    try root.createGroup("a/b/d", createsIntermediates: true)
    #expect(try root.group("a/b").names() == ["c", "d"])
  }

  @Test func existingNamesAreNotMadeAgain() throws {
    try root.createGroup("a")
    for make in [
      { try root.createGroup("a") }, { try root.createDataset("a", .int8, shape: []) },
      { try root.createSoftLink("a", to: "b") }, { try root.createHardLink("a", to: root) },
    ] as [() throws -> Any] {
      let error = #expect(throws: HDF5Error.self) { _ = try make() }
      #expect(error?.code == .alreadyExists)
      #expect(error?.path == "/a")
    }
  }

  @Test func missingObjectsAreNotFound() throws {
    try root.createGroup("a")
    for open in [
      { try root.group("x") }, { try root.dataset("a/x") }, { try root.object("x/y/z") },
      { try root.namedDatatype("x") }, { try root.remove("x") },
      { try root.move("x", to: "y") },
    ] as [() throws -> Any] {
      let error = #expect(throws: HDF5Error.self) { _ = try open() }
      #expect(error?.code == .notFound)
    }
    #expect(try root.link("x") == nil)
    #expect(try root.link("x/y") == nil)
    #expect(try !root.contains("x"))
  }

  @Test func objectsOfAnotherKindAreAMismatch() throws {
    try root.createGroup("group")
    try root.createDataset("data", .int8, shape: [])
    try root.createDatatype("type", .float32)
    for (open, found) in [
      ({ try root.group("data") }, "dataset"), ({ try root.dataset("group") }, "group"),
      ({ try root.dataset("type") }, "named datatype"),
      ({ try root.namedDatatype("data") }, "dataset"),
    ] as [(() throws -> Any, String)] {
      let error = #expect(throws: HDF5Error.self) { _ = try open() }
      #expect(error?.code == .typeMismatch)
      #expect(error?.message == "it is a \(found)")
    }
    #expect(try root.object("group") is HDF5Group)
    #expect(try root.object("data") is HDF5Dataset)
    #expect(try root.object("type") is HDF5NamedDatatype)
    #expect(throws: HDF5Error.self) { try root.group("data/inside") }
  }

  @Test(arguments: [
    "weight", "a.b.c", "..", "...", " ", "ünïcödé", "重み", "🧠", "a\nb", "\"quoted\"",
    String(repeating: "n", count: 300),
  ])
  func namesOfAnyKindRoundTrip(name: String) throws {
    let group = try root.createGroup("names")
    try group.createGroup(name)
    try group.attributes.set(name, to: 1 as Int32)
    #expect(try group.names() == [name])
    #expect(try group.contains(name))
    #expect(try group.group(name).path == "/names/" + name)
    #expect(try group.attributes.names() == [name])
    try group.remove(name)
    #expect(try group.linkCount == 0)
  }

  @Test func nameOf80KilobytesRoundTripsAndIsShortenedInErrors() throws {
    let name = String(repeating: "long", count: 20_000)
    try root.createGroup(name)
    #expect(try root.names() == [name])
    let error = #expect(throws: HDF5Error.self) { try root.createGroup(name) }
    #expect(error?.path == "/" + name)
    #expect(error.map { $0.description.utf8.count < 500 } == true)
  }

  @Test(arguments: ["", "a\0b", "/", ".", "./.", "//"])
  func namesThatAreNoneAreRefused(name: String) {
    let error = #expect(throws: HDF5Error.self) { try root.createGroup(name) }
    #expect(error?.code == .invalidArgument)
  }

  @Test func orderOfCreationIsKeptOnRequest() throws {
    let names = ["zeta", "alpha", "mid", "beta"]
    let tracked = try root.createGroup("t", options: HDF5GroupOptions(tracksLinkOrder: true))
    let plain = try root.createGroup("p")
    for name in names {
      try tracked.createGroup(name)
      try plain.createGroup(name)
    }
    #expect(try tracked.tracksLinkOrder)
    #expect(try !plain.tracksLinkOrder)
    #expect(try tracked.names(order: .creation) == names)
    #expect(try tracked.names() == names.sorted())
    #expect(try plain.names(order: .creation) == names.sorted())
    #expect(try tracked.links(order: .creation).map(\.creationOrder) == [0, 1, 2, 3])
    #expect(try plain.links().map(\.creationOrder) == [nil, nil, nil, nil])
  }

  @Test func linksTellWhatTheyLeadTo() throws {
    let data = try root.createDataset("data", .int8, shape: [])
    try root.createGroup("group")
    try root.createDatatype("type", .float32)
    try root.createHardLink("tie", to: data)
    try root.createSoftLink("soft", to: "/group/nothing here")
    try root.createExternalLink("external", toFile: "other.h5", path: "/weights")

    let links = Dictionary(uniqueKeysWithValues: try root.links().map { ($0.name, $0.target) })
    guard case .hard(let dataInfo) = links["data"], case .hard(let tieInfo) = links["tie"],
      case .hard(let groupInfo) = links["group"], case .hard(let typeInfo) = links["type"]
    else {
      Issue.record("hard links are not told as such")
      return
    }
    #expect(dataInfo == tieInfo)
    #expect(dataInfo.kind == .dataset)
    #expect(dataInfo.referenceCount == 2)
    #expect(groupInfo.kind == .group)
    #expect(groupInfo.address != dataInfo.address)
    #expect(typeInfo.kind == .namedDatatype)
    #expect(links["soft"] == .soft(path: "/group/nothing here"))
    #expect(links["external"] == .external(file: "other.h5", path: "/weights"))
    #expect(try root.link("soft")?.target == links["soft"])
    #expect(try data.info == dataInfo)
    #expect(try root.linkCount == 6)
  }

  @Test func listingStopsAtTheLimit() throws {
    for index in 0..<10 { try root.createGroup("g\(index)") }
    let error = #expect(throws: HDF5Error.self) { try root.links(maximumCount: 9) }
    #expect(error?.code == .limitExceeded)
    #expect(try root.links(maximumCount: 10).count == 10)
  }

  @Test func linksAreMovedAndRemoved() throws {
    let data = try root.createDataset("a", .int32, shape: [])
    try data.write([42] as [Int32])
    try root.createGroup("group")
    try root.move("a", to: "group/b")
    #expect(try root.names() == ["group"])
    try root.createHardLink("tie", to: data)
    try root.remove("group/b")
    #expect(try root.dataset("tie").read(as: Int32.self) == [42])
    #expect(try data.info.referenceCount == 1)
  }

  @Test func hardLinksStayWithinAFile() throws {
    let other = try HDF5File.createInMemory().root.createGroup("group")
    let error = #expect(throws: HDF5Error.self) { try root.createHardLink("g", to: other) }
    #expect(error?.code == .invalidArgument)
  }

  @Test func namedDatatypesAreSharedByName() throws {
    let named = try root.createDatatype("bf16", .bfloat16)
    try named.attributes.set("note", to: "the upper half of a float32")
    #expect(try named.datatype == .bfloat16)
    #expect(try root.namedDatatype("bf16").attributes.string("note").hasPrefix("the upper"))
    #expect(try !named.attributes.tracksOrder)
  }
}
