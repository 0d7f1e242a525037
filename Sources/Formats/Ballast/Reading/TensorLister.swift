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

  /// All tensors under `root`, in the order of the index.
  func list(_ root: HDF5ScannedGroup) throws -> [TensorInfo] {
    let valuePaths = Set(index.values.map(\.path))
    let rows = Dictionary(
      uniqueKeysWithValues: index.tensors.enumerated().map { ($0.element.path, $0.offset) })
    var listed = [Found?](repeating: nil, count: index.tensors.count)
    var others: [Found] = []
    for section in ["parameters", "buffers", "optimizer", "metadata", "origin"] {
      // What the index lists of a group that is absent is missed below.
      guard try root.link(section) != nil else { continue }
      try ObjectWalk(path, scan).forEach(below: root.group(section), at: section) { entry in
        guard let dataset = entry.dataset else { return }
        let row = rows[entry.path]
        // What the index calls a value is one, even if its attributes no longer say so.
        guard row != nil || !valuePaths.contains(entry.path),
          let found = try describe(dataset, entry.path, row.map { index.tensors[$0] })
        else { return }
        if let row { listed[row] = found } else { others.append(found) }
      }
    }
    try checkAreThere(listed)
    others.sort { $0.info.path < $1.info.path }
    var firstNames: [UInt64: Int] = [:]
    firstNames.reserveCapacity(listed.count + others.count)
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(listed.count + others.count)
    func add(_ found: Found) {
      var info = found.info
      if let first = firstNames[found.address] {
        info.aliasOf = first
      } else {
        firstNames[found.address] = tensors.count
      }
      tensors.append(info)
    }
    for case let found? in listed { add(found) }
    for found in others { add(found) }
    var pieces: [Piece] = []
    var seen: Set<UInt64> = []
    for found in listed.compactMap(\.self) + others where seen.insert(found.address).inserted {
      pieces += found.ranges.map { Piece($0, found.address, found.info.path) }
    }
    try checkAreApart(&pieces)
    return tensors
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

  private func checkAreThere(_ listed: [Found?]) throws {
    let missing = listed.indices.filter { listed[$0] == nil }.map { index.tensors[$0].path }
    guard let first = missing.min() else { return }
    throw CheckpointError(
      .damaged, file: path, place: "/" + first,
      reason: "the index lists this tensor, and it is not in the file"
        + (missing.count > 1 ? " (nor are \(missing.count - 1) others)" : ""))
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
