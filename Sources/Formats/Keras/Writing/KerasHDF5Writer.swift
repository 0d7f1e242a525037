import Arrays
import Checkpoints
import Files
import HDF5
import States

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
  /// Groups that are made even if nothing is in them: TF-Keras opens those of all layers.
  private(set) var groups: [String] = []
  var tensors: [Tensor] = []

  /// Adds a group.
  mutating func add(group: String) { groups.append(group) }

  /// Adds an attribute of a group, which is made if no tensor is in it.
  mutating func set(_ name: String, of group: String, to value: Attribute) {
    attributes.append((group, name, value))
  }

  /// The bytes of all tensors.
  var tensorByteCount: Int {
    tensors.reduce(0) { $0 + $1.array.elementCount * $1.dtype.itemSize }
  }
}

/// Writes an HDF5 file of Keras: it is laid out in memory, and the tensors are streamed to their
/// places.
package struct KerasHDF5Writer {
  let options: WriteOptions
  /// What errors call the file.
  let path: String
  /// What takes the checksums of what is read of files; nil if nobody wants them.
  let seen: ReadChecksums?

  /// What a list of names may take in one attribute: Keras's `HDF5_OBJECT_HEADER_LIMIT`.
  private static let attributeLimit = 64_512
  /// The maximum length of a group's path in bytes, which limits how deep readers recurse: far more
  /// than Keras has.
  private static let pathLimit = 4096
  /// What the place of a tensor is a multiple of, so that it can be mapped.
  private static let alignment = 64

  /// Writes a layout to a file that is not committed yet.
  ///
  /// - Returns: The bytes of the file.
  func write(_ layout: KerasHDF5Layout, to file: ReplacementFile) throws -> Int {
    var (structure, writer) = try layOut(layout)
    try file.reserve(structure.fileByteCount)
    _ = try writer.write(&structure, to: .file(file, offset: 0))
    try structure.withBytes { (bytes) throws(FileError) in try file.write(bytes, at: 0) }
    return structure.fileByteCount
  }

  /// Writes a layout as the last member of an archive.
  func write(
    _ layout: KerasHDF5Layout, to archive: ZipArchiveWriter, as name: String
  ) throws {
    var (structure, writer) = try layOut(layout)
    let chunkByteCount = writer.maximumChunkByteCount
    // How much compression saves turns out when it is done.
    let member = try archive.add(
      name, byteCount: structure.fileByteCount + chunkByteCount, alignment: Self.alignment)
    if chunkByteCount == 0 { try archive.reserve() }
    _ = try writer.write(&structure, to: .member(member, of: archive, offset: 0))
    for gap in structure.gaps { archive.skip(gap, of: member) }
    try structure.withBytes { (bytes) throws(FileError) in
      try archive.write(bytes, to: member, at: 0)
    }
    archive.shorten(member, to: structure.fileByteCount)
  }

  /// Lays out the file, with room for the tensors.
  private func layOut(_ layout: KerasHDF5Layout) throws -> (HDF5Structure, DatasetWriter) {
    do {
      var tree = GroupTree()
      for group in layout.groups {
        try checkLength(of: group)
        _ = try tree.group(group)
      }
      for (group, name, value) in layout.attributes {
        try checkLength(of: group)
        try set(name, of: tree.group(group), to: value, in: &tree.blueprint)
      }
      let items = try layout.tensors.map { tensor in
        try checkLength(of: tensor.path)
        return DatasetWriter.Item(
          tensor.array, as: tensor.dtype, to: try add(tensor, to: &tree))
      }
      let structure = try tree.blueprint.structure(alignment: Self.alignment)
      return (structure, DatasetWriter(items, options, recording: seen))
    } catch let error as HDF5Error {
      throw CheckpointError(.unsupported, file: path, place: error.path, reason: error.message)
    }
  }

  private func checkLength(of path: String) throws(CheckpointError) {
    guard path.utf8.count <= Self.pathLimit else {
      throw CheckpointError(
        .unsupported, file: self.path, place: String(path.prefix(80)) + "…",
        reason: "the path of the group is too long")
    }
  }

  private func add(
    _ tensor: KerasHDF5Layout.Tensor, to tree: inout GroupTree
  ) throws -> HDF5Blueprint.DatasetID {
    guard let datatype = Self.datatype(tensor.dtype) else {
      throw CheckpointError(
        .unsupported, file: path, place: tensor.path,
        reason: "Keras has no weights of type \(tensor.dtype)")
    }
    let (group, name) = try tree.parent(of: tensor.path)
    let shape = tensor.array.shape
    let dataset = try tree.blueprint.addDataset(
      name, datatype, .shape(shape.dimensions),
      HDF5Blueprint.Content(of: shape, tensor.dtype, options), in: group)
    if tensor.namesType {
      try tree.blueprint.addAttribute("dtype", texts: [tensor.dtype.rawValue], to: dataset)
    }
    return dataset
  }

  /// The type of HDF5 that h5py has for a type, nil for types that Keras does not have.
  private static func datatype(_ dtype: DType) -> HDF5Datatype? {
    switch dtype {
    case .bool, .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .float16,
      .float32, .float64:
      TensorDatatype(dtype).datatype
    // As h5py writes the types of ml_dtypes: it refuses a tag that is not its own.
    case .bfloat16: .opaque(bytes: 2, tag: "")
    default: nil
    }
  }

  private func set(
    _ name: String, of group: HDF5Blueprint.GroupID, to value: KerasHDF5Layout.Attribute,
    in blueprint: inout HDF5Blueprint
  ) throws {
    switch value {
    case .text(let text): try blueprint.addAttribute(name, texts: [text], to: group)
    case .list(let texts):
      guard !texts.isEmpty else {
        // As NumPy writes a list of nothing.
        return try blueprint.addAttribute(name, .float64, [], .shape([0]), to: group)
      }
      let width = max(texts.map(\.utf8.count).max() ?? 1, 1)
      guard width <= Self.attributeLimit else {
        throw CheckpointError(
          .unsupported, file: path, place: name, reason: "a name in it is longer than 64 KiB")
      }
      let format = HDF5StringFormat.fixed(bytes: width)
      for (suffix, part) in Self.parts(texts, width: width) {
        let bytes = part.compactMap { format.pad(Array($0.utf8), to: width) }
        guard bytes.count == part.count else {
          throw CheckpointError(
            .unsupported, file: path, place: name, reason: "a name in it ends with NUL")
        }
        try blueprint.addAttribute(
          name + suffix, .string(format), Array(bytes.joined()), .shape([part.count]), to: group)
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
