import Arrays
import Checkpoints
import HDF5

/// A dataset of a Keras file, with what is needed to read it.
struct KerasDataset: Sendable {
  let content: HDF5Content
  let dataset: HDF5ScannedDataset
  /// Where it is, for errors.
  let path: String

  /// The shape that it declares.
  var shape: [Int] { dataset.shape }

  /// The tensor.
  ///
  /// Keras has no type of HDF5 for bfloat16 and writes two opaque bytes: a `.weights.h5` names the
  /// type in an attribute, a legacy file only in the config.
  ///
  /// - Parameter declared: The type of the variable by the config, if it is known.
  /// - Throws: ``InterchangeError``, `FileError`.
  func tensor(declared: String?, maps: Bool) throws -> NDArray {
    try reportingHDF5Errors(content.name) {
      try content.tensor(dataset, as: try dtype(declared), path: path, maps: maps)
    }
  }

  private func dtype(_ declared: String?) throws -> DType {
    if let dtype = HDF5Content.dtype(of: dataset) { return dtype }
    let named = try dataset.attributes.attribute("dtype")?.strings().first
    if case .opaque(2, _) = dataset.datatype, (named ?? declared ?? "bfloat16") == "bfloat16" {
      return .bfloat16
    }
    throw InterchangeError(
      .unsupported, file: content.name, place: path,
      reason: "its type, \(dataset.datatype), is not one of a weight")
  }
}

/// Runs `body`, and gives the failures of the readers of HDF5 as this target's error.
func reportingHDF5Errors<R>(_ file: String, _ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch let error as HDF5Error {
    throw InterchangeError(error, file: file)
  } catch let error as CheckpointError {
    let code: InterchangeError.Code =
      switch error.code {
      case .refused: .refused
      case .unsupported, .newerVersion: .unsupported
      default: .damaged
      }
    throw InterchangeError(code, file: file, place: error.place, reason: error.reason)
  }
}

extension InterchangeError {
  /// An error of reading HDF5, in the name of a file.
  init(_ error: HDF5Error, file: String) {
    let code: Code =
      switch error.code {
      case .refusedLink: .refused
      case .unsupported: .unsupported
      case .notHDF5: .notThisFormat
      default: .damaged
      }
    self.init(code, file: file, place: error.path, reason: error.message)
  }
}

/// The groups of a Keras file, with links of one kind only, and each group once.
struct KerasWalk {
  let content: HDF5Content
  let scan: HDF5Scan

  /// The deepest that groups may be nested.
  private static let maximumDepth = 256

  init(_ content: HDF5Content) throws {
    self.content = content
    scan = try reportingHDF5Errors(content.name) { try content.scan() }
  }

  /// An object below a group, as the walk meets it.
  enum Object {
    case group(HDF5ScannedGroup)
    case dataset(HDF5ScannedDataset)
  }

  /// Calls `body` with every group and dataset below `group`, each with its path from there.
  ///
  /// - Throws: ``InterchangeError`` with code `refused` for a link that is not a hard one, or a group
  ///   that has two names, which may lead in circles.
  func forEach(
    below group: HDF5ScannedGroup, at path: String = "",
    _ body: (String, Object) throws -> Void
  ) throws {
    var visited: Set = [group.address]
    try reportingHDF5Errors(content.name) {
      try walk(group, path, 1, &visited, body)
    }
  }

  private func walk(
    _ group: HDF5ScannedGroup, _ path: String, _ depth: Int, _ visited: inout Set<UInt64>,
    _ body: (String, Object) throws -> Void
  ) throws {
    guard depth <= Self.maximumDepth else {
      throw refused(path, "groups are nested more than \(Self.maximumDepth) deep")
    }
    for link in try group.links() {
      let linkPath = path.isEmpty ? link.name : "\(path)/\(link.name)"
      guard case .hard(let address) = link.target else {
        throw refused(linkPath, "it is a link to somewhere else, and only hard links are followed")
      }
      switch try scan.object(at: address, path: linkPath) {
      case .group(let child):
        guard visited.insert(address).inserted else {
          throw refused(linkPath, "the group has another name, or contains itself")
        }
        try body(linkPath, .group(child))
        try walk(child, linkPath, depth + 1, &visited, body)
      case .dataset(let dataset): try body(linkPath, .dataset(dataset))
      case .namedDatatype: continue
      }
    }
  }

  private func refused(_ path: String, _ reason: String) -> InterchangeError {
    InterchangeError(.refused, file: content.name, place: path, reason: reason)
  }
}
