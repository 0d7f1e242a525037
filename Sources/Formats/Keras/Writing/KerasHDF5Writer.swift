import Arrays
import Checkpoints
import Files
import HDF5
import LibHDF5
import States
import Synchronization

/// What is to be in an HDF5 file of Keras: groups, attributes and tensors, by their paths.
struct KerasHDF5Layout {
  /// An attribute of a group.
  enum Attribute {
    /// A text of any length, apart from the group's header.
    case text(String)
    /// A list of texts, split over several attributes if it is long.
    case list([String])
  }

  /// A dataset.
  struct Tensor {
    var path: String
    var array: NDArray
    /// The type in the file, to which the array is converted.
    var dtype: DType
    /// Whether an attribute names the type, as Keras 3 does for bfloat16.
    var namesType = false
  }

  private(set) var attributes: [(group: String, name: String, value: Attribute)] = []
  var tensors: [Tensor] = []

  /// Adds an attribute of a group, which is made if no tensor is in it.
  mutating func set(_ name: String, of group: String, to value: Attribute) {
    attributes.append((group, name, value))
  }

  /// The bytes of all tensors.
  var tensorByteCount: Int {
    tensors.reduce(0) { $0 + $1.array.elementCount * $1.dtype.itemSize }
  }
}

/// Writes an HDF5 file of Keras: libhdf5 lays it out, and the tensors are streamed to their places.
package struct KerasHDF5Writer {
  let options: WriteOptions
  /// What errors call the file.
  let path: String
  /// What takes the checksums of what is read of files; nil if nobody wants them.
  let seen: ReadChecksums?

  /// Tensors below this size are not compressed: the bookkeeping of a chunk takes more than that.
  private static let compressionThreshold = 1 << 10
  /// What a list of names may take in one attribute: Keras's `HDF5_OBJECT_HEADER_LIMIT`.
  private static let attributeLimit = 64_512
  /// The longest path of a group: as deep as a reader may recurse, and far more than Keras has.
  private static let pathLimit = 4096

  /// Writes a layout to a file that is not committed yet.
  ///
  /// - Returns: The bytes of the file.
  func write(_ layout: KerasHDF5Layout, to file: ReplacementFile) throws -> Int {
    let offsets = try CheckpointError.reporting(path) { try layOut(layout, at: file.temporaryPath) }
    let byteCount = try InputFile(file.temporaryPath).byteCount
    try file.reserve(byteCount)
    try forEachBlock(of: layout, at: offsets) { tensor, range, offset in
      try tensor.array.forEachBlock(
        in: range, as: tensor.dtype, recording: seen
      ) { bytes, place in try file.write(bytes, at: offset + place) }
    }
    return byteCount
  }

  /// Writes a layout as the last member of an archive.
  ///
  /// libhdf5 makes a file beside it, in which there are holes in the place of tensors. All else is
  /// copied from there.
  func write(
    _ layout: KerasHDF5Layout, to archive: ZipArchiveWriter, as name: String
  ) throws {
    let file = try ReplacementFile(path + ".weights", durable: false)
    defer { file.abandon() }
    let offsets = try CheckpointError.reporting(path) { try layOut(layout, at: file.temporaryPath) }
    let structures = try InputFile(file.temporaryPath)
    // Aligned, so that the weights can be mapped.
    let member = try archive.add(name, byteCount: structures.byteCount, alignment: 64)
    try archive.reserve()
    let gaps = gaps(between: layout.tensors, at: offsets, upTo: structures.byteCount)
    try Parallel.forEach(gaps.count, threads: options.threads) { number in
      try structures.bytes(in: gaps[number]).withUnsafeBytes {
        try archive.write($0, to: member, at: gaps[number].lowerBound)
      }
    }
    try forEachBlock(of: layout, at: offsets) { tensor, range, offset in
      try tensor.array.forEachSummedBlock(
        in: range, as: tensor.dtype, recording: seen
      ) { bytes, checksum, place in
        try archive.write(bytes, checksum, to: member, at: offset + place)
      }
    }
  }

  /// Calls `body` with parts of the tensors that have an offset, on several threads.
  private func forEachBlock(
    of layout: KerasHDF5Layout, at offsets: [Int?],
    _ body: @Sendable (KerasHDF5Layout.Tensor, Range<Int>, _ offset: Int) throws -> Void
  ) throws {
    let tensors = layout.tensors
    let blocks = TensorBlock.blocks(
      of: tensors.indices.filter { offsets[$0] != nil }.map { ($0, tensors[$0].array) })
    try Parallel.forEach(blocks.count, threads: options.threads) { number in
      let block = blocks[number]
      guard let offset = offsets[block.tensor] else { return }
      try body(tensors[block.tensor], block.range, offset)
    }
  }

  /// What is copied at a time.
  private static let copyByteCount = 1 << 20

  /// What of a file is not a tensor's with an offset, in pieces.
  private func gaps(
    between tensors: [KerasHDF5Layout.Tensor], at offsets: [Int?], upTo end: Int
  ) -> [Range<Int>] {
    let placed = zip(tensors, offsets).compactMap { tensor, offset in
      offset.map { $0..<$0 + tensor.array.elementCount * tensor.dtype.itemSize }
    }.sorted { $0.lowerBound < $1.lowerBound }
    var gaps: [Range<Int>] = []
    var position = 0
    for range in placed + [end..<end] {
      gaps += stride(from: position, to: range.lowerBound, by: Self.copyByteCount).map { start in
        start..<min(start + Self.copyByteCount, range.lowerBound)
      }
      position = range.upperBound
    }
    return gaps
  }

  /// Makes the file, with room for the tensors, and gives where each belongs: nil for those that
  /// are written already, or have no elements.
  private func layOut(_ layout: KerasHDF5Layout, at temporaryPath: String) throws -> [Int?] {
    var fileOptions = HDF5FileOptions()
    fileOptions.replacesExisting = true
    // The file is locked already, by who made it.
    fileOptions.locksWrittenFile = false
    let file = try HDF5File.create(temporaryPath, options: fileOptions)
    let root = try file.root
    var groups: [String: HDF5Group] = ["": root]
    func group(_ path: some StringProtocol) throws -> HDF5Group {
      if let group = groups[String(path)] { return group }
      guard path.utf8.count <= Self.pathLimit else {
        throw CheckpointError(
          .unsupported, file: self.path, place: String(path.prefix(80)) + "…",
          reason: "the path of the group is too long")
      }
      let slash = path.lastIndex(of: "/")
      let parent = try group(slash.map { path[..<$0] } ?? "")
      let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
      let made = try parent.createGroup(String(name))
      groups[String(path)] = made
      return made
    }
    for (path, name, value) in layout.attributes {
      try set(name, of: group(path).attributes, to: value)
    }
    var datasets: [HDF5Dataset] = []
    for tensor in layout.tensors {
      let slash = tensor.path.lastIndex(of: "/")
      let parent = try group(slash.map { tensor.path[..<$0] } ?? "")
      let name = slash.map { tensor.path[tensor.path.index(after: $0)...] } ?? tensor.path[...]
      datasets.append(try create(tensor, named: String(name), in: parent))
    }
    let offsets = try zip(datasets, layout.tensors).map { dataset, tensor in
      isCompressed(tensor) || tensor.array.elementCount == 0 ? nil : try dataset.offset
    }
    datasets = []
    groups = [:]
    try file.close()
    return offsets
  }

  private func isCompressed(_ tensor: KerasHDF5Layout.Tensor) -> Bool {
    let byteCount = tensor.array.elementCount * tensor.dtype.itemSize
    return options.compression != nil && byteCount >= Self.compressionThreshold
      && tensor.array.rank > 0
  }

  private func create(
    _ tensor: KerasHDF5Layout.Tensor, named name: String, in group: HDF5Group
  ) throws -> HDF5Dataset {
    guard let datatype = Self.datatype(tensor.dtype) else {
      throw CheckpointError(
        .unsupported, file: path, place: tensor.path,
        reason: "Keras has no weights of type \(tensor.dtype)")
    }
    let isCompressed = isCompressed(tensor)
    var storage = HDF5DatasetOptions(allocationTime: .early, fillTime: .never)
    if isCompressed, let compression = options.compression {
      let chunks = ChunkGrid(tensor.array.shape, itemSize: tensor.dtype.itemSize).chunkShape
      storage = HDF5DatasetOptions(
        layout: .chunked(chunks),
        filters: (compression.shuffle ? [.shuffle] : []) + [.deflate(level: compression.level)],
        fillTime: .never)
    }
    let dataset = try group.createDataset(
      name, datatype, shape: tensor.array.shape.dimensions, options: storage)
    if tensor.namesType {
      try dataset.attributes.set("dtype", to: tensor.dtype.rawValue, as: .variable)
    }
    if isCompressed {
      try tensor.array.converted(to: tensor.dtype).withContiguousBytes {
        try dataset.writeBytes(from: $0)
      }
    }
    return dataset
  }

  /// The type of HDF5 that h5py has for a type, nil for types that Keras does not have.
  private static func datatype(_ dtype: DType) -> HDF5Datatype? {
    switch dtype {
    case .bool: .boolean
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float16: .float16
    case .float32: .float32
    case .float64: .float64
    // As h5py writes the types of ml_dtypes: it refuses a tag that is not its own.
    case .bfloat16: .opaque(bytes: 2, tag: "")
    default: nil
    }
  }

  private func set(
    _ name: String, of attributes: HDF5Attributes, to value: KerasHDF5Layout.Attribute
  ) throws {
    switch value {
    case .text(let text): try attributes.set(name, to: text, as: .variable)
    case .list(let texts):
      guard !texts.isEmpty else {
        // As NumPy writes a list of nothing.
        try attributes.set(name, to: [] as [Double])
        return
      }
      let width = max(texts.map(\.utf8.count).max() ?? 1, 1)
      guard width <= Self.attributeLimit else {
        throw CheckpointError(
          .unsupported, file: path, place: name, reason: "a name in it is longer than 64 KiB")
      }
      for (suffix, part) in Self.parts(texts, width: width) {
        try attributes.set(name + suffix, to: part, as: .fixed(bytes: width))
      }
    }
  }

  /// A list in as few parts of nearly the same length as fit, with what is added to the name of
  /// each: NumPy's `array_split`, as Keras uses it.
  package static func parts(_ texts: [String], width: Int) -> [(suffix: String, texts: [String])] {
    let fitting = max(attributeLimit / width, 1)
    guard texts.count > fitting else { return [("", texts)] }
    let count = (texts.count + fitting - 1) / fitting
    let (length, longer) = texts.count.quotientAndRemainder(dividingBy: count)
    var start = 0
    return (0..<count).map { number in
      let end = start + length + (number < longer ? 1 : 0)
      defer { start = end }
      return ("\(number)", Array(texts[start..<end]))
    }
  }
}
