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
    var found: [DatasetEntry] = []
    for section in ["parameters", "buffers", "optimizer", "metadata"] {
      // Of the four only the optimizer may be absent; what the index lists is missed below.
      guard try root.link(section) != nil else { continue }
      found += try DatasetWalk(path, scan).datasets(under: root.group(section), at: section)
    }
    let tensors = try found.compactMap { entry in try describe(entry).map { (entry, $0) } }
    let missing = Set(rows.keys).subtracting(tensors.map(\.0.path))
    if let first = missing.sorted().first {
      throw CheckpointError(
        .damaged, file: path, place: "/" + first,
        reason: "the index lists this tensor, and it is not in the file"
          + (missing.count > 1 ? " (nor are \(missing.count - 1) others)" : ""))
    }
    let sorted = tensors.sorted { a, b in
      (rows[a.0.path] ?? .max, a.0.path) < (rows[b.0.path] ?? .max, b.0.path)
    }
    var firstNames: [UInt64: Int] = [:]
    return sorted.enumerated().map { number, tensor in
      let (entry, description) = tensor
      let first = firstNames[entry.address]
      if first == nil { firstNames[entry.address] = number }
      return description.info(entry.path, aliasOf: first)
    }
  }

  /// What is known of a tensor before its other names are.
  private struct Description {
    var section: TensorInfo.Section
    var dtype: DType
    var shape: Shape
    var storedByteCount: Int
    var digest: Digest?
    var view: TensorSharing.View?
    var place: TensorInfo.Place

    func info(_ path: String, aliasOf: Int?) -> TensorInfo {
      TensorInfo(
        section: section, path: path, dtype: dtype, shape: shape,
        storedByteCount: storedByteCount, digest: digest, aliasOf: aliasOf, view: view,
        place: place)
    }
  }

  /// What a dataset holds, nil if it is a value and no tensor.
  private func describe(_ entry: DatasetEntry) throws -> Description? {
    let row = rows[entry.path].map { index.tensors[$0] }
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
    var description = Description(
      section: section, dtype: dtype, shape: shape, storedByteCount: byteCount,
      digest: row?.digest, view: row?.view, place: .dataset(dataset))
    if byteCount == 0 {
      description.place = .empty
    } else if let range = dataset.contiguousRange, datatype == datatype.littleEndian {
      description.place = .region(try FileRegion(input, range))
    } else {
      description.storedByteCount = try storedByteCount(entry, byteCount)
    }
    return description
  }

  /// What deflate gets out of a byte at most is 1,032; a tensor of less than the floor is harmless.
  private static let largestExpansion = 1_100
  private static let harmlessByteCount = 64 << 20

  /// The bytes of a tensor in the file, which is not ready to use.
  ///
  /// Refuses what is in other files, and a size that nothing stands behind.
  private func storedByteCount(_ entry: DatasetEntry, _ byteCount: Int) throws -> Int {
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
    guard case .chunked = dataset.layout else { return byteCount }
    let stored = try dataset.chunks().reduce(0) { $0 + $1.range.count }
    let possible = stored.multipliedReportingOverflow(by: Self.largestExpansion)
    guard byteCount <= max(possible.partialValue, Self.harmlessByteCount) || possible.overflow
    else {
      throw damaged(entry, "it declares \(byteCount) bytes, and the file does not hold them")
    }
    return stored
  }

  private func damaged(_ entry: DatasetEntry, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: path, place: "/" + entry.path, reason: reason)
  }
}

extension TensorInfo.Section {
  /// The section and name that a path stands for.
  init(path: String) {
    let links = path.split(separator: "/", omittingEmptySubsequences: false)
    switch (links[0], links.count) {
    case ("parameters", _): self = .parameter(key: LinkPath.decode(links.dropFirst()))
    case ("buffers", _): self = .buffer(key: LinkPath.decode(links.dropFirst()))
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
