import Arrays
import Checkpoints
import Files
import HDF5
import States

/// Lists the tensors of a checkpoint: by its datasets, comparing each with the index, or by the
/// index alone.
struct TensorLister {
  private let path: String
  private let input: InputFile
  private let scan: HDF5Scan
  private let index: CheckpointIndex

  init(_ path: String, _ input: InputFile, _ scan: HDF5Scan, _ index: CheckpointIndex) {
    self.path = path
    self.input = input
    self.scan = scan
    self.index = index
  }

  /// All tensors as the index has them, of a file whose seal holds; nil if some are in chunks,
  /// whose places the index does not have.
  func list() throws -> [TensorInfo]? {
    let rows = index.tensors
    guard rows.allSatisfy({ $0.byteCount == 0 || $0.dataOffset != nil }) else { return nil }
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(rows.count)
    var pieces: [Piece] = []
    pieces.reserveCapacity(rows.count)
    for (number, row) in rows.enumerated() {
      let original = row.aliasOf.map { rows[$0] } ?? row
      guard original.aliasOf == nil, (original.dtype, original.shape) == (row.dtype, row.shape)
      else { throw damaged(row.path, "the index calls it another name of /\(original.path)") }
      var place = TensorInfo.Place.empty
      if let start = original.dataOffset, row.byteCount > 0 {
        guard start <= input.byteCount - row.byteCount else {
          throw damaged(row.path, "its bytes are beyond the end of the file")
        }
        let range = start..<start + row.byteCount
        place = .region(try FileRegion(input, range))
        if row.aliasOf == nil { pieces.append(Piece(range, UInt64(number), row.path)) }
      }
      tensors.append(
        TensorInfo(
          section: TensorInfo.Section(path: row.path), path: row.path, dtype: row.dtype,
          shape: row.shape, storedByteCount: row.byteCount, digest: row.digest,
          aliasOf: row.aliasOf, view: row.view, place: place))
    }
    try checkAreApart(&pieces)
    return tensors
  }

  /// All tensors under `root`, in the order of the index, and what is there besides or is gone.
  func list(_ root: HDF5ScannedGroup) throws -> (tensors: [TensorInfo], changes: FileChanges) {
    let (listed, others, changes) = try find(root)
    var firstNames: [UInt64: Int] = [:]
    firstNames.reserveCapacity(listed.count + others.count)
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(listed.count + others.count)
    for found in listed + others {
      var info = found.info
      if let first = firstNames[found.address] {
        info.aliasOf = first
      } else {
        firstNames[found.address] = tensors.count
      }
      tensors.append(info)
    }
    var pieces: [Piece] = []
    var seen: Set<UInt64> = []
    for found in listed + others where seen.insert(found.address).inserted {
      pieces += found.ranges.map { Piece($0, found.address, found.info.path) }
    }
    try checkAreApart(&pieces)
    return (tensors, changes)
  }

  /// The tensors that the index lists, in its order, and others, by their paths.
  private func find(
    _ root: HDF5ScannedGroup
  ) throws -> (listed: [Found], others: [Found], changes: FileChanges) {
    let valuePaths = Set(index.values.map(\.path))
    let rows = Dictionary(
      uniqueKeysWithValues: index.tensors.enumerated().map { ($0.element.path, $0.offset) })
    var listed = [Found?](repeating: nil, count: index.tensors.count)
    var others: [Found] = []
    var changes = FileChanges()
    try changes.look(at: root)
    var groups = GroupsInUse(index)
    var parts = FurtherPartGroups()
    var seen: Set<String> = []
    for section in ["parameters", "buffers", "optimizer", "metadata", "origin"] {
      // What the index lists of a group that is absent is missed below.
      guard try root.link(section) != nil else { continue }
      let walk = ObjectWalk(
        path, scan, passingOver: { groups.passedOver.append($0) })
      try walk.forEach(below: root.group(section), at: section) { entry in
        seen.insert(entry.path)
        try changes.look(at: entry.object, of: entry.path)
        guard let dataset = entry.dataset else {
          try parts.see(entry)
          return groups.see(entry.path)
        }
        // What the index calls a value is one, even if its attributes no longer say so.
        if let row = rows[entry.path], index.tensors[row].path.isExactly(entry.path) {
          listed[row] = try describe(dataset, entry.path, index.tensors[row])
        } else if !valuePaths.contains(entry.path) {
          groups.use(entry.path)
          if let found = try added(dataset, entry.path, parts, &changes) { others.append(found) }
        }
      }
    }
    groups.tell(&changes, valuePaths)
    others.sort { $0.info.path < $1.info.path }
    var names = Set(listed.compactMap { $0?.info.name })
    others = others.filter { found in
      let isNew = names.insert(found.info.name).inserted
      if isNew {
        changes.add(found.info.path)
      } else {
        changes.passOver(found.info.path, .tensorDropped, "another tensor has the same name")
      }
      return isNew
    }
    for (number, row) in index.tensors.enumerated() where listed[number] == nil {
      changes.miss(row.path)
    }
    // By what the groups list: a damaged name may still be found where it is looked up.
    for row in index.values where rows[row.path] == nil && !seen.contains(row.path) {
      let isBelow = row.path.contains("/")
      if try isBelow || !root.leadsSomewhere(row.path) { changes.miss(row.path) }
    }
    return (listed.compactMap(\.self), others, changes)
  }

