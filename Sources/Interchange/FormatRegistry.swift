@_exported import BallastFiles
@_exported import Checkpoints
@_exported import DeepSpeedFiles
@_exported import Files
@_exported import GGUFFiles
@_exported import HuggingFaceFiles
@_exported import KerasFiles
@_exported import MATLABFiles
@_exported import NumPyFiles
@_exported import ONNXFiles
@_exported import PlainHDF5Files
@_exported import PyTorchFiles
@_exported import SafetensorsFiles
@_exported import States

extension FileFormat: CaseIterable {
  /// All formats: the one list of them. A new format is a folder under `Formats/`, its target, and
  /// a line here.
  ///
  /// Of formats that recognise a file with the same certainty, the first one here is taken.
  public static let allCases: [FileFormat] = [
    .ballast,
    // Before the two of which its shards are.
    .huggingFace,
    // Before the one of which its files are.
    .deepSpeed,
    .pytorch,
    .pyTorchDistributed,
    .safetensors,
    .numpy,
    .gguf,
    .onnx,
    .keras,
    .kerasWeights,
    .kerasLegacy,
    // Before plain HDF5, as which their axes would be the wrong way round.
    .matlab,
    .octave,
    .jld2,
    .hdf5,
  ]

  /// The format of this name, as `FileFormat.id` gives it; nil if there is none.
  ///
  /// - Parameter id: `ballast`, `huggingface`, `pytorch`, `safetensors`, …, in lower case.
  public init?(id: String) {
    guard let format = Self.allCases.first(where: { $0.id == id }) else { return nil }
    self = format
  }

  /// The format of a file's name, by its ending; nil if that is no format's. The file need not
  /// exist.
  ///
  /// Upper and lower case are the same. Of two endings the longer one decides, so that
  /// `model.weights.h5` is Keras's and `model.h5` is Ballast's. A name that is an ending and
  /// nothing else has no format.
  ///
  /// ```swift
  /// FileFormat(fileName: "out/model.safetensors")   // .safetensors
  /// FileFormat(fileName: "model.txt")               // nil
  /// ```
  public init?(fileName: String) {
    let name = (fileName.split(separator: "/").last ?? "").lowercased()
    let endings = Self.allCases.flatMap { format in format.endings.map { (format, $0) } }
    let matches = endings.filter { name.hasSuffix("." + $0.1) && name.count > $0.1.count + 1 }
    guard let best = matches.max(by: { $0.1.count < $1.1.count }) else { return nil }
    self = best.0
  }

  /// The format of a file or folder, by its content alone, whatever its name says.
  ///
  /// The elements of tensors are not read.
  ///
  /// - Throws: `CheckpointError`: `inputOutput` if the file cannot be read; `notThisFormat`, which
  ///   says what the file seems to be, if it is of no known format.
  public static func detect(_ path: String) throws(CheckpointError) -> FileFormat {
    try detect(FileProbe(path))
  }

  /// The format of a file that is open, unless the caller knows it.
  ///
  /// - Throws: `CheckpointError`, also with code `unsupported` if a variant is to be read, and
  ///   the format has none.
  static func detect(
    _ probe: FileProbe, unless known: FileFormat? = nil
  ) throws(CheckpointError) -> FileFormat {
    let format = if let known { known } else { try recognise(probe).format }
    guard let variant = probe.options.variant, !format.traits.hasVariants else { return format }
    throw CheckpointError(
      .unsupported, file: probe.path,
      reason: "the variant \"\(variant)\" was requested, and \(format.displayName) files have none")
  }

  /// The format of a file that is open, and how sure that is: the first of the surest.
  private static func recognise(
    _ probe: FileProbe
  ) throws(CheckpointError) -> (format: FileFormat, recognition: Recognition) {
    var best: (format: FileFormat, recognition: Recognition)?
    for format in allCases {
      let recognition = try CheckpointError.reporting(probe.path) {
        try format.implementation.recognise(probe)
      }
      guard let recognition, recognition > (best?.recognition ?? .possible) || best == nil else {
        continue
      }
      best = (format, recognition)
      if recognition == .certain { break }
    }
    // What only may be a checkpoint is one only if it is nothing else.
    if best == nil || best?.recognition == .possible, let foreign = try ForeignFile(probe) {
      throw foreign.error(probe.path)
    }
    guard let best else { throw ForeignFile.unknown(probe) }
    return best
  }

  /// Runs `body`, which opens a file as one of this format, and gives what it throws as an error of
  /// a checkpoint's file. If the file is not of this format, the error says of which it is.
  func reporting<R>(
    _ probe: FileProbe, _ body: () throws -> R
  ) throws(CheckpointError) -> R {
    do throws(CheckpointError) {
      return try CheckpointError.reporting(probe.path, body)
    } catch {
      // What is of another format may look like a damaged file of this one.
      let isFolder = probe.isFolder && error.cause?.errno == nil
      guard [.notThisFormat, .damaged].contains(error.code) || isFolder else { throw error }
      let (other, recognition): (FileFormat, Recognition)
      do throws(CheckpointError) {
        (other, recognition) = try Self.recognise(probe)
      } catch let unknown {
        guard unknown.code != .inputOutput else { throw unknown }
        let isNamed = try ForeignFile(probe) != nil
        throw unknown.code == .notThisFormat && (isNamed || error.code != .damaged)
          ? unknown : error
      }
      guard other != self, error.code != .damaged || recognition == .certain else {
        throw error
      }
      throw CheckpointError(
        .notThisFormat, file: probe.path, place: error.place,
        reason: "it is a \(other.displayName) file, not a \(displayName) file")
    }
  }
}
