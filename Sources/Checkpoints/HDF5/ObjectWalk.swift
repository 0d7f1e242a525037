import HDF5
import States

/// Finds what is below a group of an HDF5 file that may be made to lead in circles, or elsewhere.
package struct ObjectWalk {
  /// An object by one of its names.
  package struct Entry {
    /// The links from the root, joined by `/`.
    package let path: String
    /// A group or a dataset.
    package let object: HDF5ScannedObject

    /// The object, if it is a dataset.
    package var dataset: HDF5ScannedDataset? {
      if case .dataset(let dataset) = object { dataset } else { nil }
    }
  }

  private let file: String
  private let scan: HDF5Scan
  private let maximumLinkCount: Int
  private let passOver: ((ConversionLoss) -> Void)?

  /// The deepest that groups may be nested.
  private static let maximumDepth = Checkpoint.maximumNesting + 16

  /// - Parameters:
  ///   - file: What errors call the file.
  ///   - maximumLinkCount: More links than this are refused before what they lead to is looked at.
  ///   - passOver: Takes a loss for each link that is not followed: soft ones, those out of the file,
  ///     and further names of a group, also of one that contains itself. If nil, they are refused.
  ///     Takes one for each named type too, which is never refused.
  package init(
    _ file: String, _ scan: HDF5Scan, maximumLinkCount: Int = .max,
    passingOver passOver: ((ConversionLoss) -> Void)? = nil
  ) {
    self.file = file
    self.scan = scan
    self.maximumLinkCount = maximumLinkCount
    self.passOver = passOver
  }

  /// Visits all groups and datasets below `group`: each group once and before what is in it, each
  /// dataset by every name. Those of a group come in the order in which they were made, if it keeps
  /// that, else by name.
  ///
  /// - Parameter path: The path of `group`, without `/` at its ends.
  /// - Throws: ``CheckpointError`` with code `refused` for groups that are nested without end, and
  ///   what is not passed over; `HDF5Error` if the file cannot be read.
  package func forEach(
    below group: HDF5ScannedGroup, at path: String = "", _ visit: (Entry) throws -> Void
  ) throws {
    var state = State()
    try walk(group, path, &state, visit)
  }

  private struct State {
    /// The groups that were met, and by which paths.
    var paths: [UInt64: String] = [:]
    /// The groups on the way to where the walk is.
    var ancestors: Set<UInt64> = []
    var linkCount = 0
  }

  private func walk(
    _ group: HDF5ScannedGroup, _ path: String, _ state: inout State,
    _ visit: (Entry) throws -> Void
  ) throws {
    guard state.ancestors.count < Self.maximumDepth else {
      throw refused(path, "groups are nested more than \(Self.maximumDepth) deep")
    }
    state.paths[group.address] = path
    state.ancestors.insert(group.address)
    defer { state.ancestors.remove(group.address) }
    var links = try group.links()
    // A million links are quickly listed, and what they lead to is not.
    state.linkCount += links.count
    guard state.linkCount <= maximumLinkCount else {
      throw refused(path, "with this group it has more than \(maximumLinkCount) links")
    }
    if links.allSatisfy({ $0.creationOrder != nil }) {
      links.sort { ($0.creationOrder ?? 0) < ($1.creationOrder ?? 0) }
    }
    for link in links {
      let linkPath = path.isEmpty ? link.name : "\(path)/\(link.name)"
      switch link.target {
      case .soft(let target):
        try leave(
          linkPath, "it is a link to \(target.prefix(80)), and only hard links are followed")
      case .external, .userDefined:
        try leave(linkPath, "it is a link out of the file, which is never followed")
      case .hard(let address):
        let object = try scan.object(at: address, path: linkPath)
        switch object {
        case .namedDatatype:
          passOver?(
            ConversionLoss(
              .metadataDropped, "/" + linkPath, "it is a type, and no checkpoint has those"))
        case .dataset: try visit(Entry(path: linkPath, object: object))
        case .group(let child):
          guard !state.ancestors.contains(address) else {
            try leave(linkPath, "the group contains itself")
            continue
          }
          if let first = state.paths[address] {
            try leave(linkPath, "it is another name of /\(first)")
            continue
          }
          try visit(Entry(path: linkPath, object: object))
          try walk(child, linkPath, &state, visit)
        }
      }
    }
  }

  /// Passes over a link, or refuses the file for it.
  private func leave(_ path: String, _ reason: String) throws {
    guard let passOver else { throw refused(path, reason) }
    passOver(ConversionLoss(.tensorDropped, "/" + path, reason))
  }

  private func refused(_ path: String, _ reason: String) -> CheckpointError {
    CheckpointError(.refused, file: file, place: "/" + path, reason: reason)
  }
}
