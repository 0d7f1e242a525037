import Ballast
import Foundation
import Kernels

// Takes lines "MODEL BATCH THREADS STEPS" and answers each with the milliseconds per step, those of
// processor time, and the loss of every step. `Tools/Benchmarks/training.py` asks, and measures
// PyTorch in between. To the line "kernels" the answer is what multiplies matrices.
//
// A model begins from seed 42 when it is first asked for at a batch size, and is kept.

/// Writes a line at once; `print` would wait for a full buffer.
func answer(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

var workloads: [String: Workload] = [:]
let wallClock = ContinuousClock()

while let line = readLine() {
  if line == "kernels" {
    do { answer("\(try OpenBLAS.open())") } catch { answer("error: \(error)") }
    continue
  }
  let words = line.split(separator: " ")
  guard words.count == 4, let batch = Int(words[1]), let threads = Int(words[2]),
    let steps = Int(words[3])
  else {
    answer("error: not MODEL BATCH THREADS STEPS: \(line)")
    continue
  }
  let key = words[0...2].joined(separator: " ")
  let made = workloads[key] ?? Workload(String(words[0]), batch: batch)
  guard let workload = made else {
    answer("error: no model \(words[0])")
    continue
  }
  workloads[key] = workload
  Threads.count = threads
  var losses: [Float] = []
  let before = clock()
  let time = wallClock.measure {
    losses = workload.train(steps: steps)
  }
  // POSIX counts processor time in microseconds.
  let used = Duration.microseconds(clock() - before)
  let perStep = [time, used].map { $0 / .milliseconds(1) / Double(max(steps, 1)) }
  answer((perStep + losses.map(Double.init)).map { "\($0)" }.joined(separator: " "))
}
