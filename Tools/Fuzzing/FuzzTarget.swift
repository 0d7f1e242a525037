import Checkpoints
import Files
import Interchange
import States

/// A part of the library that is given bytes of the fuzzer's.
///
/// Whatever the bytes are, the part has to answer or to throw. It is a fault if it traps, touches
/// memory that is not its own, takes more than the fuzzer's limits of time and memory, or accepts what
/// it then cannot write and read again.
enum FuzzTarget: String, CaseIterable {
  /// A pickle that is a whole file.
  case pickleFile = "pickle"
  /// A zip archive of PyTorch's, Keras's or NumPy's.
  case zipArchive = "zip"
  case safetensorsFile = "safetensors"
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
      case .pickleFile: try open(bytes, named: "in.pkl", as: .pytorch, workplace)
      case .zipArchive:
        for (name, format) in [
          ("in.pth", FileFormat.pytorch), ("in.npz", .numpy), ("in.keras", .keras),
        ] {
          _ = try? open(bytes, named: name, as: format, workplace)
        }
      case .safetensorsFile: try open(bytes, named: "in.safetensors", as: .safetensors, workplace)
      case .npyFile: try open(bytes, named: "in.npy", as: .numpy, workplace)
      case .hdf5File: try open(bytes, named: "in.h5", as: nil, workplace)
      case .kerasConfig: try workplace.withKerasModel(config: bytes) { try read($0, as: .keras) }
      case .json:
        let value = try Value(json: Array(bytes))
        guard try Value(json: value.json()) == value else { trap("JSON that changes") }
      case .mapping: _ = try TensorMapping(json: Array(bytes))
      case .pipeline: try convert(bytes, workplace)
      }
    } catch {
      // An error is an answer.
    }
  }

  private func open(
    _ bytes: UnsafeRawBufferPointer, named name: String, as format: FileFormat?,
    _ workplace: Workplace
  ) throws {
    try read(workplace.write(bytes, to: name), as: format)
  }

  /// Reads a file in every way.
  private func read(_ path: String, as format: FileFormat?) throws {
    _ = try? Verification(path)
    _ = try? OpenedCheckpoint.facts(of: path)
    _ = try? OpenedCheckpoint(path, format: format, access: .unverified)
    _ = try OpenedCheckpoint(path, format: format, access: .verified)
  }

  /// What one file says is what its copy says.
  private func convert(_ bytes: UnsafeRawBufferPointer, _ workplace: Workplace) throws {
    let opened = try OpenedCheckpoint(workplace.write(bytes, to: "in"))
    let copy = workplace.path(of: "out.h5")
    var options = WriteOptions()
    options.isDurable = false
    _ = try opened.checkpoint.write(to: copy, format: .ballast, options: options)
    guard try Verification(copy).problems.isEmpty else { trap("a copy that is damaged") }
    let again = try OpenedCheckpoint(copy, access: .verified).checkpoint
    let comparison = try CheckpointComparison(opened.checkpoint, again)
    guard comparison.differences.isEmpty else {
      trap("a copy that differs: \(comparison.differences[0])")
    }
  }
}
