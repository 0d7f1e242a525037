import Platform

/// Makes a system call again as long as a signal interrupts it before it has done anything.
///
/// Not for `close`, after which the descriptor is gone however it ended.
///
/// - Parameter call: Makes the call, which gives a negative number and sets `errno` if it fails.
func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

// MARK: - Calls by path

// The system's calls of these names, for Swift's strings. Each is sound because the system only reads
// the path, which ends with NUL and is valid during the call, and fills at most the structure or
// buffer that it is given.

func open(_ path: String, _ flags: Int32, _ permissions: mode_t = 0) -> Int32 {
  unsafe path.withCString { unsafe open($0, flags, permissions) }
}

@discardableResult
func unlink(_ path: String) -> Int32 { unsafe path.withCString { unsafe unlink($0) } }

@discardableResult
func rmdir(_ path: String) -> Int32 { unsafe path.withCString { unsafe rmdir($0) } }

func mkdir(_ path: String, _ permissions: mode_t) -> Int32 {
  unsafe path.withCString { unsafe mkdir($0, permissions) }
}

@discardableResult
func rename(_ source: String, _ target: String) -> Int32 {
  unsafe source.withCString { source in
    unsafe target.withCString { unsafe rename(source, $0) }
  }
}

func link(_ source: String, _ target: String) -> Int32 {
  unsafe source.withCString { source in
    unsafe target.withCString { unsafe link(source, $0) }
  }
}

/// The path without symbolic links; nil, with `errno` set, if there is none.
func realpath(_ path: String) -> String? {
  guard let real = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return nil }
  defer { unsafe free(real) }
  return unsafe String(cString: real)
}
