import Arrays
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// A distributed checkpoint of PyTorch, open for reading.
///
/// What is read is the object that was saved, as `dcp_to_torch_save` of
/// `torch.distributed.checkpoint.format_utils` makes it of the same folder: it is put together from the keys
/// and then told apart as that of any file of PyTorch's is. Three things of an optimizer are as in the program that
/// saved it and not as there: the numbers of its parameters, a state that is empty, and flat keys.
struct DistributedSource: CheckpointSource {
  private let folder: DistributedFolder
  private let access: Access
  private let options: ReadOptions

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    folder = try DistributedFolder(probe)
    self.access = access
    options = probe.options
  }

  // MARK: Tensors

  /// The tensors, each proved to be whole, and what is wrong with others.
  private func bundle(
    _ access: Access
  ) throws(CheckpointError) -> (bundle: TensorBundle, problems: [CheckpointError]) {
    var works: [(key: String, dtype: DType, box: Box, item: DistributedMetadata.Item)] = []
    for (key, content) in folder.metadata.contents {
      guard case .tensor(let dtype, _, let pieces) = content else { continue }
      for (box, item) in pieces where !box.isEmpty {
        if let item { works.append((key, dtype, box, item)) }
      }
    }
    // What several keys share is opened once, and stays one tensor.
    let items = OrderedDictionary(
      works.enumerated().map { ($1.item, $0) }, uniquingKeysWith: { first, _ in first })
    let opened = try open(items.values.map { works[$0] }, access)
    var bundle = TensorBundle()
    var problems: [CheckpointError] = []
    /// What tensors that repeat their elements may still take when they are written out in full.
    var repeatedBytes = PyTorchStorages.maximumRepeatedByteCount
    for (key, content) in folder.metadata.contents {
      guard case .tensor(let dtype, let shape, let pieces) = content else { continue }
      var parts: [TensorBundle.Piece] = []
      var isWhole = true
      for (box, item) in pieces {
        guard !box.isEmpty, let item else {
          parts.append(.init(box, NDArray(uninitialized: Shape(box.sizes), dtype: dtype)))
          continue
        }
        switch items.index(forKey: item).map({ opened[$0] }) {
        case .success(let array):
          guard array.dtype == dtype, array.shape.dimensions == box.sizes else {
            problems.append(
              CheckpointError(
                .damaged, file: folder.table.path, place: key,
                reason: "its bytes are also said to be of another type or shape"))
            isWhole = false
            break
          }
          if array.elementCount > array.layout.extent.count {
            guard array.byteCount <= repeatedBytes else {
              throw CheckpointError(
                .refused, file: folder.path, place: key,
                reason: "pieces repeat few numbers so often that the tensors would take far more "
                  + "room than the files")
            }
            repeatedBytes -= array.byteCount
          }
          parts.append(.init(box, array))
        case .failure(let error):
          problems.append(error)
          isWhole = false
        case nil:
          problems.append(
            CheckpointError(
              .damaged, file: folder.table.path, place: key,
              reason: "its piece \(box) was not found"))
          isWhole = false
        }
      }
      guard isWhole else { continue }
      do throws(TensorBundle.Fault) {
        try bundle.add(key, dtype, shape: shape, pieces: parts)
      } catch {
        problems.append(
          CheckpointError(
            error.isUndecided ? .unsupported : .damaged, file: folder.table.path, place: key,
            reason: "\(error), and its shape is \(shape.listed)"
          ))
      }
    }
    return (bundle, problems)
  }

  /// Opens pieces on several threads.
  private func open(
    _ works: [(key: String, dtype: DType, box: Box, item: DistributedMetadata.Item)],
    _ access: Access
  ) throws(CheckpointError) -> [Result<NDArray, CheckpointError>] {
    let runLength = 64
    let runs = (works.count + runLength - 1) / runLength
    let found = Mutex([[Result<NDArray, CheckpointError>]](repeating: [], count: runs))
    try CheckpointError.reporting(folder.path) {
      try Parallel.forEach(runs) { run in
        let range = run * runLength..<min((run + 1) * runLength, works.count)
        let results = try works[range].map { work in
          let result = Result { () throws(CheckpointError) in
            try folder.array(work.item, work.key, work.dtype, work.box.sizes, access)
          }
          if case .failure(let error) = result, error.code != .damaged { throw error }
          return result
        }
        found.withLock { $0[run] = results }
      }
    }
    return found.withLock { $0.flatMap(\.self) }
  }

  // MARK: The object

  func read() throws -> ReadResult { try read(access) }

  private func read(_ access: Access) throws(CheckpointError) -> ReadResult {
    let (bundle, problems) = try bundle(access)
    if let first = problems.first { throw first }
    return try read(bundle, access)
  }

  private func read(
    _ bundle: TensorBundle, _ access: Access
  ) throws(CheckpointError) -> ReadResult {
    // What the machine may make grows with what it has read: the table.
    let input = PickleInput(
      try reportingFileErrors { () throws(FileError) in
        try FileRegion(folder.table, 0..<folder.table.byteCount)
      }, name: "object")
    try input.skip(folder.table.byteCount)
    let machine = PickleMachine(input) { (value, machine) throws(CheckpointError) in
      throw machine.damaged("it refers to \(value.kind)")
    }
    let assembly = DistributedObjects(folder, machine, access, options)
    var object = try assembly.object(bundle)
    object.others = assembly.machines
    let (outline, outlineNote) = try self.outline()
    var result = try withExtendedLifetime(object) { () throws(CheckpointError) in
      try CheckpointBuilder(object, outline: outline, scriptClasses: nil, root: options.root).read()
    }
    result.notes = assembly.notes + (outlineNote.map { [$0] } ?? []) + result.notes
    result.notes += unnamedPieces
    result.losses += strays() + lostKeys.map { ConversionLoss(.tensorDropped, $0, Self.lost) }
    return result
  }

  /// What Ballast kept beside the object; it is that of another folder if the table is not the one that it
  /// was written for.
  private func outline() throws(CheckpointError) -> (bytes: [UInt8]?, note: String?) {
    guard folder.names.contains(DistributedFolder.outlineName) else { return (nil, nil) }
    let bytes = try reportingFileErrors { () throws(FileError) in
      let file = try InputFile("\(folder.path)/\(DistributedFolder.outlineName)")
      guard file.byteCount <= PyTorchOutline.maximumByteCount else { return nil as [UInt8]? }
      return try file.bytes(in: 0..<file.byteCount)
    }
    guard let bytes else {
      return (
        nil,
        "\(DistributedFolder.outlineName) in the folder is larger than any, and was passed over"
      )
    }
    // What is not understood is told by who reads the object.
    guard let outline = PyTorchOutline(json: bytes) else { return (bytes, nil) }
    guard let table = outline.table, try table == tableDigest() else {
      return (
        nil,
        "\(DistributedFolder.outlineName) in the folder is not of its \(DistributedMetadata.fileName), "
          + "which another program wrote since, and was passed over"
      )
    }
    return (bytes, nil)
  }

  /// The SHA-256 of the table.
  private func tableDigest() throws(CheckpointError) -> String {
    try reportingFileErrors { () throws(FileError) in
      var sum = SHA256()
      let blockByteCount = 1 << 20
      for start in stride(from: 0, to: folder.table.byteCount, by: blockByteCount) {
        let end = min(start + blockByteCount, folder.table.byteCount)
        try folder.table.bytes(in: start..<end).withBytes { sum.update($0) }
      }
      return sum.hexadecimal
    }
  }

  /// The keys of which nothing is in the folder.
  private var lostKeys: [String] { folder.metadata.lostKeys }

  private static let lost =
    "\(DistributedMetadata.fileName) says where in the object it belongs, and has no entry of it: nothing of "
    + "it is in the folder"

  /// Files of pieces that the table does not name, as those of a checkpoint that was there before.
  private var unnamedPieces: [String] {
    let known = Set(folder.metadata.files)
    return folder.names.filter {
      $0.hasSuffix(DistributedFolder.pieceSuffix) && !known.contains($0)
    }.map {
      "\(DistributedMetadata.fileName) does not name \($0), which is of another checkpoint, and was not read"
    }
  }

  /// Files in which frameworks keep, beside the folder's own, what is not sharded.
  private func strays() -> [ConversionLoss] {
    let known = [
      "common.pt": "what Megatron does not shard", "meta.pt": "what Lightning does not shard",
    ]
    return folder.names.compactMap { name in
      known[name].map {
        ConversionLoss(
          .metadataDropped, name, "it is a file of its own beside the pieces, with \($0)")
      }
    }
  }

  // MARK: Verification

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    let items = folder.items
    let found = Mutex([Int: [CheckpointError]]())
    let unprotected = Mutex(0)
    try Parallel.forEach(items.count) { number in
      let (key, item) = items[number]
      let window = try folder.window(item)
      guard case .zip = try DistributedFolder.form(of: window) else {
        unprotected.withLock { $0 += 1 }
        return
      }
      do throws(CheckpointError) {
        let result = try CheckpointError.reporting(window.path) {
          try ZipArchive(window).accounted().verify(known: known)
        }
        unprotected.withLock { $0 += result.unprotectedCount }
        let errors = result.problems.map { $0.error.within(key) }
        if !errors.isEmpty { found.withLock { $0[number] = errors } }
      } catch {
        guard error.code == .damaged else { throw error }
        found.withLock { $0[number] = [error.within(key)] }
      }
    }
    let damaged = found.withLock { found in
      found.sorted { $0.key < $1.key }.flatMap(\.value)
    }
    verification.problems = damaged
    if let checkpoint {
      verification.count(checkpoint)
    } else if damaged.isEmpty {
      let (bundle, problems) = try bundle(.unverified)
      verification.problems = problems
      if problems.isEmpty { verification.count(try read(bundle, .unverified).checkpoint) }
    }
    verification.notes.append(
      "\(DistributedMetadata.fileName) has no checksum: that its pieces tile each tensor was proved"
    )
    verification.problems += lostKeys.map {
      CheckpointError(.missing, file: folder.table.path, place: $0, reason: Self.lost)
    }
    verification.notes += unnamedPieces
    let count = unprotected.withLock { $0 }
    if count > 0 {
      verification.notes.append("\(count) part\(count == 1 ? "" : "s") without a checksum")
    }
    return verification
  }

  // MARK: Facts

  /// `bytes` and names of the files; `keys`, `pieces`, `tensors` and `objects`; how many tensors are in
  /// several pieces; and of each file (`ranks`) how many pieces it has, and the bytes of them.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [:]
      let paths = ([DistributedMetadata.fileName] + folder.metadata.files).map {
        "\(folder.path)/\($0)"
      }
      facts["bytes"] = .int(try Folder.byteCount(of: paths))
      if let version = folder.metadata.version { facts["version"] = .string(version) }
      let summary = folder.summary
      facts["tensors"] = .int(summary.tensorCount)
      facts["objects"] = .int(summary.objectCount)
      facts["pieces"] = .int(summary.pieceCount)
      facts["in_one_piece"] = .int(summary.wholeCount)
      facts["in_several_pieces"] = .int(summary.tensorCount - summary.wholeCount)
      facts["ranks"] = .list(
        summary.files.map { name, file in
          [
            "name": .string(name), "bytes": .int(file.byteCount), "tensors": .int(file.wholeCount),
            "parts_of_tensors": .int(file.partCount), "objects": .int(file.objectCount),
          ]
        })
      return facts
    }
  }
}

