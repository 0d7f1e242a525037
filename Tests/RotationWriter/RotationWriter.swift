import Ballast

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Saves one checkpoint after the other until it is killed, or up to the last step, and says which are done.
///
///     rotation-writer folder step [last step]
///
/// What the tests of ``CheckpointManager`` kill. Each checkpoint has a metric that follows from its
/// step, so that whoever looks at the folder knows which ones should be there.
@main
struct RotationWriter {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard (3...4).contains(arguments.count), let first = Int(arguments[2]),
      let last = arguments.count == 4 ? Int(arguments[3]) : .max
    else { exit(64) }
    let manager = try CheckpointManager(
      folder: arguments[1], keepingLast: 2, best: .init(2, by: "score", .highest))
    // What is asked for is that nothing waits for the disk, which a manager does not heed.
    var options = WriteOptions()
    options.isDurable = false
    for step in first...last {
      let values = (0..<20_000).map { Float(step * 31 + $0) }
      let state: StateDict = ["weight": NDArray(values), "step": NDArray(Int64(step))]
      // Some are written in the background, as in a training.
      if step.isMultiple(of: 3) {
        let save = manager.saveAsync(
          Checkpoint(state: state), step: step, metrics: ["score": score(step)],
          options: options)
        try save.wait()
      } else {
        try manager.save(
          Checkpoint(state: state), step: step, metrics: ["score": score(step)], options: options)
      }
      print(step)
      fflush(nil)
    }
  }

  /// Jumps up and down, so that the best are seldom the last.
  static func score(_ step: Int) -> Double { Double(step * 7919 % 1009) }
}
