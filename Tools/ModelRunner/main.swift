import Ballast
import Foundation
import Kernels
import OrderedCollections

// Takes lines and answers each, for programs that hold models against PyTorch's: the benchmark
// `Tools/Benchmarks/inference.py` and the judge `Tools/Judges/models.py`.
//
//     kernels               what multiplies matrices
//     load SPEC FILE        makes a model and loads a file into it, strictly
//     adopt SPEC FILE       the milliseconds of making a model without memory and giving it a file's tensors
//     inputs FILE           the inputs by name
//     outputs FILE          runs once and writes what comes out
//     run THREADS TIMES     the milliseconds of a run, and those of processor time
//     step RATE             a step of SGD on the sum of the means of the squares of all outputs
//     save FILE             writes the model, in the format that the name tells

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
    case ("adopt", 3):
      let time = try clock.measure {
        model = try Device.with(.meta) { try ModelSpec(words[1]).description.build() }
        try model.load(from: words[2], assign: true)
      }
      return "\(time / .milliseconds(1))"
    case ("inputs", 2):
      let state = try Checkpoint(contentsOf: words[1]).state
      inputs = Dictionary(uniqueKeysWithValues: state.map { ($0.key, Tensor($0.value)) })
    case ("outputs", 2):
      var state = StateDict()
      for (name, tensor) in try noGrad({ try outputs() }) { state[name] = tensor.array }
      try Checkpoint(state: state).write(to: words[1], format: .safetensors)
    case ("step", 2):
      guard let rate = Double(words[1]) else { throw Refusal(reason: "not a rate: \(words[1])") }
      let losses = try outputs().values.filter(\.dtype.isFloatingPoint).map { $0.square().mean() }
      model.zeroGrad()
      Tensor.stack(losses).sum().backward()
      SGD(model, lr: rate).step()
    case ("save", 2): try model.save(to: words[1])
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
      for _ in 0..<count { _ = try noGrad { try outputs() } }
    }
    // POSIX counts processor time in microseconds.
    let used = Duration.microseconds(Foundation.clock() - before)
    return [time, used].map { "\($0 / .milliseconds(1) / Double(count))" }.joined(separator: " ")
  }

  private func outputs() throws -> OrderedDictionary<String, Tensor> {
    if let named = model as? any NamedInputs { return try named.run(inputs) }
    guard let input = inputs["input"] else { throw Refusal(reason: "there is no input") }
    return ["output": model(input)]
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