extension DistributedFolder {
  /// All pieces with the keys that they are of, each once.
  var items: [(key: String, item: DistributedMetadata.Item)] {
    var known: Set<DistributedMetadata.Item> = []
    var items: [(key: String, item: DistributedMetadata.Item)] = []
    for (key, content) in metadata.contents {
      let own: [DistributedMetadata.Item]
      switch content {
      case .object(let item): own = [item]
      case .tensor(_, _, let pieces): own = pieces.compactMap(\.item)
      }
      for item in own where known.insert(item).inserted { items.append((key, item)) }
    }
    return items
  }

  /// What is in the folder, counted.
  struct Summary {
    var tensorCount = 0
    var objectCount = 0
    var pieceCount = 0
    /// How many tensors are in one piece: they were replicated, or only one rank had them.
    var wholeCount = 0
    var files: OrderedDictionary<String, File> = [:]

    /// What is in one file.
    struct File {
      var byteCount = 0
      var wholeCount = 0
      var partCount = 0
      var objectCount = 0
    }
  }

  var summary: Summary {
    var summary = Summary()
    for name in metadata.files {
      summary.files[name] = .init(byteCount: files[name]?.byteCount ?? 0)
    }
    for content in metadata.contents.values {
      switch content {
      case .object(let item):
        summary.objectCount += 1
        summary.files[item.file]?.objectCount += 1
      case .tensor(_, _, let pieces):
        summary.tensorCount += 1
        summary.pieceCount += pieces.count
        let isWhole = pieces.count { !$0.box.isEmpty } <= 1
        if isWhole { summary.wholeCount += 1 }
        for case let item? in pieces.map(\.item) {
          if isWhole {
            summary.files[item.file]?.wholeCount += 1
          } else {
            summary.files[item.file]?.partCount += 1
          }
        }
      }
    }
    return summary
  }
}
