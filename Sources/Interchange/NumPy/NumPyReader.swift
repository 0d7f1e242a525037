import Arrays
import OrderedCollections
import States
import Synchronization

/// Reads checkpoints from NumPy's `.npz` archives, folders of `.npy` files, and single ones.
///
/// The key of an array is its name in the archive. In a folder it is the path, whose parts are
/// joined by dots: `conv1/weight.npy` is `conv1.weight`, as `conv1.weight.npy` is. A single file has
/// the key that its own name is.
struct NumPyReader {
  private let path: String
  private let reading: OpenedCheckpoint.Reading

  /// Beyond this an archive has to hold a hundredth of what it claims to expand to.
  private static let harmlessByteCount = 256 << 20
  private static let largestExpansion = 100
  /// A mapped file takes a descriptor, of which a process has a thousand or so.
  private static let mappedFileCount = 256

  init(_ path: String, _ reading: OpenedCheckpoint.Reading) {
    self.path = path
    self.reading = reading
  }

  /// The checkpoint, and what reading it could not carry over.
  func read() throws -> (result: ArrayCollection.Result, losses: [Loss]) {
    var notes: [String] = []
    var contents: OrderedDictionary<String, NPYContent>
    var isFolder = false
    if NumPyFolder.isFolder(path) {
      isFolder = true
      contents = try folderContents()
    } else {
      let file = try InputFile(path)
      if try file.bytes(in: 0..<min(file.byteCount, 6)) == NPYHeader.magic {
        let name = String(path.split(separator: "/").last ?? "array")
        let stem = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
        contents = [
          stem: try NPYContent(
            try FileRegion(file, 0..<file.byteCount), isMapped: reading != .verified, file: path)
        ]
      } else {
        (contents, notes) = try archiveContents(file)
      }
    }
    let outline = try contents.removeValue(forKey: NumPyPlan.outlineName).map(text)
    if isFolder, outline == nil { contents = try joinedByDots(contents) }
    let collection = ArrayCollection(
      file: path, tensors: contents.mapValues(\.array), outline: outline)
    var result = try collection.checkpoint()
    result.notes += notes
    let losses = result.checkpoint.state.entries.compactMap { key, entry -> Loss? in
      guard contents[key]?.header.isVoid == true, entry.array.dtype.kind == .unsignedInteger
      else { return nil }
      return Loss(
        .dtypeChanged, key, "the file does not say its type; its bits are \(entry.array.dtype)")
    }
    return (result, losses)
  }

  private func text(_ outline: NPYContent) throws(InterchangeError) -> String {
    let bytes = outline.array.withContiguousBytes { Array($0) }
    guard outline.array.dtype == .uint8, let text = String(validating: bytes, as: UTF8.self) else {
      throw InterchangeError(
        .damaged, file: path, place: NumPyPlan.outlineName, reason: "it is no text")
    }
    return text
  }

  // MARK: - Folders

  private func folderContents() throws -> OrderedDictionary<String, NPYContent> {
    let names = try NumPyFolder.files(in: path)
    guard !names.isEmpty else {
      throw InterchangeError(
        .notThisFormat, file: path, reason: "it is a folder without .npy files")
    }
    let isMapped = reading != .verified && names.count <= Self.mappedFileCount
    let contents = try inParallel(names.count) { number in
      let place = path + "/" + names[number]
      let file = try InputFile(place)
      return try NPYContent(
        try FileRegion(file, 0..<file.byteCount), isMapped: isMapped, file: place)
    }
    return OrderedDictionary(
      zip(names.map { String($0.dropLast(4)) }, contents), uniquingKeysWith: { $1 })
  }

  private func joinedByDots(
    _ contents: OrderedDictionary<String, NPYContent>
  ) throws(InterchangeError) -> OrderedDictionary<String, NPYContent> {
    var joined: OrderedDictionary<String, NPYContent> = [:]
    for (name, content) in contents {
      let key = name.replacing("/", with: ".")
      guard joined.updateValue(content, forKey: key) == nil else {
        throw InterchangeError(
          .damaged, file: path, place: name, reason: "another file has the same key, \(key)")
      }
    }
    return joined
  }