  /// What another program added: a tensor, or a value of which there is a note; nil for that and for
  /// what is no part of a checkpoint.
  private func added(
    _ dataset: HDF5ScannedDataset, _ path: String, _ parts: FurtherPartGroups,
    _ changes: inout FileChanges
  ) throws -> Found? {
    let section = TensorInfo.Section(path: path)
    let isStray = path.hasPrefix("optimizer/") && section == .value && !Self.isOption(path)
    var isValue = false
    let error = CheckpointError.caught(in: self.path) {
      if isStray { throw damaged(path, "it is no part of an optimizer's state") }
      let place = parts.place(of: path)
      if place == .nowhere { throw damaged(path, "it is no part of the model or optimizer there") }
      guard section.mayHoldValues, try ValueReader.isValue(dataset) else { return }
      guard section == .value else { throw damaged(path, "it is no tensor") }
      let type = try dataset.attributes.text("type")
      guard let value = try LeafReader(dataset, type, in: HDF5Content(input)).value() else {
        throw damaged(path, "it is not a value of any known kind")
      }
      if place == .tensors, !value.isPlainNumber { throw damaged(path, "it is no tensor") }
      isValue = true
    }
    if let error {
      guard error.code != .inputOutput else { throw error }
      changes.passOver(path, .metadataDropped, error.reason)
      return nil
    }
    if isValue {
      changes.add(path)
      return nil
    }
    do throws(CheckpointError) {
      return try CheckpointError.reporting(self.path) { try describe(dataset, path, nil) }
    } catch {
      // What asks for another file, or pretends to be far larger than it is, is refused.
      guard error.code == .unsupported else { throw error }
      changes.passOver(path, .tensorDropped, error.reason)
      return nil
    }
  }

  /// Whether a path is within the options of a group of parameters.
  private static func isOption(_ path: String) -> Bool {
    let links = path.split(separator: "/", omittingEmptySubsequences: false)
    return links.count > 3 && links[1] == "param_groups" && Int(links[2]) != nil
  }

  private struct Found {
    /// Equal for two names of one tensor.
    var address: UInt64
    /// What is known before the other names are.
    var info: TensorInfo
    /// Where in the file the bytes are.
    var ranges: [Range<Int>]
  }

  /// A part of the file that holds bytes of a tensor.
  private struct Piece {
    let range: Range<Int>
    /// Identifies a tensor.
    let tensor: UInt64
    let path: String

    init(_ range: Range<Int>, _ tensor: UInt64, _ path: String) {
      self.range = range
      self.tensor = tensor
      self.path = path
    }
  }

  /// Refuses tensors that have bytes in common though they are not one under several names: no
  /// writer makes such a file, and a small one could pretend to hold any number of large tensors.
  private func checkAreApart(_ pieces: inout [Piece]) throws {
    pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (piece, next) in zip(pieces, pieces.dropFirst())
    where next.range.lowerBound < piece.range.upperBound {
      let other = next.tensor == piece.tensor ? "itself" : "/\(piece.path)"
      throw damaged(next.path, "its bytes overlap those of \(other)")
    }
  }

