import Checkpoints
import HDF5

/// Finds the datasets of an HDF5 file that may be made to lead in circles.
struct PlainHDF5Walk {
  /// A dataset by one of its names, or a group.
  struct Entry {
    /// The links from the root.
    let parts: [String]
    /// Nil for a group, which is listed for its attributes.
    let dataset: HDF5ScannedDataset?
    let attributes: HDF5ScannedAttributes
  }

  private let scan: HDF5Scan
  private let file: String

  private static let maximumDepth = 256
  private static let maximumCount = 1 << 18

  init(_ scan: HDF5Scan, file: String) {
    self.scan = scan
    self.file = file
  }

  /// All datasets, and the groups below the root; those of a group in the order in which they were
  /// made, if it keeps that, else by name.
  ///
  /// - Parameter losses: Takes the names that were left out.
  /// - Throws: ``CheckpointError`` for links that lead out of the file, and what has no end;
  ///   `HDF5Error` if the file contradicts itself.
  func entries(_ losses: inout [ConversionLoss]) throws -> [Entry] {
    let root = try scan.root()
    var found: [Entry] = []
    var paths: [UInt64: [String]] = [root.address: []]
    try walk(root, [], &paths, &found, &losses)
    return found
  }

  private func walk(
    _ group: HDF5ScannedGroup, _ parts: [String], _ paths: inout [UInt64: [String]],
    _ found: inout [Entry], _ losses: inout [ConversionLoss]
  ) throws {
    guard parts.count < Self.maximumDepth else {
      throw refused(parts, "groups are nested more than \(Self.maximumDepth) deep")
    }
    var links = try group.links()
    // Before they are looked at: a million links are quickly listed, and what they lead to is not.
    guard links.count <= Self.maximumCount - found.count else {
      throw refused(parts, "with this group it has more than \(Self.maximumCount) links")
    }
    if links.allSatisfy({ $0.creationOrder != nil }) {
      links.sort { ($0.creationOrder ?? 0) < ($1.creationOrder ?? 0) }
    }
    for link in links {
      let linkParts = parts + [link.name]
      let path = "/" + linkParts.joined(separator: "/")
      switch link.target {
      case .soft(let target):
        losses.append(
          ConversionLoss(
            .tensorDropped, path,
            "it is a link to \(target.prefix(80)), and only hard links are followed"))
      case .external, .userDefined:
        throw refused(linkParts, "it is a link out of the file, which is never followed")
      case .hard(let address):
        let object = try scan.object(at: address, path: path)
        switch object {
        case .namedDatatype:
          losses.append(
            ConversionLoss(.metadataDropped, path, "it is a type, and no checkpoint has those"))
        case .dataset(let dataset):
          found.append(
            Entry(parts: linkParts, dataset: dataset, attributes: object.attributes))
        case .group(let child):
          if let first = paths[address] {
            guard !linkParts.starts(with: first) else {
              throw refused(linkParts, "the group contains itself")
            }
            losses.append(
              ConversionLoss(
                .tensorDropped, path,
                "the group is another name of /\(first.joined(separator: "/")), and what is in it "
                  + "has its keys from there"))
            continue
          }
          paths[address] = linkParts
          found.append(Entry(parts: linkParts, dataset: nil, attributes: object.attributes))
          try walk(child, linkParts, &paths, &found, &losses)
        }
      }
    }
  }

  private func refused(_ parts: [String], _ reason: String) -> CheckpointError {
    CheckpointError(
      .refused, file: file, place: "/" + parts.joined(separator: "/"), reason: reason)
  }
}
