import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Writes a folder that `torch.distributed.checkpoint.load` reads on any number of processes, and
/// `dcp_to_torch_save` makes one file of.
///
/// All tensors are in `__0_0.distcp`, one piece each, as of a single process: those who load take what they
/// need of each (`resharding.py`). Pieces begin at multiples of 64, with the values at multiples of 64 in
/// them, so that they can be mapped; PyTorch packs them without. The parameters of an optimizer have names,
/// as `get_state_dict` of `torch.distributed.checkpoint.state_dict` gives them, where they are known.
///
/// Two names of one tensor lead to the same bytes of the file, so that they are one tensor again here;
/// PyTorch reads two equal ones.
struct DistributedWriter: WritePlan {
  private let checkpoint: Checkpoint
  private let assembly: CheckpointAssembly
  private let entries: [DistributedEntries.Entry]
  private let path: String
  private let options: WriteOptions
  let losses: [ConversionLoss]

  private static let dataName = "__0_0.distcp"
  private static let alignment = 64
  private static let module = "torch.distributed.checkpoint.metadata"

  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws(CheckpointError) {
    self.checkpoint = checkpoint
    self.path = path
    self.options = options
    assembly = CheckpointAssembly(Self.prepared(checkpoint), options: options)
    let root: [PythonObject.Entry]
    if let own = assembly.root.entries {
      root = own
    } else if case .none = assembly.root {
      root = []
    } else {
      throw CheckpointError(
        .unsupported, file: path, reason: "a distributed checkpoint is a dictionary")
    }
    let flat = try DistributedEntries(root, file: path)
    entries = flat.entries
    var losses = assembly.losses + flat.losses + PyTorchOutline.losses(of: checkpoint.origin)
    if !checkpoint.state.moduleVersions.isEmpty {
      losses.append(
        ConversionLoss(
          .moduleVersionsDropped, nil, "a distributed checkpoint has no place for them"))
    }
    let tensors = checkpoint.namedTensors
    let sharing = TensorSharing(
      tensors.map {
        ($0.array, $0.role == nil ? $0.array.dtype : options.type(for: $0.array.dtype))
      })
    for (tensor, view) in zip(tensors, sharing.views) where view != nil {
      losses.append(
        ConversionLoss(
          .viewSplit, tensor.name,
          "it shares memory with another, and is a tensor of its own in a distributed checkpoint"))
    }
    self.losses = losses
  }

  /// The checkpoint with names for the optimizer's parameters, and the names of parts that PyTorch's own
  /// examples of such folders have, unless it came from a file with others.
  private static func prepared(_ checkpoint: Checkpoint) -> Checkpoint {
    var checkpoint = checkpoint
    var structure = checkpoint.origin[PyTorchStructure.format].flatMap { PyTorchStructure($0) }
    if structure?.layout == .tensors || structure?.sequence != nil { structure = nil }
    let isTraining = checkpoint.optimizer != nil || !checkpoint.metadata.isEmpty
    if structure == nil, isTraining {
      let isOptimizerAlone =
        checkpoint.optimizer != nil && checkpoint.state.isEmpty && checkpoint.metadata.isEmpty
      var made = PyTorchStructure(layout: isOptimizerAlone ? .optimizer : .checkpoint)
      if !checkpoint.state.isEmpty, checkpoint.metadata["model"] == nil {
        made.modelPath = [.key(.string("model"), at: 0)]
      }
      if checkpoint.metadata["optim"] == nil { made.optimizerKey = "optim" }
      structure = made
    }
    if checkpoint.optimizer?.naming == .keys { structure?.parameterKeys = .keys }
    checkpoint.origin[PyTorchStructure.format] = structure?.value
    return checkpoint
  }

  // MARK: Writing

  /// What is written of one entry, or of several that are one tensor.
  private struct Piece {
    let archive: ZipArchiveWriter
    let items: [TensorStream.Item]
    let offset: Int
    let byteCount: Int
  }

