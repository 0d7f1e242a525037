import Checkpoints
import Files
import OrderedCollections
import States

/// A checkpoint read from a file of any format, and what is worth knowing about the reading.
///
/// ```swift
/// let opened = try OpenedCheckpoint("model.pth")
/// for loss in opened.losses { print(loss) }
/// try opened.checkpoint.write(to: "model.h5", format: .ballast)
/// ```
public struct OpenedCheckpoint: Sendable {
  /// The file.
  public let path: String
  /// Its format.
  public let format: FileFormat
  /// What was read.
  public var result: ReadResult

  /// The file, open: it can be read again, and verified.
  let source: any CheckpointSource
  let probe: FileProbe
  /// What the file was read as, if only a part of that was taken, or names were given.
  private var whole: Checkpoint?

  /// Opens a file and reads it.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: Its format; found by the content if nil.
  ///   - access: How tensors come into memory, and what is compared with checksums. By default they are
  ///     copied: whatever happens to the file afterwards changes nothing. What is mapped belongs to the
  ///     file, which nobody may write while it is used.
  ///   - options: What is read, where the path leads to several checkpoints.
  /// - Throws: `CheckpointError`: `inputOutput` if the file cannot be read, `notThisFormat` if it
  ///   is of another format or of none, with what it seems to be; `newerVersion`, `damaged`,
  ///   `refused` or `unsupported` as the format's reader finds.
  public init(
    _ path: String, format: FileFormat? = nil, access: Access = .verified,
    options: ReadOptions = ReadOptions()
  ) throws(CheckpointError) {
    let probe = try FileProbe(path, options: options)
    let format = try FileFormat.detect(probe, unless: format)
    let source = try format.reporting(probe) { try format.implementation.open(probe, access) }
    var result = try format.reporting(probe) { try source.read() }
    if let root = options.root, !root.isEmpty, !format.traits.readsRoots {
      whole = result.checkpoint
      try result.takeRoot(root, file: path)
    }
    if let part = result.partOf {
      for (id, entry) in part.origin.entries where result.checkpoint.origin[id] == nil {
        guard let known = FileFormat(id: id)?.implementation else { continue }
        result.checkpoint.origin[id] = known.originEntry(entry, ofPartWith: part.keys)
      }
    }
    if options.hasOptimizerInOrder {
      whole = whole ?? result.checkpoint
      try result.nameOptimizerInOrder(file: path)
    }
    if let note = AdapterKeys.note(result.checkpoint) { result.notes.append(note) }
    // The checkpoint has them too, for callers that take nothing else.
    result.checkpoint.losses = result.losses
    result.checkpoint.notes = result.notes
    result.checkpoint.form = FileForm(format: format.id, containers: result.containers)
    self.path = path
    self.format = format
    self.probe = probe
    self.source = source
    self.result = result
  }

  /// What was read. Its tensors are views of the mapped file, or own their values.
  ///
  /// It also has the losses and notes of the reading, as they were when the file was opened: what
  /// is added to ``losses`` or ``notes`` later is not in it.
  public var checkpoint: Checkpoint {
    get { result.checkpoint }
    set { result.checkpoint = newValue }
  }

  /// By which rule each tensor of the model was found to be a parameter or a buffer. Empty for a
  /// format that says so itself.
  public var roleRules: OrderedDictionary<String, RoleRule> { result.roleRules }

  /// What is worth knowing, a sentence each.
  public var notes: [String] {
    get { result.notes }
    set { result.notes = newValue }
  }

  /// What the file holds, and the checkpoint does not.
  public var losses: [ConversionLoss] {
    get { result.losses }
    set { result.losses = newValue }
  }

  /// A check of the file against its checksums, of which what is read on the way to another file
  /// need not be read again.
  ///
  /// Only for a file that was opened with `Access.mapped`, before its keys are changed.
  public func check() -> InputCheck { InputCheck(source, of: whole ?? checkpoint, file: path) }

