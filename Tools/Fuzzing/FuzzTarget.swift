import Checkpoints
import Files
import Interchange
import States

/// A part of the library that is given bytes of the fuzzer's.
///
/// Whatever the bytes are, the part has to answer or to throw. It is a fault if it traps, touches
/// memory that is not its own, takes more than the fuzzer's limits of time and memory, or writes what
/// it then reads otherwise without having said so.
enum FuzzTarget: String, CaseIterable {
  /// A pickle, as a whole file and with tensors in an archive.
  case pickleFile = "pickle"
  /// A zip archive of PyTorch's, Keras's or NumPy's.
  case zipArchive = "zip"
  case safetensorsFile = "safetensors"
  case ggufFile = "gguf"
  case onnxFile = "onnx"
  /// A single array of NumPy's.
  case npyFile = "npy"
  /// HDF5 of any layout, our own included.
  case hdf5File = "hdf5"
  /// The `config.json` of a Keras model, beside weights that are sound.
  case kerasConfig = "keras-config"
  case json
  /// The rules of a mapping.
  case mapping
  /// A file of any format: opened, converted, verified and compared.
  case pipeline

  /// Gives bytes to the part.
  func run(_ bytes: UnsafeRawBufferPointer, in workplace: Workplace) {
    do {
      switch self {
      case .pickleFile:
        _ = try? OpenedCheckpoint(
          workplace.write(bytes, to: "in.pkl"), format: .pytorch, access: .mapped)
        let archive = FuzzArchive(PickleSurroundings.members(around: Array(bytes)))
        let path = workplace.write(archive.bytes, to: "in.pth")
        _ = try OpenedCheckpoint(path, format: .pytorch, access: .mapped).facts
      case .zipArchive: try read(workplace.write(bytes, to: "in"), as: nil)
      case .safetensorsFile:
        try read(workplace.write(bytes, to: "in.safetensors"), as: .safetensors)
      case .ggufFile:
        let path = workplace.write(bytes, to: "in.gguf")
        _ = try? OpenedCheckpoint(path, format: .gguf, access: .mapped).checkpoint.dequantized()
        try read(path, as: .gguf)
      case .onnxFile:
        let path = workplace.write(bytes, to: "in.onnx")
        // As a template, too.
        var options = WriteOptions()
        options.isDurable = false
        options.onnx.template = path
        _ = try? OpenedCheckpoint(path, format: .onnx, access: .mapped).checkpoint
          .write(to: workplace.path(of: "out.onnx"), format: .onnx, options: options)
        try read(path, as: .onnx)
      case .npyFile: try read(workplace.write(bytes, to: "in.npy"), as: .numpy)
      case .hdf5File: try read(workplace.write(bytes, to: "in.h5"), as: nil)
      case .kerasConfig:
        for path in workplace.kerasModels(config: Array(bytes)) {
          _ = try? OpenedCheckpoint(path, format: .keras, access: .mapped)
        }
      case .json:
        let value = try Value(json: bytes)
        guard try Value(json: value.json()) == value else { trap("JSON that changes") }
      case .mapping:
        let mapping = try TensorMapping(json: bytes)
        _ = try? mapping.apply(to: workplace.smallCheckpoint)
        _ = try? mapping.inverted().apply(to: workplace.smallCheckpoint)
      case .pipeline: try convert(bytes, workplace)
      }
    } catch {
      // An error is an answer.
    }
  }

  /// Reads a file in every way.
  private func read(_ path: String, as format: FileFormat?) throws {
    // What cannot be opened without a look at its tensors cannot be otherwise.
    let opened = try OpenedCheckpoint(path, format: format, access: .mapped)
    _ = try? opened.facts
    _ = try? opened.check().finish()
    _ = try? Verification(path, format: format)
    _ = try? OpenedCheckpoint(path, format: format, access: .verified)
  }

  /// Converts a file, reads the copy, and compares, as `ballast-verify --round-trip` does: what differs
  /// has to have been told.
  private func convert(_ bytes: UnsafeRawBufferPointer, _ workplace: Workplace) throws {
    let opened = try OpenedCheckpoint(workplace.write(bytes, to: "in"), access: .mapped)
    // The format follows from the bytes, so that an input always does the same.
    let formats = [FileFormat.ballast, .pytorch, .safetensors, .numpy, .gguf, .onnx]
    let format = formats[bytes.reduce(0) { ($0 + Int($1)) % formats.count }]
    let copy = workplace.path(of: "out.\(format.endings[0])")
    var options = WriteOptions()
    options.isDurable = false
    let summary = try opened.checkpoint.write(to: copy, format: format, options: options)
    let again: OpenedCheckpoint
    do {
      if let problem = try Verification(copy, format: format).problems.first { throw problem }
      again = try OpenedCheckpoint(copy, format: format, access: .mapped)
    } catch {
      trap("a copy that cannot be read: \(error)")
    }
    let comparison = try CheckpointComparison(
      opened.checkpoint, again.checkpoint, extent: .everything)
    let losses = summary.losses + again.losses
    for (name, difference) in comparison.differences
    where !losses.contains(where: { $0.explains(difference, of: name) }) {
      trap("a copy as \(format.id) that differs in \(name): \(difference)")
    }
  }
}
