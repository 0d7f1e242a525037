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
  let folder: DistributedFolder
  private let access: Access
  private let options: ReadOptions

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    folder = try DistributedFolder(probe)
    self.access = access
    options = probe.options
  }

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
    result.losses +=
      assembly.losses + lostKeys.map { ConversionLoss(.tensorDropped, $0, Self.lost) }
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

  // MARK: Verification

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    let companions = try verifyCompanions(known)
    verification.problems = companions.problems
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
    verification.problems += damaged
    if let checkpoint {
      verification.count(checkpoint)
    } else if verification.problems.isEmpty {
      let (bundle, problems) = try bundle(.unverified)
      verification.problems += problems
      if problems.isEmpty { verification.count(try read(bundle, .unverified).checkpoint) }
    }
    verification.notes.append(
      "\(DistributedMetadata.fileName) has no checksum: that its pieces tile each tensor was proved"
    )
    verification.problems += lostKeys.map {
      CheckpointError(.missing, file: folder.table.path, place: $0, reason: Self.lost)
    }
    verification.notes += unnamedPieces
    let count = unprotected.withLock { $0 } + companions.unprotectedCount
    if count > 0 {
      verification.notes.append("\(count) part\(count == 1 ? "" : "s") without a checksum")
    }
    return verification
  }

  /// Compares the files beside the pieces with their checksums.
  private func verifyCompanions(
    _ known: ReadChecksums?
  ) throws -> (problems: [CheckpointError], unprotectedCount: Int) {
    var problems: [CheckpointError] = []
    var unprotectedCount = 0
    for (_, file) in folder.companions {
      guard case .zip = try DistributedFolder.form(of: file) else {
        unprotectedCount += 1
        continue
      }
      do throws(CheckpointError) {
        let result = try CheckpointError.reporting(file.path) {
          try ZipArchive(file).accounted().verify(known: known)
        }
        problems += result.problems.map(\.error)
        unprotectedCount += result.unprotectedCount
      } catch {
        guard error.code == .damaged else { throw error }
        problems.append(error)
      }
    }
    return (problems, unprotectedCount)
  }

  // MARK: Facts

  /// `bytes` and names of the files; `keys`, `pieces`, `tensors` and `objects`; how many tensors are in
  /// several pieces; and of each file (`ranks`) how many pieces it has, and the bytes of them.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [:]
      let paths =
        ([DistributedMetadata.fileName] + folder.metadata.files).map {
          "\(folder.path)/\($0)"
        } + folder.companions.map(\.file.path)
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
