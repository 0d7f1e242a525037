import HDF5
import LibHDF5

/// Small files with something of everything, and a reading of all that is in them.
enum ScanSample {
  /// A file of a format. Those from version 1.8 on have checksums over all their structure.
  static func make(_ format: HDF5FileOptions.Format) throws -> [UInt8] {
    var options = HDF5FileOptions()
    options.format = format
    options.metadataBlockSize = 512
    let file = try HDF5File.createInMemory(options: options)
    let root = try file.root
    try root.attributes.set("title", to: "sample", as: .fixed(bytes: 8))
    try root.attributes.set("texts", to: ["a", "bc"])

    let group = try root.createGroup("layer")
    let weight = try group.createDataset("weight", .float32, shape: [4, 8])
    try weight.write((0..<32).map { Float($0) })
    try weight.attributes.set("scale", to: [1.5, 2.5])
    try root.createHardLink("tie", to: weight)
    try root.createSoftLink("soft", to: "/layer/weight")
    try root.createExternalLink("external", toFile: "other.h5", path: "/secret")
    try root.createDatatype("type", .complex(.float32))
    let record = HDF5Datatype.compound(
      bytes: 16,
      members: [
        HDF5CompoundMember("grid", offset: 0, .array(dimensions: [3], element: .int16)),
        HDF5CompoundMember("flag", offset: 8, .boolean),
        HDF5CompoundMember("tag", offset: 9, .opaque(bytes: 4, tag: "void")),
      ])
    try root.createDataset("record", record, shape: [2])
    try root.createDataset("names", .string(.variable), shape: [2]).writeStrings(["a", "b"])
    try root.createDataset(
      "compact", .int8, shape: [3],
      options: HDF5DatasetOptions(layout: .compact, fillValue: [7]))

    var tracked = HDF5GroupOptions()
    tracked.tracksLinkOrder = true
    tracked.tracksAttributeOrder = true
    let many = try root.createGroup("many", options: tracked)
    for number in 0..<12 {
      try many.createSoftLink("link \(number)", to: "/layer")
      try many.attributes.set("attribute \(number)", to: number)
    }
    try makeChunks(root)
    return try file.image()
  }

  private static func makeChunks(_ root: HDF5Group) throws {
    let filtered = HDF5DatasetOptions(layout: .chunked([4]), filters: [.shuffle, .fletcher32])
    let plain = HDF5DatasetOptions(layout: .chunked([4]))
    for (name, maximum) in [("fixed", 20), ("growing", nil)] as [(String, Int?)] {
      let extent = HDF5Dataspace.simple(dimensions: [20], maximum: [maximum])
      try root.createDataset(name, .uint16, extent, options: plain).write(
        (0..<20).map { UInt16($0) })
      try root.createDataset("filtered \(name)", .uint8, extent, options: filtered).write(
        (0..<20).map { UInt8($0) })
    }
    let extent = HDF5Dataspace.simple(dimensions: [4, 4], maximum: [nil, nil])
    try root.createDataset(
      "growing twice", .uint8, extent, options: HDF5DatasetOptions(layout: .chunked([2, 2]))
    ).write((0..<16).map { UInt8($0) })
  }

  /// A description of all that a scan finds. Each object is looked at once.
  static func describe(_ bytes: [UInt8], values: Bool = true) throws -> String {
    let scan = try HDF5Scan(bytes: bytes, name: "sample")
    var text = "\(scan.superblockVersion) \(scan.userBlockSize)\n"
    var seen: Set<UInt64> = []
    var groups = [try scan.root()]
    seen.insert(groups[0].address)
    while let group = groups.popLast() {
      text += try describe(group.attributes, values: values)
      for link in try group.links() {
        text += "\(group.path ?? ""): \(link)\n"
        guard case .hard(let address) = link.target, seen.insert(address).inserted else { continue }
        let path = "\(group.path ?? "")/\(link.name)"
        let object = try scan.object(at: address, path: path)
        text += "\(object.kind) \(object.referenceCount)\n"
        switch object {
        case .group(let child):
          groups.append(child)
        case .dataset(let dataset):
          text += try describe(dataset, values: values)
        case .namedDatatype(let type):
          text += "\(type.datatype)\n" + (try describe(type.attributes, values: values))
        }
      }
    }
    return text
  }

  private static func describe(_ dataset: HDF5ScannedDataset, values: Bool) throws -> String {
    var text = "\(dataset.datatype) \(dataset.dataspace) \(dataset.layout) \(dataset.filters)\n"
    text += "\(dataset.fillValue ?? []) \(dataset.contiguousRange ?? 0..<0)\n"
    text += try describe(dataset.attributes, values: values)
    text += "\(try dataset.chunks())\n"
    guard values else { return text }
    switch dataset.layout {
    case .compact, .contiguous: text += "\(try dataset.values(decoding: try dataset.bytes()))\n"
    case .chunked, .virtual: break
    }
    return text
  }

  private static func describe(_ attributes: HDF5ScannedAttributes, values: Bool) throws -> String {
    try attributes.all().map { attribute in
      "\(attribute.name) \(attribute.datatype) \(attribute.dataspace) \(attribute.bytes)"
        + (values ? "\(try attribute.values())\n" : "\n")
    }.joined()
  }
}

/// Random numbers that are the same in every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
