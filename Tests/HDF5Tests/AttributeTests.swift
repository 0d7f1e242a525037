import HDF5
import LibHDF5
import Testing

@Suite struct AttributeTests {
  let file: HDF5File
  let root: HDF5Group
  let attributes: HDF5Attributes

  init() throws {
    file = try HDF5File.createInMemory()
    root = try file.root
    attributes = root.attributes
  }

  @Test func valuesOfEveryKindAreReadBack() throws {
    try attributes.set("int", to: -5 as Int64)
    try attributes.set("float", to: 0.25)
    try attributes.set("flag", to: true)
    try attributes.set("text", to: "ünïcödé")
    try attributes.set("empty", to: "")
    try attributes.set("fixed", to: "abc", as: .fixed(bytes: 8))
    try attributes.set("list", to: [1, 2, 3] as [UInt16])
    try attributes.set("grid", to: [1, 2, 3, 4] as [Float], shape: [2, 2])
    try attributes.set("none", to: [] as [Int32])
    try attributes.set("names", to: ["a", "", "ccc"])
    try attributes.set("small", to: 7, as: .integer(bytes: 8, signed: true, order: .big))
    #expect(try attributes.value("int", as: Int64.self) == -5)
    #expect(try attributes.value("float", as: Double.self) == 0.25)
    #expect(try attributes.value("flag", as: Bool.self))
    #expect(try attributes.string("text") == "ünïcödé")
    #expect(try attributes.string("empty") == "")
    #expect(try attributes.string("fixed") == "abc")
    #expect(try attributes.values("list", as: UInt16.self) == [1, 2, 3])
    #expect(try attributes.open("grid").shape == [2, 2])
    #expect(try attributes.values("none", as: Int32.self) == [])
    #expect(try attributes.strings("names") == ["a", "", "ccc"])
    #expect(try attributes.value("small", as: Int.self) == 7)
    #expect(try attributes.open("flag").datatype == .boolean)
    #expect(try attributes.open("text").dataspace == .scalar)
    #expect(
      try attributes.open("names").readValues() == [.string("a"), .string(""), .string("ccc")])
    #expect(try attributes.count == 11)
    #expect(try attributes.contains("int"))
    #expect(try !attributes.contains("other"))
  }

  @Test func settingReplacesWhateverWasThere() throws {
    try attributes.set("a", to: "text")
    try attributes.set("a~", to: 1)
    try attributes.set("a", to: [1.5, 2.5])
    #expect(try attributes.values("a", as: Double.self) == [1.5, 2.5])
    #expect(try attributes.names() == ["a", "a~"])
  }

  @Test func failedReplacementLeavesTheOldValue() throws {
    try attributes.set("a", to: "old")
    #expect(throws: HDF5Error.self) {
      try attributes.set("a", to: "too long", as: .fixed(bytes: 2))
    }
    #expect(throws: HDF5Error.self) {
      try attributes.set("b", to: "too long", as: .fixed(bytes: 2))
    }
    #expect(try attributes.string("a") == "old")
    #expect(try attributes.names() == ["a"])
  }

  @Test func missingAndExistingAttributesAreTold() throws {
    let missing = #expect(throws: HDF5Error.self) { try attributes.string("a") }
    #expect(missing?.code == .notFound)
    #expect(missing?.path == "/@a")
    let removing = #expect(throws: HDF5Error.self) { try attributes.remove("a") }
    #expect(removing?.code == .notFound)
    try attributes.create("a", .int8)
    let existing = #expect(throws: HDF5Error.self) { try attributes.create("a", .int8) }
    #expect(existing?.code == .alreadyExists)
    for name in ["", "a\0b"] {
      let error = #expect(throws: HDF5Error.self) { try attributes.set(name, to: 1) }
      #expect(error?.code == .invalidArgument)
    }
    try attributes.remove("a")
    #expect(try attributes.names() == [])
  }

  @Test func oneElementIsAskedForWhereThereAreMore() throws {
    try attributes.set("list", to: [1, 2, 3])
    let error = #expect(throws: HDF5Error.self) { try attributes.value("list", as: Int.self) }
    #expect(error?.code == .typeMismatch)
    #expect(throws: HDF5Error.self) { try attributes.value("list", as: Float.self) }
    #expect(throws: HDF5Error.self) { try attributes.string("list") }
  }

  @Test func attributesOfDatasetsAndDatatypesWorkToo() throws {
    let dataset = try root.createDataset("d", .int8, shape: [])
    try dataset.attributes.set("unit", to: "m")
    let datatype = try root.createDatatype("t", .int8)
    try datatype.attributes.set("unit", to: "s")
    #expect(try root.dataset("d").attributes.string("unit") == "m")
    #expect(try root.namedDatatype("t").attributes.string("unit") == "s")
  }

  @Test func orderOfCreationIsKeptOnRequest() throws {
    let names = ["zeta", "alpha", "mid", "beta"]
    let options = HDF5GroupOptions(tracksAttributeOrder: true)
    let tracked = try root.createGroup("g", options: options).attributes
    let dataset = try root.createDataset(
      "d", .int8, shape: [], options: HDF5DatasetOptions(tracksAttributeOrder: true)
    ).attributes
    for name in names {
      try tracked.set(name, to: 1)
      try dataset.set(name, to: 1)
      try attributes.set(name, to: 1)
    }
    #expect(try tracked.names(order: .creation) == names)
    #expect(try dataset.names(order: .creation) == names)
    #expect(try tracked.names() == names.sorted())
    #expect(try attributes.names(order: .creation) == names.sorted())
    let error = #expect(throws: HDF5Error.self) { try attributes.names(maximumCount: 3) }
    #expect(error?.code == .limitExceeded)
  }

  @Test func largeAttributesNeedAnObjectThatTracksTheirOrder() throws {
    let values = [UInt8](repeating: 1, count: 100_000)
    let error = #expect(throws: HDF5Error.self) { try attributes.set("big", to: values) }
    #expect(error?.code == .limitExceeded)
    #expect(error?.message.contains("tracks the order") == true)
    let group = try root.createGroup("g", options: HDF5GroupOptions(tracksAttributeOrder: true))
    try group.attributes.set("big", to: values)
    #expect(try group.attributes.values("big", as: UInt8.self) == values)
  }

  @Test func readingStopsAtTheLimit() throws {
    try attributes.set("a", to: [UInt8](repeating: 1, count: 1000))
    let error = #expect(throws: HDF5Error.self) {
      try attributes.values("a", as: UInt8.self, maximumBytes: 999)
    }
    #expect(error?.code == .limitExceeded)
    #expect(try attributes.values("a", as: UInt8.self, maximumBytes: 1000).count == 1000)
    // The limit counts bytes in memory.
    #expect(throws: HDF5Error.self) {
      try attributes.values("a", as: Int64.self, maximumBytes: 7999)
    }
    #expect(throws: HDF5Error.self) { try attributes.open("a").readBytes(maximumBytes: 10) }
  }
}