  /// What a dataset holds, nil if it is a value and no tensor.
  private func describe(
    _ dataset: HDF5ScannedDataset, _ datasetPath: String, _ row: CheckpointIndex.TensorRow?
  ) throws -> Found? {
    let section = TensorInfo.Section(path: datasetPath)
    if row == nil, section.mayHoldValues, try ValueReader.isValue(dataset) { return nil }

    let datatype = dataset.datatype
    guard let dtype = DType(datatype.littleEndian, name: try dataset.attributes.text("dtype"))
    else {
      throw CheckpointError(
        .unsupported, file: path, place: "/" + datasetPath,
        reason: "its type, \(datatype), is not one of a tensor")
    }
    let stored = try StoredTensor(dataset, as: dtype, CheckpointPlace(path, "/" + datasetPath))
    if let row, row.dtype != dtype || row.shape != stored.shape {
      throw damaged(
        datasetPath,
        "it is a tensor of \(dtype), shape \(stored.shape), and the index says "
          + "\(row.dtype), shape \(row.shape)")
    }
    let ranges = stored.ranges
    let place: TensorInfo.Place
    if stored.byteCount == 0 {
      place = .empty
    } else if let range = ranges.first, stored.isReady {
      place = .region(try FileRegion(input, range))
    } else {
      place = .dataset(stored)
    }
    let info = TensorInfo(
      section: section, path: datasetPath, dtype: dtype, shape: stored.shape,
      storedByteCount: stored.isChunked ? ranges.reduce(0) { $0 + $1.count } : stored.byteCount,
      digest: row?.digest, aliasOf: nil, view: row?.view, place: place)
    return Found(address: dataset.address, info: info, ranges: ranges)
  }

  private func damaged(_ tensorPath: String, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: path, place: "/" + tensorPath, reason: reason)
  }
}

extension TensorInfo.Section {
  /// The section and name that a path stands for.
  init(path: String) {
    if path.hasPrefix("parameters/") {
      self = .parameter(key: LinkPath.decode(path: path.dropFirst("parameters/".count)))
      return
    }
    if path.hasPrefix("buffers/") {
      self = .buffer(key: LinkPath.decode(path: path.dropFirst("buffers/".count)))
      return
    }
    let links = path.split(separator: "/", omittingEmptySubsequences: false)
    switch (links[0], links.count) {
    case ("optimizer", 4...) where links[1] == "state":
      self = .optimizer(
        parameter: LinkPath.decode(links[2..<(links.count - 1)]),
        slot: LinkPath.unescape(links[links.count - 1]))
    default: self = .value
    }
  }

  /// Whether a dataset there may be something else than a tensor.
  var mayHoldValues: Bool {
    switch self {
    case .parameter, .buffer: false
    case .optimizer, .value: true
    }
  }
}

extension String {
  /// Equality of bytes: Swift takes an accented letter and the letter with its accent for the same.
  fileprivate func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

/// The groups of a file, to find those that another program added for nothing.
private struct GroupsInUse {
  /// Links that are not followed.
  var passedOver: [ConversionLoss] = []
  private var inUse: Set<String> = []
  private var seen: [String] = []

  init(_ index: CheckpointIndex) {
    for row in index.tensors { use(row.path) }
    for row in index.values { use(row.path) }
  }

  /// Takes note of a group.
  mutating func see(_ path: String) { seen.append(path) }

  /// Takes note that there is something at a path.
  mutating func use(_ path: String) {
    var path = path[...]
    while let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
      path = path[..<slash]
      guard inUse.insert(String(path)).inserted else { return }
    }
  }

  /// Tells of the groups in which nothing is, and of the links.
  func tell(_ changes: inout FileChanges, _ values: Set<String>) {
    for path in seen where !inUse.contains(path) && !values.contains(path) {
      if path.hasPrefix("metadata/") || path.hasPrefix("origin/") {
        // An empty dictionary is a value.
        changes.add(path)
      } else {
        changes.passOver(path, .metadataDropped, "it is an empty group")
      }
    }
    for loss in passedOver {
      changes.passOver(String(loss.subject?.dropFirst() ?? ""), loss.kind, loss.detail)
    }
  }
}