  /// What has to be equal for two tensors to be one.
  private struct Shared: Hashable {
    let identity: NDArray.Identity
    let writtenType: DType
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    try options.writeFolder(path, checking: input) { file in
      try fill(file, recording: input?.seen)
    }
  }

  /// Writes all files.
  ///
  /// - Returns: The files, that which makes the folder whole last, as PyTorch does; and what was written.
  private func fill(
    _ makeFile: WriteOptions.FileMaker, recording seen: ReadChecksums?
  ) throws -> (files: [ReplacementFile], result: WriteSummary) {
    var files: [ReplacementFile] = []
    var pieces: [Piece] = []
    /// The piece of each entry.
    var numbers: [Int] = []
    if !entries.isEmpty {
      let file = try makeFile(Self.dataName)
      files.append(file)
      (pieces, numbers) = try self.pieces(in: file)
    }
    _ = try TensorStream(
      pieces.flatMap(\.items), threads: options.threads, recording: seen
    ).write()
    var byteCount = 0
    for piece in pieces {
      _ = try piece.archive.finish()
      byteCount = piece.offset + piece.byteCount
    }
    func add(_ name: String, _ bytes: [UInt8]) throws {
      let file = try makeFile(name)
      try file.write(bytes, at: 0)
      byteCount += bytes.count
      files.append(file)
    }
    let origin = checkpoint.origin.without(PyTorchStructure.format)
    let table = table(pieces, numbers)
    if var outline = PyTorchOutline(checkpoint, assembly, origin) {
      var sum = SHA256()
      table.withBytes { sum.update($0) }
      outline.table = sum.hexadecimal
      try add(DistributedFolder.outlineName, Array(outline.json.utf8))
    }
    try add(DistributedMetadata.fileName, table)
    let tensors = SavedStorages(assembly.tensors.tensors)
    let summary = WriteSummary(
      tensorCount: assembly.tensors.tensors.count, tensorByteCount: tensors.tensorByteCount,
      fileByteCount: byteCount, losses: losses)
    return (files, summary)
  }

  /// Lays out all entries in a file, those that are one tensor once.
  ///
  /// - Returns: The pieces in order, and the number of that of each entry.
  private func pieces(
    in file: ReplacementFile
  ) throws -> (pieces: [Piece], numbers: [Int]) {
    var pieces: [Piece] = []
    var numbers: [Int] = []
    var end = 0
    var known: [Shared: Int] = [:]
    for entry in entries {
      var shared: Shared?
      if case .tensor(let index) = entry.content {
        let tensor = assembly.tensors.tensors[index]
        if tensor.array.elementCount > 0 {
          shared = Shared(identity: tensor.array.identity, writtenType: tensor.writtenType)
        }
      }
      if let number = shared.flatMap({ known[$0] }) {
        numbers.append(number)
        continue
      }
      let offset = (end + Self.alignment - 1) / Self.alignment * Self.alignment
      let piece = try piece(entry, file, at: offset)
      end = offset + piece.byteCount
      if let shared { known[shared] = pieces.count }
      numbers.append(pieces.count)
      pieces.append(piece)
    }
    try file.reserve(end)
    return (pieces, numbers)
  }

  /// An archive as `torch.save` writes it, of one entry.
  private func piece(
    _ entry: DistributedEntries.Entry, _ file: ReplacementFile, at offset: Int
  ) throws -> Piece {
    var tensors: [TensorCollection.Tensor] = []
    let root: PythonObject
    switch entry.content {
    case .tensor(let index):
      // The tensor alone, without what else is in its storage.
      tensors = [assembly.tensors.tensors[index]]
      root = .tensor(0)
    case .object(let object):
      var numbers: OrderedDictionary<Int, Int> = [:]
      root = object.renumbered { index in
        let number = numbers[index] ?? numbers.count
        numbers[index] = number
        return number
      }
      tensors = numbers.keys.map { assembly.tensors.tensors[$0] }
    }
    let storages = SavedStorages(tensors)
    var pickle = PickleWriter(tensors: tensors, storages: storages)
    pickle.write(root: root)
    let archive = ZipArchiveWriter(file, style: .withDescriptors, at: offset)
    func add(_ name: String, _ content: [UInt8]) throws {
      try archive.add("\(PyTorchWriter.root)/\(name)", content, alignment: Self.alignment)
    }
    try add("data.pkl", pickle.bytes)
    try add(".format_version", Array("1".utf8))
    try add(".storage_alignment", Array(String(Self.alignment).utf8))
    try add("byteorder", Array("little".utf8))
    let items = try pickle.storageOrder.enumerated().map { number, index in
      let storage = storages.storages[index]
      let member = try archive.add(
        "\(PyTorchWriter.root)/data/\(number)", byteCount: storage.byteCount,
        alignment: Self.alignment)
      return TensorStream.Item(
        storage.source, as: storage.writtenType, to: .member(member, of: archive, offset: 0))
    }
    try add("version", Array("3\n".utf8))
    return Piece(archive: archive, items: items, offset: offset, byteCount: archive.byteCount)
  }

