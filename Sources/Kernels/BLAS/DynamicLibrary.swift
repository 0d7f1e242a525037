import Arrays
import CKernels
import Files
import Platform

/// A library that is opened while the program runs, and stays open.
struct DynamicLibrary {
  /// Its path, or the name that the loader found it by.
  let name: String
  private let handle: UnsafeMutableRawPointer

  /// Opens a library, which thereby starts.
  ///
  /// - Parameters:
  ///   - name: A path, or a name that the loader looks for.
  ///   - variables: What the library finds in the environment while it starts, as `NAME=VALUE`.
  /// - Throws: `FileError` with the loader's reason.
  init(_ name: String, variables: [String]) throws(FileError) {
    var opened: UnsafeMutableRawPointer?
    var reason = "there is no memory for its environment"
    Environment.adding(variables) {
      opened = dlopen(name, RTLD_NOW | RTLD_LOCAL)
      if opened == nil { reason = dlerror().map { String(cString: $0) } ?? "no reason is given" }
    }
    guard let opened else {
      // The loader's sentence begins with the name, as the error's does.
      let prefix = "\(name): "
      if reason.hasPrefix(prefix) { reason.removeFirst(prefix.count) }
      throw FileError("load", path: name, reason: reason)
    }
    self.name = name
    handle = opened
  }

  /// A function of the library.
  ///
  /// The caller is responsible for its type: a library gives only the address of a function.
  ///
  /// - Throws: `FileError` if the library does not have it.
  func function<Function>(
    _ symbol: String, as type: Function.Type = Function.self
  ) throws(FileError) -> Function {
    guard let address = dlsym(handle, symbol) else {
      throw FileError("load", path: name, reason: "it has no function \(symbol)")
    }
    return unsafeBitCast(address, to: type)
  }
}

/// The variables that a program was started with.
package enum Environment {
  /// Calls `body` while there are more variables, each written `NAME=VALUE`, which hide others of
  /// their name.
  ///
  /// Threads that look up variables meanwhile are not disturbed, and what another thread sets
  /// meanwhile stays set. If there is no memory for it, `body` is not called.
  package static func adding(_ variables: [String], _ body: () -> Void) {
    // Never freed: another thread may have found one and be reading it still.
    var added = variables.map { strdup($0) }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { context in
        _ = ck_with_variables(
          &added, added.count, { $0?.assumingMemoryBound(to: (() -> Void).self).pointee() },
          UnsafeMutableRawPointer(mutating: context))
      }
    }
  }
}
