import Arrays
import Files

/// OpenBLAS, the library that multiplies matrices.
///
/// It is opened when the first product needs it, and not linked: a program that multiplies nothing
/// neither waits for it nor needs it. The few functions that are used are declared here, as CBLAS
/// has them (<https://netlib.org/blas/#_cblas>), so that a build needs no headers of it.
package struct OpenBLAS: Sendable {
  /// `cblas_sgemm`: the order, how a and b are stored, rows, columns, inner, alpha, a, lda, b, ldb,
  /// beta, c, ldc.
  typealias Float32Product =
    @Sendable @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafeRawPointer, Int32,
      UnsafeRawPointer, Int32, Float, UnsafeMutableRawPointer, Int32
    ) -> Void
  /// `cblas_dgemm`: the same of `Double`.
  typealias Float64Product =
    @Sendable @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Double, UnsafeRawPointer, Int32,
      UnsafeRawPointer, Int32, Double, UnsafeMutableRawPointer, Int32
    ) -> Void

  /// `CblasRowMajor`, `CblasNoTrans` and `CblasTrans`.
  static let (rowMajor, notTransposed, transposed): (Int32, Int32, Int32) = (101, 111, 112)

  let multiplyFloat32: Float32Product
  let multiplyFloat64: Float64Product
  /// The set of kernels that it multiplies with, such as `Haswell`.
  package let core: String
  /// Its version, such as 0.3.21.
  package let version: String

  /// The library, opened if it is not open yet.
  ///
  /// - Throws: `FileError` if it is not installed, or is not what it should be.
  package static func open() throws(FileError) -> OpenBLAS { try opened.get() }

  /// The library for a product. The program ends with a sentence where there is none.
  static let shared: OpenBLAS = {
    do throws(FileError) { return try open() } catch { trap("\(error)") }
  }()

  private static let opened = Result { () throws(FileError) in
    do throws(FileError) {
      return try OpenBLAS(installedName, variables: startVariables)
    } catch {
      throw FileError(
        error.operation, path: error.path, reason: "\(error.reason); \(howToInstall)")
    }
  }

  #if canImport(Darwin)
    #if arch(arm64)
      private static let installedName = "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"
    #else
      private static let installedName = "/usr/local/opt/openblas/lib/libopenblas.dylib"
    #endif
    private static let howToInstall =
      "matrices are multiplied by OpenBLAS, which `brew install openblas` installs"
  #else
    private static let installedName = "libopenblas.so.0"
    private static let howToInstall =
      "matrices are multiplied by OpenBLAS, which `apt install libopenblas0` installs"
  #endif

  /// Opens a library, with the variables that it finds in the environment while it starts.
  ///
  /// - Throws: `FileError` if there is none of that name, it lacks a function, or its sizes are not
  ///   those of CBLAS.
  package init(_ name: String, variables: [String]) throws(FileError) {
    let library = try DynamicLibrary(name, variables: variables)
    typealias Text = @convention(c) () -> UnsafePointer<CChar>?
    typealias SetCount = @convention(c) (Int32) -> Void
    multiplyFloat32 = try library.function("cblas_sgemm")
    multiplyFloat64 = try library.function("cblas_dgemm")
    let configuration: Text = try library.function("openblas_get_config")
    let coreName: Text = try library.function("openblas_get_corename")
    let setThreadCount: SetCount = try library.function("openblas_set_num_threads")

    // Such as "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=128".
    let words = configuration().map { String(cString: $0).split(separator: " ") } ?? []
    guard !words.contains("USE64BITINT") else {
      throw FileError(
        "load", path: library.name, reason: "its sizes have 64 bits, and those of CBLAS 32")
    }
    version = words.count > 1 ? String(words[1]) : "of unknown version"
    core = coreName().map { String(cString: $0) } ?? "unknown"
    // Work is divided between the threads that all operations share. The library may have been
    // opened before, by another part of the program, and then has threads of its own.
    setThreadCount(1)
  }
}

extension OpenBLAS: CustomStringConvertible {
  /// Its version and what it multiplies with, such as `OpenBLAS 0.3.21 (Haswell)`.
  package var description: String { "OpenBLAS \(version) (\(core))" }
}
