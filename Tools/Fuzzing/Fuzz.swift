// Runs libFuzzer on one of the targets, or makes the inputs it begins with: see `Tools/scripts/fuzz`.

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
  static func main() throws {
    // One input is small: threads would take longer to begin than the work does.
    Threads.count = 1
    if let folder = FuzzSettings["BALLAST_FUZZ_SEEDS"] {
      return try Seeds(in: folder, workplace).make(CommandLine.arguments.dropFirst())
    }
    var argumentCount = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&argumentCount, &arguments) { bytes, count in
      target.run(UnsafeRawBufferPointer(start: bytes, count: count), in: workplace)
      return 0
    }
  }
}

/// Called by libFuzzer, when it is there, to make an input of another one.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
  _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var mutation = Mutation(UnsafeMutableBufferPointer(start: bytes, count: limit), seed: seed)
  return mutation.mutate(count, as: target)
}
