/// Names of classes and functions through which a pickle can reach the operating system or the
/// interpreter, or load another file.
///
/// Nothing depends on the list being complete: nothing is ever called, whatever its name is. It is there
/// to say plainly what a file is, also if it only mentions such a name.
enum DangerousNames {
  /// Whether the name is one of them.
  ///
  /// - Parameters:
  ///   - module: The module, by its present name.
  ///   - name: The name in it, which may lead through the attributes of classes: `Outer.Inner`.
  static func contains(module: String, name: String) -> Bool {
    if harmless.contains("\(module).\(name)") { return false }
    let root = String(module.prefix { $0 != "." })
    let parts = name.split(separator: ".").map(String.init)
    if root == "builtins" { return parts.contains { builtins.contains($0) || isInner($0) } }
    if modules.contains(root) || loaders.contains("\(module).\(name)") { return true }
    if loaders.contains(where: { $0.hasSuffix(".*") && "\(module).".hasPrefix($0.dropLast()) }) {
      return true
    }
    // A name may lead through the attributes of a module: "serialization.os".
    return parts.contains { shortcuts.contains($0) || isInner($0) }
      || parts.dropLast().contains { modules.contains($0) }
  }

  /// Whether a name is one of those by which Python's objects lead to all others.
  static func isInner(_ name: String) -> Bool { inner.contains(name) }

  /// Whether a text that is given to a call which looks attributes up, such as `operator.attrgetter`, leads
  /// to what a program could be run by.
  static func isDangerousAttribute(_ text: String) -> Bool {
    text.split(separator: ".").map(String.init).contains {
      isInner($0) || shortcuts.contains($0) || runners.contains($0) || builtins.contains($0)
    }
  }

  /// The names of functions that look attributes up.
  static let lookups: Set<String> = [
    "operator.attrgetter", "operator.methodcaller", "_operator.attrgetter",
    "_operator.methodcaller",
  ]

  /// Methods and functions that run a program.
  private static let runners: Set<String> = [
    "system", "popen", "Popen", "execv", "execve", "execl", "execvp", "spawnv", "spawnl", "fork",
    "posix_spawn", "check_output", "check_call", "getoutput", "run_path", "run_module",
    "import_module",
  ]

  /// Modules whose names all are.
  private static let modules: Set<String> = [
    "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "_posixsubprocess",
    "importlib",
    "runpy", "shutil", "socket", "ctypes", "_ctypes", "cffi", "pickle", "_pickle", "cPickle",
    "dill",
    "cloudpickle", "joblib", "marshal", "shelve", "code", "codeop", "pty", "commands", "popen2",
    "tempfile", "threading", "_thread", "thread", "multiprocessing", "asyncio", "signal", "gc",
    "webbrowser", "http", "httplib", "urllib", "urllib2", "requests", "aiohttp", "ftplib",
    "smtplib",
    "imaplib", "poplib", "ssl", "pdb", "bdb", "timeit", "trace", "profile", "cProfile", "pip",
    "ensurepip", "venv", "distutils", "zipimport", "pkgutil", "pydoc", "doctest", "linecache",
    "atexit", "mmap", "fcntl", "pwd", "imp", "telnetlib", "xmlrpc", "idlelib", "lib2to3",
  ]

  /// Classes of those modules that only make values: enumerations, records and errors. No functions, by
  /// whose globals their modules are reached.
  private static let harmless: Set<String> = [
    "http.HTTPStatus", "http.HTTPMethod", "signal.Signals", "signal.Handlers", "signal.Sigmasks",
    "ssl.TLSVersion", "ssl.VerifyMode", "ssl.Options", "ssl.AlertDescription", "ssl.SSLErrorNumber",
    "socket.AddressFamily", "socket.SocketKind", "socket.AddressInfo", "socket.MsgFlag",
    "os.stat_result", "os.statvfs_result", "os.terminal_size", "posix.times_result",
    "posix.uname_result",
    // What older protocols call `subprocess`.
    "commands.CompletedProcess", "commands.CalledProcessError", "commands.TimeoutExpired",
    "subprocess.CompletedProcess",
    "subprocess.CalledProcessError",
    "subprocess.TimeoutExpired", "pickle.PickleError", "pickle.PicklingError",
    "pickle.UnpicklingError",
    "_pickle.PickleError", "_pickle.PicklingError", "_pickle.UnpicklingError",
    "urllib.error.HTTPError",
    "urllib.error.URLError", "urllib.parse.ParseResult", "urllib.parse.SplitResult",
    "asyncio.exceptions.CancelledError", "asyncio.exceptions.TimeoutError",
    "requests.exceptions.HTTPError", "requests.exceptions.ConnectionError",
    "requests.exceptions.Timeout",
  ]

  /// Built-in functions that are; the others only make values.
  private static let builtins: Set<String> = [
    "eval", "exec", "execfile", "compile", "open", "file", "__import__", "input", "raw_input",
    "breakpoint", "globals", "locals", "vars", "setattr", "delattr", "exit", "quit", "help",
    "apply",
    "reload",
  ]

  /// Single names, and modules of libraries that are harmless otherwise.
  private static let loaders: Set<String> = [
    "torch.load", "torch.serialization.load", "torch.jit.load", "torch.hub.*", "torch.package.*",
    "torch.jit.unsupported_tensor_ops.*", "torch.utils.bottleneck.*", "torch.utils.cpp_extension.*",
    "torch.utils.collect_env.*", "torch.utils._config_module.*", "torch._inductor.*",
    "torch._dynamo.*", "torch.utils.data.datapipes.utils.decoder.*",
    "torch.fx.experimental.symbolic_shapes.*", "torch.ops.load_library",
    "torch.classes.load_library", "numpy.load", "numpy.lib.npyio.load", "numpy.testing.*",
    "numpy.f2py.*", "numpy.distutils.*", "numpy.ctypeslib.*", "io.open", "io.open_code",
    "io.FileIO",
    "_io.open", "_io.FileIO", "types.CodeType", "types.FunctionType", "logging.config.*",
    "pandas.read_pickle", "pandas.io.*",
  ]

  /// Modules as attributes of others.
  private static let shortcuts: Set<String> = [
    "os", "posix", "sys", "subprocess", "builtins", "importlib", "shutil", "socket", "ctypes",
    "pty",
    "runpy", "pickle",
  ]

  private static let inner: Set<String> = [
    "__globals__", "__builtins__", "__subclasses__", "__import__", "__code__", "__dict__",
    "__bases__", "__mro__", "__base__", "__class__", "__loader__", "__spec__", "__getattribute__",
    "__reduce__", "__reduce_ex__", "__closure__", "__func__", "__self__", "__wrapped__",
  ]
}