  /// Whether another file has the same bytes, so that whatever is in them is the same.
  ///
  /// Never of a folder or of an index, whose other files may differ, nor if another part of it was
  /// read.
  ///
  /// - Throws: `CheckpointError` if a file cannot be read.
  public func hasSameBytes(as other: OpenedCheckpoint) throws(CheckpointError) -> Bool {
    guard !probe.isFolder, !other.probe.isFolder, probe.head.first != UInt8(ascii: "{"),
      probe.options == other.probe.options
    else { return false }
    let (mine, theirs) = (try probe.file, try other.probe.file)
    guard mine.byteCount == theirs.byteCount else { return false }
    return try CheckpointError.reporting(path) {
      let pieceByteCount = 1 << 20
      for start in stride(from: 0, to: mine.byteCount, by: pieceByteCount) {
        let range = start..<min(start + pieceByteCount, mine.byteCount)
        guard try mine.bytes(in: range) == theirs.bytes(in: range) else { return false }
      }
      return true
    }
  }

  /// How the file is made, beyond the checkpoint that is in it, by name.
  ///
  /// Every file has `format` and `bytes`, of several files those of all and of their index; and
  /// what is a zip archive has `members` with their sizes.
  /// A PyTorch file has `container`, `version` and `globals`, the classes and functions that its
  /// pickle names; safetensors have `metadata`; a Ballast file has `producer`, `stored_bytes`, and
  /// `compressed`, the number of tensors that are.
  ///
  /// - Throws: `CheckpointError` if what is needed for the facts cannot be read, or is damaged.
  public var facts: OrderedDictionary<String, Value> {
    get throws(CheckpointError) { try Self.facts(probe, format, source) }
  }

  /// The ``facts`` of a file that need not be sound enough to be read: no checkpoint is made of
  /// it.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: Its format; found by the content if nil.
  ///   - options: Which checkpoint is meant, where the path leads to several.
  /// - Throws: `CheckpointError` if the file cannot be opened as one of its format.
  public static func facts(
    of path: String, format: FileFormat? = nil, options: ReadOptions = ReadOptions()
  ) throws(CheckpointError) -> OrderedDictionary<String, Value> {
    let probe = try FileProbe(path, options: options)
    let format = try FileFormat.detect(probe, unless: format)
    let source = try format.reporting(probe) {
      try format.implementation.open(probe, .unverified)
    }
    return try facts(probe, format, source)
  }

  private static func facts(
    _ probe: FileProbe, _ format: FileFormat, _ source: any CheckpointSource
  ) throws(CheckpointError) -> OrderedDictionary<String, Value> {
    var facts: OrderedDictionary<String, Value> = ["format": .string(format.id)]
    if !probe.isFolder { facts["bytes"] = .int(try probe.file.byteCount) }
    let own = try CheckpointError.reporting(probe.path) { try source.facts }
    facts.merge(own) { $1 }
    if let archive = try probe.zip() {
      facts["members"] = .list(
        archive.entries.map { entry in
          [
            "name": .string(entry.name), "bytes": .int(entry.byteCount),
            "packed_bytes": .int(entry.packedByteCount), "checksum": .bool(entry.hasChecksum),
          ]
        })
    }
    return facts
  }
}

extension Verification {
  /// Reads a file of any format from end to end, a block at a time, and compares it with the
  /// checksums in it.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: Its format; found by the content if nil.
  ///   - options: What is read, where the path leads to several checkpoints.
  /// - Throws: `CheckpointError` if the file cannot be read, is of no known format, or needs what
  ///   is refused or not supported. Damage is not thrown, but reported in `Verification.problems`,
  ///   also if the file is too damaged to be opened.
  public init(
    _ path: String, format: FileFormat? = nil, options: ReadOptions = ReadOptions()
  ) throws(CheckpointError) {
    let probe = try FileProbe(path, options: options)
    let format = try FileFormat.detect(probe, unless: format)
    do throws(CheckpointError) {
      self = try format.reporting(probe) {
        try format.implementation.open(probe, .unverified).verify(known: nil, of: nil)
      }
    } catch {
      guard error.code == .damaged else { throw error }
      self.init()
      problems = [error]
    }
  }
}
