import Ballast
import Foundation
import Kernels

// Takes lines and answers each; `Tools/Benchmarks/inference.py` asks, and measures PyTorch in between.
//
//     kernels               what multiplies matrices
//     load NAME FILE        makes a model of the catalog and loads a file into it, strictly
//     inputs FILE           the inputs by name
//     output FILE           runs once and writes what comes out as `output`
//     run THREADS TIMES     the milliseconds of a run, and those of processor time

/// What the lines so far have set up.
struct Session {
  private var model = Module()
  private var inputs: [String: Tensor] = [:]
  private let clock = ContinuousClock()

  /// What a line asks for.
  mutating func answer(_ words: [String]) throws -> String {
    switch (words.first, words.count) {
    case ("kernels", 1): return "\(try OpenBLAS.open())"
    case ("load", 3):
      model = try ModelSpec(words[1]).description.build()
      try model.load(from: words[2])
      model.eval()
    case ("inputs", 2):
      let state = try Checkpoint(contentsOf: words[1]).state
      inputs = Dictionary(uniqueKeysWithValues: state.map { ($0.key, Tensor($0.value)) })
    case ("output", 2):
      try Checkpoint(state: ["output": output().array]).write(to: words[1], format: .safetensors)
    case ("run", 3): return try times(threads: words[1], count: words[2])
    default: throw Refusal(reason: "not a line that is known: \(words.joined(separator: " "))")
    }
    return "done"
  }

  private func times(threads: String, count: String) throws -> String {
    guard let threads = Int(threads), let count = Int(count), count > 0 else {
      throw Refusal(reason: "not THREADS TIMES: \(threads) \(count)")
    }
    Threads.count = threads
    let before = Foundation.clock()
    let time = try clock.measure {
      for _ in 0..<count { _ = try output() }
    }
    // POSIX counts processor time in microseconds.
    let used = Duration.microseconds(Foundation.clock() - before)
    return [time, used].map { "\($0 / .milliseconds(1) / Double(count))" }.joined(separator: " ")
  }

  private func output() throws -> Tensor {
    try noGrad {
      guard let named = model as? any NamedInputs else {
        guard let input = inputs["input"] else { throw Refusal(reason: "there is no input") }
        return model(input)
      }
      guard let output = try named.run(inputs).values.first else {
        throw Refusal(reason: "\(model.typeName) has no output")
      }
      return output
    }
  }
}

/// A line that cannot be followed.
struct Refusal: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}

var session = Session()
while let line = readLine() {
  let text: String
  do { text = try session.answer(line.split(separator: " ").map(String.init)) } catch {
    text = "error: \("\(error)".replacing("\n", with: " "))"
  }
  // At once: `print` would wait for a full buffer.
  FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}
