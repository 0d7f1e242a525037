import Files
import Foundation
import HDF5
import TestSupport
import Testing

/// What a scan says of files that h5py writes, against what libhdf5 says of them.
@Suite(.needsPeers) struct ScanPeerTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// libhdf5 1.10 reads the formats up to its own.
  @Test(arguments: ["earliest", "v108", "v110"])
  func scansAsLibhdf5Reads(version: String) throws {
    try Peers.run("write_scan_sample.py", [folder.file(), version])
    let comparison = try ScanComparison(folder.file())
    #expect(comparison.groupCount > 600)
    #expect(comparison.datasetCount > 50)
    #expect(comparison.attributeCount > 300)
    #expect(comparison.chunkCount > 4000)
    #expect(comparison.scan.userBlockSize == (version == "v108" ? 1024 : 0))
    #expect(comparison.scan.superblockVersion == ["earliest": 0, "v108": 2, "v110": 3][version])
  }

  @Test(arguments: ["earliest", "v108", "v110", "v112", "v114", "latest"])
  func scansAsH5pyReads(version: String) throws {
    try Peers.run("write_scan_sample.py", [folder.file(), version])
    let json = try Peers.run("dump_scan_sample.py", [folder.file()])
    let expected = try JSONDecoder().decode([String: Entry].self, from: Data(json.utf8))
    let root = try HDF5Scan(path: folder.file()).root()
    #expect(expected.count > 600)
    if version == "latest", expected["/native complex"] != nil {
      // A class of its own since HDF5 2.0.
      #expect(try root.dataset("native complex").datatype == .complex(.float32))
    }
    for (path, entry) in expected {
      let object = try root.object(path)
      try compare(object.attributes, entry, path)
      switch object {
      case .group(let group):
        #expect(entry.kind == "group")
        #expect(try group.links().map(\.name) == entry.links, "\(path)")
      case .dataset(let dataset):
        #expect(entry.kind == "dataset")
        compare(dataset, entry, path)
        let chunks = try dataset.chunks().map {
          Entry.Chunk(
            offset: $0.offset, place: $0.range.lowerBound, size: $0.range.count,
            mask: $0.filterMask)
        }
        #expect(chunks == entry.chunks ?? [], "\(path)")
      case .namedDatatype:
        #expect(entry.kind == "datatype")
      }
    }
  }

  private func compare(_ dataset: HDF5ScannedDataset, _ entry: Entry, _ path: String) {
    #expect(entry.shape == (dataset.dataspace == .null ? nil : dataset.shape), "\(path)")
    #expect(dataset.contiguousRange?.lowerBound == entry.offset, "\(path)")
    guard !dataset.datatype.hasVariableLength else { return }
    #expect(dataset.elementByteCount == entry.bytes, "\(path)")
  }

  private func compare(
    _ attributes: HDF5ScannedAttributes, _ entry: Entry, _ path: String
  ) throws {
    let all = try attributes.all()
    #expect(Set(all.map(\.name)) == Set(entry.attributes.keys), "\(path)")
    for attribute in all {
      let expected = try #require(entry.attributes[attribute.name])
      #expect(attribute.dataspace == .null || attribute.shape == expected.shape, "\(path)")
      guard let numbers = expected.numbers else { continue }
      let values = try attribute.values().map { value -> Double? in
        switch value {
        case .integer(let integer): Double(integer)
        case .unsigned(let integer): Double(integer)
        case .float(let float): float
        default: nil
        }
      }
      #expect(values == numbers, "\(path)@\(attribute.name)")
    }
  }

  /// What h5py says of an object.
  private struct Entry: Decodable {
    var kind: String
    var attributes: [String: Attribute]
    var links: [String]?
    var shape: [Int]?
    var bytes: Int?
    var offset: Int?
    var chunks: [Chunk]?

    struct Attribute: Decodable {
      var shape: [Int]?
      var numbers: [Double]?
    }

    struct Chunk: Decodable, Equatable {
      var offset: [Int]
      var place: Int
      var size: Int
      var mask: UInt32

      init(offset: [Int], place: Int, size: Int, mask: UInt32) {
        (self.offset, self.place, self.size, self.mask) = (offset, place, size, mask)
      }

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        offset = try list.decode([Int].self)
        place = try list.decode(Int.self)
        size = try list.decode(Int.self)
        mask = try list.decode(UInt32.self)
      }
    }
  }
}
