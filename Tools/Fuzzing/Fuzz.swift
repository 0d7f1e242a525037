// Runs libFuzzer on one of the targets, or makes the inputs it begins with: see `Tools/scripts/fuzz`.

import Files
import Platform

nonisolated(unsafe) private let workplace = Workplace()

private let target: FuzzTarget = {
  guard let target = FuzzSettings["BALLAST_FUZZ_TARGET"].flatMap(FuzzTarget.init) else {
    trap("BALLAST_FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  return target
}()

/// Called by libFuzzer, which has the program's main, before anything else.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
  _: UnsafeMutablePointer<Int32>?,
  _: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> Int32 {
  // One input is small: threads would take longer to begin than the work does.
  Threads.count = 1
  guard let folder = FuzzSettings["BALLAST_FUZZ_SEEDS"] else { return 0 }
  do {
    try Seeds(in: folder, workplace).make(CommandLine.arguments.dropFirst())
  } catch {
    trap("no inputs to begin with: \(error)")
  }
  exit(0)
}

/// Called by libFuzzer with one input after the other.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target.run(UnsafeRawBufferPointer(start: bytes, count: count), in: workplace)
  return 0
}

/// Called by libFuzzer, when it is there, to make an input of another one.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
  _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var mutation = Mutation(UnsafeMutableBufferPointer(start: bytes, count: limit), seed: seed)
  return mutation.mutate(count, as: target)
}
