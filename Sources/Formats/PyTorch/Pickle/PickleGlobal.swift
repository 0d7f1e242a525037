import Arrays

/// A class or function that a pickle names, and what the name stands for here.
///
/// No name leads to code of anybody's. Those in the table below are data types that this package
/// knows how to fill; every other name is only a name.
final class PickleGlobal {
  /// The name with its module, as the pickle has it.
  let name: String
  /// The module, by its present name, and the name in it.
  let module: String
  let qualifiedName: String
  /// The present name, where Python or a library renamed it.
  let presentName: String
  let meaning: Meaning

  enum Meaning {
    /// A storage class; nil for plain bytes.
    case storage(DType?)
    /// A storage class for numbers that need more than their bits to be understood.
    case quantizedStorage
    case dtype(DType)
    case constructor(Constructor)
    /// A function that makes a sort of tensor that is not read. The text says which.
    case unsupported(String)
    /// A built-in type that is only mentioned, such as the `int` of a `defaultdict(int)`.
    case plainType
    /// A name of ``DangerousNames``.
    case forbidden
    case unknown
  }

  /// What can be made from arguments.
  enum Constructor {
    case dict
    case defaultDict
    case set
    case list
    case tuple
    case byteArray
    case bytes
    case complex
    case encode
    /// Kept as a name and arguments.
    case opaque
    /// Gives its first argument.
    case identity
    case newObject
    case newObjectWithKeywords
    case reconstructor
    case device
    case layout
    case tensorV1
    case tensorV2
    case tensorV3
    case parameter
    case fromType
    case metaTensor
    case tensorFromNumPy
    case numpyType
    case numpyScalar
    case numpyReconstruct
    case numpyFromBuffer
  }

  init(module: String, name qualifiedName: String) {
    name = "\(module).\(qualifiedName)"
    let canonical = Self.canonicalModule(module)
    self.module = canonical
    let plain = "\(canonical).\(qualifiedName)"
    presentName = Self.renamed[plain] ?? plain
    self.qualifiedName = String(presentName.dropFirst(canonical.count + 1))
    if let known = Self.table[presentName] {
      meaning = known
    } else if let name = Self.dtypeName(canonical, qualifiedName) {
      meaning = .dtype(name)
    } else if DangerousNames.contains(module: canonical, name: qualifiedName) {
      meaning = .forbidden
    } else {
      meaning = .unknown
    }
  }

  /// The present name of a module that was renamed.
  private static func canonicalModule(_ module: String) -> String {
    switch module {
    case "__builtin__": "builtins"
    case "copy_reg": "copyreg"
    case "exceptions": "builtins"
    case "numpy.core.multiarray": "numpy._core.multiarray"
    case "numpy.core.numeric": "numpy._core.numeric"
    case "pathlib._local": "pathlib"
    case "torch.cuda": "torch"
    default: module
    }
  }

  /// Built-in names of Python 2, which protocols 0 to 2 still use.
  private static let renamed = [
    "builtins.xrange": "builtins.range", "builtins.unicode": "builtins.str",
    "builtins.long": "builtins.int",
  ]

  private static func dtypeName(_ module: String, _ name: String) -> DType? {
    guard module == "torch" else { return nil }
    switch name {
    case "half": return .float16
    case "float": return .float32
    case "double": return .float64
    case "short": return .int16
    case "int": return .int32
    case "long": return .int64
    case "chalf": return .complex32
    case "cfloat": return .complex64
    case "cdouble": return .complex128
    default: return DType(rawValue: name)
    }
  }
}
