import Ballast

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Saves one checkpoint after the other until it is killed, and says which are done.
///
///     rotation-writer folder step
///
/// What the tests of ``CheckpointManager`` kill. Each checkpoint has a metric that follows from its
/// step, so that whoever looks at the folder knows which ones should be there.
@main
struct RotationWriter {
  static func main() throws {
    guard CommandLine.arguments.count == 3, let first = Int(CommandLine.arguments[2]) else {
      exit(64)
    }
    let manager = try CheckpointManager(
      folder: CommandLine.arguments[1], keepingLast: 2, best: .init(2, by: "score", .highest))
    for step in first... {
      let values = (0..<20_000).map { Float(step * 31 + $0) }
      let state: StateDict = ["weight": NDArray(values), "step": NDArray(Int64(step))]
      // Some are written in the background, as in a training.
      if step.isMultiple(of: 3) {
        let save = manager.saveAsync(
          Checkpoint(state: state), step: step, metrics: ["score": score(step)])
        try save.wait()
      } else {
        try manager.save(Checkpoint(state: state), step: step, metrics: ["score": score(step)])
      }
      print(step)
      fflush(nil)
    }
  }

  /// Jumps up and down, so that the best are seldom the last.
  static func score(_ step: Int) -> Double { Double(step * 7919 % 1009) }
}
