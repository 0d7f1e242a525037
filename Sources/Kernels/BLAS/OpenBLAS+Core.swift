import CKernels
import Platform

extension OpenBLAS {
  /// The variable by which OpenBLAS is told which kernels to take.
  package static let coreVariable = "OPENBLAS_CORETYPE"

  /// The kernels for a processor, by what it can do; nil to leave the choice to OpenBLAS.
  ///
  /// OpenBLAS itself chooses by the processor's model number. A version that is older than the
  /// processor does not know its number, and may take kernels of 2004: 0.3.21, of Debian 12, does
  /// so on Intel's server model 207 (Emerald Rapids), where training then takes several times as
  /// long.
  package static func core(for processor: CKProcessor) -> String? {
    if processor.has_avx512 { return "SkylakeX" }
    if processor.has_avx2 { return processor.is_amd ? "Zen" : "Haswell" }
    return nil
  }

  /// The variables to add to the environment in which OpenBLAS starts.
  ///
  /// - Parameters:
  ///   - processor: The features of the processor.
  ///   - userCore: The user's setting of ``coreVariable``, which is kept; nil if there is none.
  package static func startVariables(
    for processor: CKProcessor, userCore: String?
  ) -> [String] {
    // Threads of its own would have nothing to do.
    let variables = ["OPENBLAS_NUM_THREADS=1"]
    guard userCore == nil, let core = core(for: processor) else { return variables }
    return variables + ["\(coreVariable)=\(core)"]
  }

  static var startVariables: [String] {
    startVariables(
      for: ck_processor(), userCore: getenv(coreVariable).map { String(cString: $0) })
  }
}
