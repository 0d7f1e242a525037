import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// The safetensors files that several processes wrote, each with its pieces of the tensors.
///
/// `HuggingFaceStorageWriter` of `torch.distributed.checkpoint` 2.13 with `save_distributed` writes
/// `shard-00001-model-00001-of-00001.safetensors` and so on, the first number that of the process, from 1 on.
/// The tensors in a file have the names of the whole and the shapes of the pieces; where a piece begins is in
/// the header's text `DCP_SHARDING_INFO`, `{"w": {"saved_offsets": [3, 0]}}`. So a reader that knows nothing
/// of it takes a piece for the whole. Nothing says how large the whole is, nor how many processes there
/// were: it reaches as far as the farthest piece, and the pieces have to tile that.
struct SafetensorsPieces {
  /// The file by which the others were found.
  let path: String
  /// The files of all processes, in order.
  let files: [SafetensorsFile]
  /// The tensors.
  let bundle: TensorBundle
  /// What is not known of the set, or is not kept of it.
  let losses: [ConversionLoss]
  /// The other texts of the headers.
  let metadata: OrderedDictionary<String, String>

  private static let key = "DCP_SHARDING_INFO"
  private static let versionKey = "DCP_VERSION"
  private static let prefix = "shard-"
  private static let suffix = ".safetensors"

