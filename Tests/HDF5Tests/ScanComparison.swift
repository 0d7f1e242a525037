import Files
import Foundation
import HDF5
import LibHDF5
import Testing

/// Holds what a scan says about a file against what libhdf5 says.
struct ScanComparison {
  let scan: HDF5Scan
  let file: HDF5File
  private var seen: Set<UInt64> = []
  /// What was compared: that a comparison of nothing is told apart.
  private(set) var groupCount = 0
  private(set) var datasetCount = 0
  private(set) var attributeCount = 0
  private(set) var chunkCount = 0

  /// Compares all of a file.
  @discardableResult
  init(_ path: String) throws {
    file = try HDF5File.open(path)
    scan = try HDF5Scan(path: path)
    #expect(scan.userBlockSize == (try file.userBlockSize))
    try compare(try scan.root(), try file.root)
  }

  private mutating func compare(_ group: HDF5ScannedGroup, _ expected: HDF5Group) throws {
    guard seen.insert(group.address).inserted else { return }
    groupCount += 1
    try compare(group.attributes, expected.attributes)
    let links = try group.links()
    let expectedLinks = try expected.links()
    #expect(links.map(\.name) == expectedLinks.map(\.name), "\(expected.path)")
    #expect(links.map(\.creationOrder) == expectedLinks.map(\.creationOrder), "\(expected.path)")
    for (link, expectedLink) in zip(links, expectedLinks) {
      switch (link.target, expectedLink.target) {
      case (.hard(let address), .hard(let info)):
        #expect(address == info.address)
        let object = try group.object(link.name)
        #expect(object.address == info.address)
        #expect(object.kind == info.kind)
        #expect(object.referenceCount == info.referenceCount)
        switch object {
        case .group(let child): try compare(child, try expected.group(link.name))
        case .dataset(let child): try compare(child, try expected.dataset(link.name))
        case .namedDatatype(let child):
          let type = try expected.namedDatatype(link.name)
          #expect(child.datatype == (try type.datatype), "\(type.path)")
          try compare(child.attributes, type.attributes)
        }
      case (.soft(let path), .soft(let expectedPath)):
        #expect(path == expectedPath)
      case (.external(let file, let path), .external(let expectedFile, let expectedPath)):
        #expect(file == expectedFile && path == expectedPath)
      case (.userDefined(let kind), .userDefined(let expectedKind)):
        #expect(kind == expectedKind)
      default:
        Issue.record("\(expected.path)/\(link.name) leads to \(link.target)")
      }
      #expect(try group.link(link.name) == link)
    }
    #expect(try group.link("no such link") == nil)
  }

  private mutating func compare(_ dataset: HDF5ScannedDataset, _ expected: HDF5Dataset) throws {
    guard seen.insert(dataset.address).inserted else { return }
    datasetCount += 1
    let path = expected.path
    if !dataset.datatype.hasVariableParts {
      #expect(dataset.datatype == (try expected.datatype), "\(path)")
    }
    if !dataset.datatype.hasVariableLength {
      #expect(dataset.elementByteCount == dataset.datatype.byteCount, "\(path)")
    }
    #expect(dataset.path == path)
    #expect(dataset.hasExternalStorage == (path == "/outside"), "\(path)")
    #expect(dataset.isVirtual == (path == "/virtual"), "\(path)")
    // The wrapper says nothing of these.
    guard !dataset.hasExternalStorage, !dataset.isVirtual else { return }
    #expect(dataset.dataspace == (try expected.dataspace), "\(path)")
    #expect(dataset.layout == (try expected.layout), "\(path)")
    #expect(dataset.filters == (try expected.filters), "\(path)")
    #expect(dataset.fillValue == (try expected.fillValue), "\(path)")
    if let range = dataset.contiguousRange {
      #expect(range.lowerBound == (try expected.offset), "\(path)")
      #expect(range.count == (try expected.storageSize), "\(path)")
    } else if dataset.layout == .contiguous {
      #expect(try expected.storageSize == 0, "\(path)")
    }
    try compare(dataset.attributes, expected.attributes)
    switch dataset.layout {
    case .chunked:
      let chunks = try dataset.chunks()
      // libhdf5 1.10 mistakes the coordinates where another dimension than the first one grows.
      if case .simple(let dimensions, let maximum?) = dataset.dataspace,
        dimensions.count > 1, maximum[0] != nil, maximum.contains(nil)
      {
        return
      }
      let expectedChunks = try expected.chunks().sorted {
        $0.offset.lexicographicallyPrecedes($1.offset)
      }
      #expect(chunks.map(\.offset) == expectedChunks.map(\.offset), "\(path)")
      #expect(chunks.map(\.filterMask) == expectedChunks.map(\.filterMask), "\(path)")
      #expect(
        chunks.map(\.range) == expectedChunks.map { $0.address..<$0.address + $0.size }, "\(path)")
      chunkCount += chunks.count
    case .compact, .contiguous:
      #expect(try dataset.chunks().isEmpty)
      try compareValues(path) {
        try dataset.values(decoding: try dataset.bytes())
      } _: {
        try expected.readValues()
      }
    case .virtual:
      #expect(throws: HDF5Error.self) { try dataset.bytes() }
    }
  }

  private mutating func compare(
    _ attributes: HDF5ScannedAttributes, _ expected: HDF5Attributes
  ) throws {
    let all = try attributes.all()
    #expect(all.map(\.name) == (try expected.names()))
    for attribute in all {
      attributeCount += 1
      let other = try expected.open(attribute.name)
      let path = other.path
      if !attribute.datatype.hasVariableParts {
        #expect(attribute.datatype == (try other.datatype), "\(path)")
      }
      #expect(attribute.dataspace == (try other.dataspace), "\(path)")
      try compareValues(path) {
        try attribute.values()
      } _: {
        try other.readValues()
      }
      let again = try #require(try attributes.attribute(attribute.name), "\(path)")
      #expect(again.name == attribute.name && again.bytes == attribute.bytes)
    }
    #expect(try attributes.attribute("no such attribute") == nil)
  }

  /// Compares as text, in which NaN equals itself.
  private func compareValues(
    _ path: String, _ values: () throws -> [HDF5Value], _ expected: () throws -> [HDF5Value]
  ) throws {
    do {
      let expected = try expected()
      #expect("\(try values())" == "\(expected)", "\(path)")
    } catch let error as HDF5Error where error.code == .unsupported {
      // Types that neither reads.
      #expect(throws: HDF5Error.self) { try values() }
    }
  }
}

extension HDF5Scan {
  /// Scans a file of a test.
  init(path: String) throws {
    let descriptor = open(path, O_RDONLY)
    try #require(descriptor >= 0, "cannot open \(path)")
    let input = TestInput(descriptor: descriptor)
    let size = lseek(descriptor, 0, SEEK_END)
    try self.init(byteCount: Int(size), name: path) { bytes, offset in
      try bytes.withUnsafeMutableBytes { try input.read(into: $0, at: offset) }
    }
  }
}

/// A file that is open for reading.
private final class TestInput: Sendable {
  private let descriptor: Int32

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
    try #require(count == buffer.count, "cannot read \(buffer.count) bytes at \(offset)")
  }
}

extension HDF5Datatype {
  /// Whether the type in the file differs from that in memory: sizes of what lies in the heap do.
  fileprivate var hasVariableParts: Bool {
    if case .string = self { return false }
    return hasVariableLength
  }
}