  // MARK: - Archives

  /// The archive at a path; nil for a folder and a single array, which have no checksums.
  static func archive(_ path: String) throws -> ZipArchive? {
    guard !NumPyFolder.isFolder(path) else { return nil }
    let file = try InputFile(path)
    let isArray = try file.bytes(in: 0..<min(file.byteCount, 6)) == NPYHeader.magic
    return isArray ? nil : try ZipArchive(file)
  }

  private func archiveContents(
    _ file: InputFile
  ) throws -> (OrderedDictionary<String, NPYContent>, notes: [String]) {
    let archive = try ZipArchive(file)
    let arrays = archive.entries.filter { $0.name.hasSuffix(".npy") }
    let others = archive.entries.filter { !$0.name.hasSuffix(".npy") }
    guard !arrays.isEmpty || others.isEmpty else {
      throw InterchangeError(
        .notThisFormat, file: path, reason: "it is a zip archive without .npy members")
    }
    try checkExpansion(arrays)
    let contents = try inParallel(arrays.count) { try content(of: arrays[$0], in: archive) }
    return (
      OrderedDictionary(
        zip(arrays.map { String($0.name.dropLast(4)) }, contents), uniquingKeysWith: { $1 }),
      others.map { "\($0.name): it is no array and was left out" }
    )
  }

  /// Refuses an archive that was made to fill the memory.
  private func checkExpansion(_ entries: [ZipArchive.Entry]) throws(InterchangeError) {
    var (expanded, packed) = (0, 0)
    for entry in entries where entry.method != .stored {
      let (sum, overflow) = expanded.addingReportingOverflow(entry.byteCount)
      expanded = overflow ? .max : sum
      packed += entry.packedByteCount
    }
    guard expanded <= Self.harmlessByteCount || expanded / Self.largestExpansion <= packed else {
      throw InterchangeError(
        .refused, file: path,
        reason: "its \(packed) compressed bytes claim to hold \(expanded)")
    }
  }

  private func content(
    of entry: ZipArchive.Entry, in archive: ZipArchive
  ) throws -> NPYContent {
    guard let region = try archive.region(of: entry) else {
      let storage =
        try reading == .unverified
        ? archive.storage(of: entry) : archive.verifiedStorage(of: entry)
      return try NPYContent(storage, file: path, place: entry.name)
    }
    if reading == .verified { try archive.verifyCRC(of: entry) }
    return try NPYContent(
      region, isMapped: reading != .verified, file: path, place: entry.name)
  }

  private func inParallel(
    _ count: Int, _ body: @Sendable (Int) throws -> NPYContent
  ) throws -> [NPYContent] {
    let results = Mutex([Int: NPYContent]())
    try Parallel.forEach(count) { number in
      let content = try body(number)
      results.withLock { $0[number] = content }
    }
    let contents = results.withLock { $0 }
    return (0..<count).compactMap { contents[$0] }
  }
}

extension FileVerification {
  /// Compares every member of an archive with its checksum; `.npy` files have none.
  mutating func verifyNumPy(_ path: String) throws {
    let checkpoint: Checkpoint
    do {
      checkpoint = try NumPyReader(path, .unverified).read().result.checkpoint
    } catch let error as InterchangeError {
      guard error.code == .damaged else { throw error }
      problems = [error]
      return
    }
    let tensors = checkpoint.namedTensors
    tensorCount = tensors.count
    byteCount = tensors.reduce(0) { $0 + $1.array.byteCount }
    guard let archive = try NumPyReader.archive(path) else {
      notes = [".npy files have no checksums; only their structure was verified"]
      return
    }
    let found = try archive.verify()
    problems = found.problems.map(\.error)
    let count = found.unprotectedCount
    if count > 0 { notes = ["\(count) of its members have no checksum"] }
  }
}
