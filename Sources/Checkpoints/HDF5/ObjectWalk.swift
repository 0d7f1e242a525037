import HDF5

/// A dataset that a walk found.
package struct DatasetEntry {
  /// The links from the root, joined by `/`.
  package let path: String
  /// Equal for two names of one dataset.
  package let address: UInt64
  package let dataset: HDF5ScannedDataset
}

/// Finds the datasets below a group, in a file that may be made to lead in circles.
package struct DatasetWalk {
  private let file: String
  private let scan: HDF5Scan

  /// The deepest that groups may be nested.
  private static let maximumDepth = 256

  package init(_ file: String, _ scan: HDF5Scan) {
    self.file = file
    self.scan = scan
  }

  /// Visits all datasets below `group`, each by every name.
  ///
  /// - Throws: ``CheckpointError`` for a link that is not a hard link, or a group that has two
  ///   names, which may lead in circles; `HDF5Error` if the file cannot be read.
  package func walk(
    under group: HDF5ScannedGroup, at path: String, _ visit: (DatasetEntry) throws -> Void
  ) throws {
    var visited: Set = [group.address]
    try walk(group, path, depth: 1, &visited, visit)
  }

  private func walk(
    _ group: HDF5ScannedGroup, _ path: String, depth: Int, _ visited: inout Set<UInt64>,
    _ visit: (DatasetEntry) throws -> Void
  ) throws {
    guard depth <= Self.maximumDepth else {
      throw refused(path, "groups are nested more than \(Self.maximumDepth) deep")
    }
    for link in try group.links() {
      let linkPath = "\(path)/\(link.name)"
      guard case .hard(let address) = link.target else {
        throw refused(linkPath, "it is a link to somewhere else, and only hard links are followed")
      }
      switch try scan.object(at: address, path: linkPath) {
      case .group(let child):
        guard visited.insert(address).inserted else {
          throw refused(linkPath, "the group has another name, or contains itself")
        }
        try walk(child, linkPath, depth: depth + 1, &visited, visit)
      case .dataset(let dataset):
        try visit(DatasetEntry(path: linkPath, address: address, dataset: dataset))
      case .namedDatatype:
        continue
      }
    }
  }

  private func refused(_ path: String, _ reason: String) -> CheckpointError {
    CheckpointError(.refused, file: file, place: "/" + path, reason: reason)
  }
}
