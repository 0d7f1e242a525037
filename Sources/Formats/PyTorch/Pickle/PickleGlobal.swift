import Arrays

/// A class or function that a pickle names, and what the name stands for here.
///
/// No name leads to code of anybody's. Those in the table below are data types that this package
/// knows how to fill; every other name is only a name.
struct PickleGlobal {
  /// The name with its module, as the pickle has it.
  let name: String
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
    /// A name in a module of the operating system or the interpreter.
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
    presentName = Self.renamed["\(canonical).\(qualifiedName)"] ?? "\(canonical).\(qualifiedName)"
    if let known = Self.table[presentName] {
      meaning = known
    } else if let name = Self.dtypeName(canonical, qualifiedName) {
      meaning = .dtype(name)
    } else if Self.isForbidden(canonical, qualifiedName) {
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

  /// Modules through which a pickle can reach the operating system or the interpreter.
  ///
  /// Nothing depends on this list being complete: names outside it cannot be called either. It
  /// is there to say plainly what a file is, even if it only mentions such a name.
  private static let forbiddenModules: Set<String> = [
    "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "builtins", "importlib",
    "runpy", "shutil", "socket", "ctypes", "_ctypes", "cffi", "pickle", "_pickle", "cPickle",
    "dill", "cloudpickle", "marshal", "codeop", "pty", "commands", "popen2", "tempfile",
    "threading", "_thread", "thread", "multiprocessing", "asyncio", "signal", "gc", "inspect",
    "webbrowser", "http", "httplib", "urllib", "urllib2", "requests", "ftplib", "smtplib", "ssl",
    "pdb", "bdb", "timeit", "cProfile", "pip", "ensurepip", "zipimport", "pkgutil", "pydoc",
    "doctest", "linecache", "atexit", "mmap", "fcntl", "pwd", "operator",
    "_operator", "imp", "telnetlib", "xmlrpc",
  ]

  private static func isForbidden(_ module: String, _ name: String) -> Bool {
    let root = module.prefix { $0 != "." }
    if forbiddenModules.contains(String(root)) { return true }
    // From protocol 4 on, a name may lead through the attributes of a module: "serialization.os".
    return name.split(separator: ".").dropLast().contains { forbiddenModules.contains(String($0)) }
  }
}
