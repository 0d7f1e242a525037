import Arrays
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// Reads checkpoints from NumPy's `.npz` archives, folders of `.npy` files, and single ones.
///
/// The key of an array is its name in the archive. In a folder it is the path, whose parts are
/// joined by dots: `conv1/weight.npy` is `conv1.weight`, as `conv1.weight.npy` is. A single file has
/// the key that its own name is.
struct NumPyReader {
  private let probe: FileProbe
  private let access: Access
  private var path: String { probe.path }

  /// Beyond this an archive has to hold a hundredth of what it claims to expand to.
  private static let harmlessByteCount = 256 << 20
  private static let maximumExpansion = 100
  /// A mapped file takes a descriptor, of which a process has a thousand or so.
  private static let mappedFileCount = 256

  init(_ probe: FileProbe, _ access: Access) {
    self.probe = probe
    self.access = access
  }

  /// The checkpoint, and what reading it could not carry over.
  func read() throws -> ReadResult {
    var losses: [ConversionLoss] = []
    var contents: OrderedDictionary<String, NPYContent>
    var isFolder = false
    if probe.isFolder {
      isFolder = true
      (contents, losses) = try folderContents()
    } else {
      if NumPyFormat.isArray(probe) {
        let (name, file) = (probe.name, try probe.file)
        let stem = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
        contents = [
          stem: try NPYContent(
            try FileRegion(file, 0..<file.byteCount), isMapped: access != .verified, file: path)
        ]
      } else {
        (contents, losses) = try archiveContents()
      }
    }
    let outline = try contents.removeValue(forKey: NumPyPlan.outlineName).map(text)
    if isFolder, outline == nil { contents = try joinedByDots(contents) }
    let collection = ArrayCollection(
      file: path, tensors: contents.mapValues(\.array), outline: outline)
    var result = try collection.checkpoint()
    result.losses += losses
    result.losses += result.checkpoint.state.entries.compactMap { key, entry -> ConversionLoss? in
      guard contents[key]?.header.isVoid == true, entry.array.dtype.kind == .unsignedInteger
      else { return nil }
      return ConversionLoss(
        .dtypeChanged, key, "the file does not say its type; its bits are \(entry.array.dtype)")
    }
    return result
  }

  private func text(_ outline: NPYContent) throws(CheckpointError) -> String {
    let bytes = outline.array.withContiguousBytes { [UInt8](copying: $0) }
    guard outline.array.dtype == .uint8, let text = String(validating: bytes, as: UTF8.self) else {
      throw CheckpointError(
        .damaged, file: path, place: NumPyPlan.outlineName, reason: "it is no text")
    }
    return text
  }

  // MARK: - Folders

  private func folderContents() throws -> (
    OrderedDictionary<String, NPYContent>, losses: [ConversionLoss]
  ) {
    let names = try NumPyFolder.files(in: path)
    guard !names.isEmpty else {
      throw CheckpointError(
        .notThisFormat, file: path, reason: "it is a folder without .npy files")
    }
    let isMapped = access != .verified && names.count <= Self.mappedFileCount
    return try named(names) { number in
      let place = path + "/" + names[number]
      let file = try InputFile(place)
      return try NPYContent(
        try FileRegion(file, 0..<file.byteCount), isMapped: isMapped, file: place)
    }
  }

  private func joinedByDots(
    _ contents: OrderedDictionary<String, NPYContent>
  ) throws(CheckpointError) -> OrderedDictionary<String, NPYContent> {
    var joined: OrderedDictionary<String, NPYContent> = [:]
    for (name, content) in contents {
      let key = name.replacing("/", with: ".")
      guard joined.updateValue(content, forKey: key) == nil else {
        throw CheckpointError(
          .damaged, file: path, place: name, reason: "another file has the same key, \(key)")
      }
    }
    return joined
  }

  // MARK: - Archives

  private func archiveContents() throws -> (
    OrderedDictionary<String, NPYContent>, losses: [ConversionLoss]
  ) {
    guard let listed = try probe.zip() else {
      throw CheckpointError(
        .notThisFormat, file: path, reason: "it is neither an array of NumPy nor an archive of them"
      )
    }
    let isNumPys =
      listed.entries.isEmpty || listed.entries.contains { $0.name.hasSuffix(".npy") }
    // NumPy looks at the directory alone, and does not see what other archives the file holds.
    guard isNumPys, let archive = try probe.accountedZip() else {
      throw CheckpointError(
        .notThisFormat, file: path, reason: "it is a zip archive without .npy members")
    }
    let arrays = archive.entries.filter { $0.name.hasSuffix(".npy") }
    let others = archive.entries.filter { !$0.name.hasSuffix(".npy") }
    try checkExpansion(arrays)
    let (contents, losses) = try named(arrays.map(\.name)) {
      try content(of: arrays[$0], in: archive)
    }
    return (
      contents, losses + others.map { ConversionLoss(.tensorDropped, $0.name, "it is no array") }
    )
  }

  /// Refuses an archive that was made to fill the memory.
  private func checkExpansion(_ entries: [ZipArchive.Entry]) throws(CheckpointError) {
    var (expanded, packed) = (0, 0)
    for entry in entries where entry.method != .stored {
      let (sum, overflow) = expanded.addingReportingOverflow(entry.byteCount)
      expanded = overflow ? .max : sum
      packed += entry.packedByteCount
    }
    guard expanded <= Self.harmlessByteCount || expanded / Self.maximumExpansion <= packed else {
      throw CheckpointError(
        .refused, file: path,
        reason: "its \(packed) compressed bytes claim to hold \(expanded)")
    }
  }

  private func content(
    of entry: ZipArchive.Entry, in archive: ZipArchive
  ) throws -> NPYContent {
    guard let region = try archive.region(of: entry) else {
      let storage =
        try access == .unverified
        ? archive.storage(of: entry) : archive.verifiedStorage(of: entry)
      return try NPYContent(storage, file: path, place: entry.name)
    }
    if access == .verified { try archive.verifyCRC(of: entry) }
    return try NPYContent(
      region, isMapped: access != .verified, file: path, place: entry.name)
  }

  // MARK: - Several arrays

  /// The arrays of these files by name, and losses for those of what no tensor holds: texts, records
  /// and Python's objects cost themselves, and not the others.
  ///
  /// - Throws: Also the first of these errors if there is nothing else in the file.
  private func named(
    _ names: [String], _ content: @Sendable (Int) throws -> NPYContent
  ) throws -> (OrderedDictionary<String, NPYContent>, losses: [ConversionLoss]) {
    let results = Mutex([Int: Result<NPYContent, CheckpointError>]())
    try Parallel.forEach(names.count) { number in
      let result: Result<NPYContent, CheckpointError>
      do {
        result = .success(try content(number))
      } catch let error as CheckpointError where error.code == .unsupported {
        result = .failure(error)
      }
      results.withLock { $0[number] = result }
    }
    var contents: OrderedDictionary<String, NPYContent> = [:]
    var losses: [ConversionLoss] = []
    var firstFailure: CheckpointError?
    for (number, result) in results.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      let name = String(names[number].dropLast(4))
      switch result {
      case .failure(let error):
        losses.append(ConversionLoss(.tensorDropped, name, error.reason))
        firstFailure = firstFailure ?? error
      case .success(let content):
        guard contents.updateValue(content, forKey: name) == nil else {
          throw CheckpointError(
            .unsupported, file: path, place: name,
            reason: "two arrays have names that differ only in how they encode an accent",
            advice: "Rename one of them.")
        }
      }
    }
    if contents.isEmpty, let firstFailure { throw firstFailure }
    return (contents, losses)
  }
}
