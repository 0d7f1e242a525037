import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Writes the tensors of a checkpoint into a model that is there: all else is copied to the byte.
struct ONNXTemplateWriter: WritePlan {
  private let match: ONNXTemplateMatch
  private let template: ONNXFile
  private let path: String
  private let options: WriteOptions
  /// The paths of the files beside the output, by those from the template's folder.
  private let externalPaths: OrderedDictionary<ExactString, String>

  var losses: [ConversionLoss] { match.losses }

  /// Finds out which tensor goes where.
  ///
  /// - Parameter name: The path of the template.
  /// - Throws: `CheckpointError`, also what opening the template throws.
  init(
    _ checkpoint: Checkpoint, template name: String, to path: String, _ options: WriteOptions
  ) throws(CheckpointError) {
    template = try ONNXFile(FileProbe(name).file)
    match = try ONNXTemplateMatch(checkpoint, template, file: path, options)
    self.path = path
    self.options = options
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var externalPaths: OrderedDictionary<ExactString, String> = [:]
    let isInPlace = FileStatus(path)?.identity == template.file.identity
    for (location, file) in template.externalFiles.sorted(by: { $0.key.string < $1.key.string }) {
      let target = folder + location.string
      guard target != path else {
        throw CheckpointError(
          .unsupported, file: path,
          reason: "the template has the elements of tensors in a file of this name",
          advice: "Give the output another name.")
      }
      guard isInPlace || FileStatus(target)?.identity != file.identity else {
        throw CheckpointError(
          .unsupported, file: path,
          reason: "\(target), which would be written beside it, belongs to the template",
          advice: "Write into another folder.")
      }
      externalPaths[location] = target
    }
    self.externalPaths = externalPaths
    try checkTargets()
  }

  /// Refuses to replace files that are not those of the model that is replaced: they may be another's.
  private func checkTargets() throws(CheckpointError) {
    let there = externalPaths.values.filter { FileStatus(ofLink: $0) != nil }
    guard !there.isEmpty else { return }
    var mine: Set<InputFile.Identity> = []
    // What is no model has no files.
    if FileStatus(path) != nil, let old = try? ONNXFile(FileProbe(path).file) {
      mine = Set(old.externalFiles.values.map(\.identity))
    }
    for target in there {
      guard let status = FileStatus(ofLink: target), mine.contains(status.identity) else {
        throw CheckpointError(
          .unsupported, file: path,
          reason:
            "\(target), which would be written beside it, is there already and no file of the model that is "
            + "replaced",
          advice: "Write into another folder, or remove it.")
      }
    }
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    if !externalPaths.isEmpty { try ONNXWriter.checkNoLink(path) }
    let file = try options.replacement(of: path)
    let externals = try externalPaths.mapValues { try options.replacement(of: $0) }
    try file.reserve(template.file.byteCount)
    var items: [TensorStream.Item] = []
    for part in match.parts {
      let target = part.location.flatMap { externals[$0] } ?? file
      items.append(
        .init(part.array, as: part.writtenAs, to: .file(target, offset: part.range.lowerBound)))
    }
    _ = try TensorStream(items, threads: options.threads, recording: input?.seen).write()
    // After the tensors: what joins small ones writes zeros between them.
    var byteCount = template.file.byteCount
    let taken = Dictionary(grouping: match.parts, by: \.location).mapValues { parts in
      parts.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
    }
    try copyRest(of: template.file, to: file, but: taken[nil] ?? [])
    for (location, target) in externals {
      guard let source = template.externalFiles[location] else { continue }
      try copyRest(of: source, to: target, but: taken[location] ?? [])
      byteCount += source.byteCount
    }
    try options.commit(Array(externals.values) + [file], checking: input)
    return WriteSummary(
      tensorCount: match.keyCount, tensorByteCount: match.parts.reduce(0) { $0 + $1.range.count },
      fileByteCount: byteCount, losses: losses)
  }

  private static let pieceByteCount = 1 << 20

  /// Copies what no tensor goes to: all but some ranges, in order and apart.
  private func copyRest(
    of source: InputFile, to target: ReplacementFile, but taken: [Range<Int>]
  ) throws(FileError) {
    var position = 0
    for range in taken + [source.byteCount..<source.byteCount] {
      while position < range.lowerBound {
        let piece = position..<min(position + Self.pieceByteCount, range.lowerBound)
        try target.write(source.bytes(in: piece), at: piece.lowerBound)
        position = piece.upperBound
      }
      position = range.upperBound
    }
    try source.checkIsUnchanged()
  }
}
