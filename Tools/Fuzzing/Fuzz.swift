// Runs libFuzzer on one of the targets: see `Tools/scripts/fuzz`.

import Files

/// libFuzzer's own main, which parses its options and calls back with one input after the other.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
  _ argumentCount: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

nonisolated(unsafe) private let workplace = Workplace()

private let target: FuzzTarget = {
  guard let target = FuzzSettings["BALLAST_FUZZ_TARGET"].flatMap(FuzzTarget.init) else {
    trap("BALLAST_FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  return target
}()

/// The compiler takes programs for the fuzzer as libraries, without statements outside of functions.
@main enum Fuzz {
  static func main() {
    var argumentCount = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&argumentCount, &arguments) { bytes, count in
      target.run(UnsafeRawBufferPointer(start: bytes, count: count), in: workplace)
      return 0
    }
  }
}
