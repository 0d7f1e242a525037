import Arrays
import HDF5
import States

/// Lists the tensors of a checkpoint, holding each dataset against the index.
struct TensorLister {
  private let path: String
  private let input: InputFile
  private let scan: HDF5Scan
  private let index: CheckpointIndex
  private let rows: [String: Int]
  private let valuePaths: Set<String>

  init(_ path: String, _ input: InputFile, _ scan: HDF5Scan, _ index: CheckpointIndex) {
    self.path = path
    self.input = input
    self.scan = scan
    self.index = index
    valuePaths = Set(index.values.map(\.path))
    rows = Dictionary(
      uniqueKeysWithValues: index.tensors.enumerated().map { ($0.element.path, $0.offset) }
    )
  }

  /// All tensors under `root`, in the order of the index.
  func list(_ root: HDF5ScannedGroup) throws -> [TensorInfo] {
    var listed = [Found?](repeating: nil, count: index.tensors.count)
    var others: [Found] = []
    for section in ["parameters", "buffers", "optimizer", "metadata"] {
      // Of the four only the optimizer may be absent; what the index lists is missed below.
      guard try root.link(section) != nil else { continue }
      try DatasetWalk(path, scan).walk(under: root.group(section), at: section) { entry in
        let row = rows[entry.path]
        guard let found = try describe(entry, row.map { index.tensors[$0] }) else { return }
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
    try checkAreApart(listed.compactMap(\.self) + others)
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

  /// Refuses tensors that have bytes in common though they are not one under several names: no
  /// writer makes such a file, and a small one could pretend to hold any number of large tensors.
  private func checkAreApart(_ found: [Found]) throws {
    var pieces: [(range: Range<Int>, address: UInt64, path: String)] = []
    pieces.reserveCapacity(found.count)
    var seen: Set<UInt64> = []
    seen.reserveCapacity(found.count)
    for tensor in found where seen.insert(tensor.address).inserted {
      for range in tensor.ranges { pieces.append((range, tensor.address, tensor.info.path)) }
    }
    pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (piece, next) in zip(pieces, pieces.dropFirst())
    where next.range.lowerBound < piece.range.upperBound {
      let other = next.address == piece.address ? "itself" : "/\(piece.path)"
      throw CheckpointError(
        .damaged, file: path, place: "/" + next.path, reason: "its bytes overlap those of \(other)")
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
    _ entry: DatasetEntry, _ row: CheckpointIndex.TensorRow?
  ) throws -> Found? {
    let section = TensorInfo.Section(path: entry.path)
    let dataset = entry.dataset
    if row == nil {
      // What the index calls a value is one, even if its attributes no longer say so.
      guard !valuePaths.contains(entry.path) else { return nil }
      if section.mayHoldValues, try ValueReader.isValue(dataset) { return nil }
    }

    let datatype = dataset.datatype
    guard let dtype = DType(datatype.littleEndian, name: try dataset.attributes.text("dtype"))
    else {
      throw CheckpointError(
        .unsupported, file: path, place: "/" + entry.path,
        reason: "its type, \(datatype), is not one of a tensor")
    }
    guard dataset.dataspace != .null, let shape = Shape(validating: dataset.shape),
      case let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(
        by: dtype.itemSize), !overflow
    else {
      throw damaged(entry, "its shape is impossible")
    }
    if let row, row.dtype != dtype || row.shape != shape {
      throw damaged(
        entry,
        "it is a tensor of \(dtype), shape \(shape), and the index says "
          + "\(row.dtype), shape \(row.shape)")
    }
    var ranges = dataset.contiguousRange.map { [$0] } ?? []
    var storedByteCount = byteCount
    let place: TensorInfo.Place
    if byteCount == 0 {
      place = .empty
      ranges = []
    } else if let range = ranges.first, datatype == datatype.littleEndian {
      place = .region(try FileRegion(input, range))
    } else {
      place = .dataset(dataset)
      if let chunks = try chunks(entry, byteCount) {
        ranges = chunks.map(\.range)
        storedByteCount = ranges.reduce(0) { $0 + $1.count }
      }
    }
    let info = TensorInfo(
      section: section, path: entry.path, dtype: dtype, shape: shape,
      storedByteCount: storedByteCount, digest: row?.digest, aliasOf: nil, view: row?.view,
      place: place)
    return Found(address: entry.address, info: info, ranges: ranges)
  }

  /// What deflate gets out of a byte at most is 1,032; a tensor of less than the floor is harmless.
  private static let largestExpansion = 1_100
  private static let harmlessByteCount = 64 << 20

  /// The chunks of a tensor that is not ready to use in the file, nil if it has none.
  ///
  /// Refuses what is in other files, and a size that nothing stands behind.
  private func chunks(_ entry: DatasetEntry, _ byteCount: Int) throws -> [HDF5ScannedChunk]? {
    let dataset = entry.dataset
    if dataset.isVirtual || dataset.hasExternalStorage {
      throw CheckpointError(
        .refused, file: path, place: "/" + entry.path, reason: "its bytes are in another file")
    }
    for filter in dataset.filters where !ChunkReader.knownFilters.contains(filter.id) {
      throw CheckpointError(
        .refused, file: path, place: "/" + entry.path,
        reason: "it is stored with the filter \(filter.id) (\(filter.name)); "
          + "only deflate, shuffle and fletcher32 are read")
    }
    guard case .chunked = dataset.layout else { return nil }
    let chunks = try dataset.chunks()
    let stored = chunks.reduce(0) { $0 + $1.range.count }
    let possible = stored.multipliedReportingOverflow(by: Self.largestExpansion)
    guard byteCount <= max(possible.partialValue, Self.harmlessByteCount) || possible.overflow
    else {
      throw damaged(entry, "it declares \(byteCount) bytes, and the file does not hold them")
    }
    return chunks
  }

  private func damaged(_ entry: DatasetEntry, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: path, place: "/" + entry.path, reason: reason)
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