  // MARK: The table

  /// The pickle of the table: see ``DistributedMetadata``.
  private func table(_ pieces: [Piece], _ numbers: [Int]) -> [UInt8] {
    var keys: [PythonObject.Entry] = []
    var paths: [PythonObject.Entry] = []
    var places: [PythonObject.Entry] = []
    for (entry, number) in zip(entries, numbers) {
      let offset: PythonObject
      var index = PythonObject.none
      switch entry.content {
      case .object:
        offset = .none
        keys.append(.init(entry.key, made("BytesStorageMetadata", nil)))
      case .tensor(let tensor):
        let tensor = assembly.tensors.tensors[tensor]
        let shape = tensor.array.shape.dimensions
        let origin = size(shape.map { _ in 0 })
        offset = origin
        index = .int(0)
        keys.append(.init(entry.key, description(tensor.writtenType, shape, origin)))
      }
      paths.append(.init(entry.key, .tuple(entry.path)))
      let place = made(
        "MetadataIndex",
        .dict([.init("fqn", .string(entry.key)), .init("offset", offset), .init("index", index)]))
      let piece = pieces[number]
      let info = PythonObject.instance(
        module: "torch.distributed.checkpoint.filesystem", name: "_StorageInfo",
        state: .dict([
          .init("relative_path", .string(Self.dataName)), .init("offset", .int(piece.offset)),
          .init("length", .int(piece.byteCount)), .init("transform_descriptors", .none),
        ]))
      places.append(.init(place, info))
    }
    let root = made(
      "Metadata",
      .dict([
        .init("state_dict_metadata", .dict(keys)), .init("planner_data", .dict(paths)),
        .init("storage_data", .dict(places)), .init("storage_meta", .none),
        .init("version", .string("1.0.0")),
      ]))
    var pickle = PickleWriter(tensors: [], storages: SavedStorages([]))
    pickle.write(root: root)
    return pickle.bytes
  }

  private func made(_ name: String, _ state: PythonObject?) -> PythonObject {
    .instance(module: Self.module, name: name, state: state)
  }

  private func size(_ lengths: [Int]) -> PythonObject {
    .call(module: "torch", name: "Size", arguments: [.tuple(lengths.map(PythonObject.int))])
  }

  /// What the table says of a tensor that is one piece.
  private func description(
    _ dtype: DType, _ shape: [Int], _ origin: PythonObject
  ) -> PythonObject {
    let properties = made(
      "TensorProperties",
      .tuple([
        .global(module: "torch", name: dtype.rawValue),
        .call(
          module: "torch.serialization", name: "_get_layout", arguments: [.string("torch.strided")]),
        .bool(false),
        .call(module: Self.module, name: "_MEM_FORMAT_ENCODING", arguments: [.int(0)]),
        .bool(false),
      ]))
    let chunk = made(
      "ChunkStorageMetadata", .dict([.init("offsets", origin), .init("sizes", size(shape))]))
    return made(
      "TensorStorageMetadata",
      .dict([
        .init("properties", properties), .init("size", size(shape)),
        .init("chunks", .list([chunk])),
      ]))
  }
}