  /// Gathers the files that belong to one of them; nil if it holds whole tensors.
  ///
  /// - Throws: `CheckpointError`: `damaged` if the pieces do not tile a tensor, or their types differ.
  init?(_ file: SafetensorsFile) throws(CheckpointError) {
    guard try Self.isPiece(file) else { return nil }
    path = file.path
    let folder = file.path.lastIndex(of: "/").map { String(file.path[...$0]) } ?? ""
    guard Self.name(of: file).hasPrefix(Self.prefix) else { throw Self.refusal(file) }
    let names = try reportingFileErrors { () throws(FileError) in
      try Folder.names(in: folder.isEmpty ? "." : folder).sorted()
    }
    var files: [SafetensorsFile] = []
    for name in names where name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix) {
      files.append(
        name == Self.name(of: file) ? file : try SafetensorsFile(folder + name))
    }
    var pieces: OrderedDictionary<String, [(box: Box, array: NDArray, file: String)]> = [:]
    var texts = SharedTexts()
    for file in files {
      guard let offsets = try Self.offsets(in: file) else {
        throw CheckpointError(
          .damaged, file: file.path,
          reason: "it lies among the pieces that several processes wrote, and has no \(Self.key)")
      }
      for (key, array) in file.tensors {
        let sizes = array.shape.dimensions
        guard let start = offsets[key] else {
          throw CheckpointError(
            .damaged, file: file.path, place: key,
            reason: "it is not said in \(Self.key) where its piece begins")
        }
        guard start.count == sizes.count,
          zip(start, sizes).allSatisfy({ $0 >= 0 && !$0.addingReportingOverflow($1).overflow })
        else {
          throw CheckpointError(
            .damaged, file: file.path, place: key,
            reason: "a piece of shape \(sizes.listed) is said to begin at \(start.listed)")
        }
        pieces[key, default: []].append((Box(start, sizes), array, file.path))
      }
      if let lost = offsets.keys.sorted().first(where: { file.tensors[$0] == nil }) {
        throw CheckpointError(
          .damaged, file: file.path, place: lost,
          reason: "\(Self.key) says where its piece begins, and the file has none")
      }
      for (key, text) in Self.withoutSharding(file.metadata) {
        texts.add(text, key, of: Self.name(of: file))
      }
    }
    var bundle = TensorBundle()
    for (key, parts) in pieces {
      try Self.add(key, parts, to: &bundle)
    }
    self.files = files
    self.bundle = bundle
    metadata = texts.first
    losses = Self.losses(files) + texts.losses
  }

  private static func add(
    _ key: String, _ parts: [(box: Box, array: NDArray, file: String)],
    to bundle: inout TensorBundle
  ) throws(CheckpointError) {
    guard let first = parts.first else { return }
    var shape = first.box.sizes.map { _ in 0 }
    for part in parts {
      guard part.box.sizes.count == shape.count, part.array.dtype == first.array.dtype else {
        throw CheckpointError(
          .damaged, file: part.file, place: key,
          reason: "its piece is of another type or number of axes than that in \(first.file)")
      }
      for axis in shape.indices {
        shape[axis] = max(shape[axis], part.box.offsets[axis] + part.box.sizes[axis])
      }
    }
    do throws(TensorBundle.Fault) {
      try bundle.add(
        key, first.array.dtype, shape: shape,
        pieces: parts.map { TensorBundle.Piece($0.box, $0.array) })
    } catch {
      throw CheckpointError(
        error.isUndecided ? .unsupported : .damaged, file: first.file, place: key,
        reason: "the pieces beside it do not make a tensor: \(error)",
        advice: error.isUndecided
          ? nil : "Each process writes files of its own: fetch those of all.")
    }
  }

  /// What nothing says of a set: how large the tensors are, and which files there were. A process that had no
  /// piece wrote no file, so that a number that is missing is a file that may be.
  private static func losses(_ files: [SafetensorsFile]) -> [ConversionLoss] {
    let count = files.count
    var losses = [
      ConversionLoss(
        .layoutGuessed, nil,
        "the tensors are in pieces in \(count) file\(count == 1 ? "" : "s"), and nothing says how many "
          + "processes wrote, nor how large a tensor is: it is taken to end where its last piece does"
      )
    ]
    let numbers = Set(files.compactMap(number))
    let most = 1 << 20
    let missing = (1...max(min(numbers.max() ?? 1, most), 1)).filter { !numbers.contains($0) }
    guard !missing.isEmpty else { return losses }
    let shown = missing.prefix(8).map(String.init).joined(separator: ", ")
    losses.append(
      ConversionLoss(
        .tensorDropped, nil,
        "there is no file of process \(shown)\(missing.count > 8 ? " and \(missing.count - 8) more" : ""): "
          + "whole tensors and the ends of others are missing, unless it had none"))
    return losses
  }

  /// The number of the process in the name of a file.
  private static func number(of file: SafetensorsFile) -> Int? {
    Int(name(of: file).dropFirst(prefix.count).prefix { ("0"..."9").contains($0) })
  }

  /// Refuses a file that holds pieces, for who takes it for the whole.
  static func requireWhole(_ file: SafetensorsFile) throws(CheckpointError) {
    if try isPiece(file) { throw refusal(file) }
  }

  /// The texts of a header without those that are of the way its tensors are cut.
  static func withoutSharding(
    _ metadata: OrderedDictionary<String, String>
  ) -> OrderedDictionary<String, String> {
    metadata.filter { $0.key != key && $0.key != versionKey }
  }

  /// What is not known of a file that is taken for a whole: the first process's pieces begin at zero too.
  static func doubts(of file: SafetensorsFile) -> [ConversionLoss] {
    guard file.metadata[key] != nil else { return [] }
    return [
      ConversionLoss(
        .layoutGuessed, nil,
        "\(key) says that each tensor begins at zero, as in a file that was consolidated, or in the first "
          + "process's under another name: it is taken for the whole")
    ]
  }

  private static func refusal(_ file: SafetensorsFile) -> CheckpointError {
    CheckpointError(
      .refused, file: file.path,
      reason: "it holds one process's pieces of tensors, by its \(key)",
      advice: "Name one of the files shard-….safetensors, beside those of all processes.")
  }

  /// Whether a file holds pieces: one does not begin at zero, or its name is that of a process's file.
  private static func isPiece(_ file: SafetensorsFile) throws(CheckpointError) -> Bool {
    guard let offsets = try offsets(in: file) else { return false }
    return name(of: file).hasPrefix(prefix)
      || offsets.values.contains { $0.contains { $0 != 0 } }
  }

  private static func name(of file: SafetensorsFile) -> String {
    file.path.split(separator: "/").last.map(String.init) ?? file.path
  }

  /// Where each piece begins; nil if the file says nothing of pieces.
  private static func offsets(
    in file: SafetensorsFile
  ) throws(CheckpointError) -> [String: [Int]]? {
    guard let text = file.metadata[key] else { return nil }
    func damaged(_ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file.path, place: key, reason: reason)
    }
    guard let value = try? Value(json: Array(text.utf8)), let members = value.dictionary else {
      throw damaged("it is no JSON of tensors")
    }
    var offsets: [String: [Int]] = [:]
    for (name, facts) in members {
      guard let numbers = facts["saved_offsets"]?.elements?.map(\.intValue) else {
        throw damaged("it does not say where the piece of \(name.text) begins")
      }
      let start = numbers.compactMap(\.self)
      guard start.count == numbers.count else {
        throw damaged("the piece of \(name.text) begins at what are no integers")
      }
      offsets[name.text] = start
    }
    return offsets
  }
}
