import OrderedCollections
import States

/// What a checkpoint keeps of the file from which it came, for the way back to that file's format.
///
/// Examples are how PyTorch's object was put together, which variables of Keras are which tensors,
/// the paths of an HDF5 file, and the text by which safetensors name a framework. Every writer
/// stores it, no reader but that of the same format looks at it, and it never decides how another
/// format is written. `Checkpoint.metadata` holds none of it.
public struct Origin: Sendable {
  /// What each format keeps, by the format's name (`FileFormat.id`), in its own terms.
  public private(set) var entries: OrderedDictionary<String, Value> = [:]

  /// An origin without entries: the checkpoint came from no file, or from one whose format keeps
  /// nothing for the way back.
  public init() {}

  /// Whether no format keeps anything.
  public var isEmpty: Bool { entries.isEmpty }

  /// What a format keeps.
  ///
  /// - Parameter format: Its name, `FileFormat.id`.
  public subscript(format: String) -> Value? {
    get { entries[format] }
    set { entries[format] = newValue }
  }

  /// The origin without the entry of a format, whose own files say the same in another way.
  package func without(_ format: String) -> Origin {
    var rest = self
    rest[format] = nil
    return rest
  }
}

extension Checkpoint {
  /// Whether a file of the checkpoint has to say that it has an origin, be it an empty one.
  ///
  /// Files from before there was one kept its entries among the metadata. Where a name there could
  /// be taken for such an entry, only an origin beside it says that it is the user's: see
  /// ``moveFormerEntriesToOrigin(takesFormat:)``.
  package var needsOrigin: Bool { !origin.isEmpty || hasFormerOriginNames }

  /// Whether the user's metadata have names under which entries of the origin were kept before it.
  package var hasFormerOriginNames: Bool {
    namesFramework
      || metadata.keys.contains { $0.hasPrefix("ballast.") || $0.hasPrefix("hdf5.") }
  }

  /// Whether the user's metadata have a text that a safetensors file has for the framework's name.
  package var namesFramework: Bool {
    metadata["format"]?.stringValue.map(Self.frameworks.contains) ?? false
  }

  /// Moves to ``origin`` what Ballast kept in the metadata before version 0.1, under names that
  /// begin with `ballast.` or `hdf5.`.
  ///
  /// Only for a file that Ballast wrote and that has no origin, not even an empty one: in all
  /// others such metadata are the user's. A text `format` that names a framework came from a
  /// safetensors file.
  ///
  /// - Parameter takesFormat: Whether `format` may be such a text. In the files of other programs
  ///   it is the user's.
  package mutating func moveFormerEntriesToOrigin(takesFormat: Bool) {
    for (name, format) in Self.formerNames where origin[format] == nil {
      guard let value = metadata.removeValue(forKey: name) else { continue }
      origin[format] = value
    }
    guard takesFormat, origin["safetensors"] == nil,
      let framework = metadata["format"]?.stringValue, Self.frameworks.contains(framework)
    else { return }
    metadata["format"] = nil
    origin["safetensors"] = ["texts": ["format": .string(framework)]]
  }

  private static let formerNames = [
    ("ballast.pytorch", "pytorch"), ("ballast.keras", "keras"), ("hdf5.paths", "hdf5"),
  ]
  /// What libraries write as `format` into the header of a safetensors file: PyTorch, TensorFlow,
  /// Flax, NumPy, MLX.
  package static let frameworks: Set = ["pt", "tf", "flax", "np", "mlx"]
}
