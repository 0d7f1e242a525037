// A trained model gets a new head, and only the head is trained.
//
//     swift run FreezeAndFineTune [folder]
//
// What is frozen has no gradient, and nothing in the optimizer's state.
import Ballast

/// A backbone, and a head for some number of classes.
final class Classifier: Module {
  let backbone = Sequential(Linear(6, 12), ReLU(), Linear(12, 8), ReLU())
  let head: Linear

  init(classes: Int) { head = Linear(8, classes) }

  override func forward(_ input: Tensor) -> Tensor { head(backbone(input)) }
}

@main
enum FreezeAndFineTune {
  static func main() throws {
    manualSeed(0)
    let folder = CommandLine.arguments.dropFirst().first ?? "."
    let path = "\(folder)/pretrained.h5"
    try Classifier(classes: 10).save(to: path)

    // The file's head has another shape. That is refused, strict or not, as in PyTorch.
    let model = Classifier(classes: 3)
    do {
      try model.load(from: path, strict: false)
    } catch let error as LoadError {
      print("refused: \(error.report.shapeMismatches.map(\.key))")
    }

    // So the head is left out, and the rest loaded.
    var state = try Checkpoint(contentsOf: path).state
    for key in state.keys where key.hasPrefix("head.") { state.entries[key] = nil }
    let report = try model.loadStateDict(state, strict: false)
    print("loaded \(report.matched.count), missing \(report.missing)")

    model.backbone.requiresGrad(false)
    let optimizer = Adam(model.namedParameters(), lr: 0.05)
    let inputs = Tensor.randn([30, 6])
    let labels = Tensor.arange(30) - (Tensor.arange(30).to(.float32) / 3).floor().to(.int64) * 3
    let before = model.stateDict()
    var losses: [Float] = []
    for _ in 0..<40 {
      optimizer.zeroGrad()
      let loss = model(inputs).crossEntropy(labels)
      loss.backward()
      optimizer.step()
      losses.append(loss.array.item(as: Float.self))
    }
    print("the loss fell: \(losses[39] < losses[0])")
    let changed = before.entries.filter { key, entry in
      model.stateDict()[key]?.isBitwiseEqual(to: entry.array) == false
    }
    print("changed: \(Array(changed.keys))")
    print("in the optimizer's groups: \(optimizer.stateDict().groups[0].parameters.count)")
    print("in the optimizer's state: \(Array(optimizer.stateDict().state.keys))")

    // Once the rest is unfrozen, its state begins.
    model.requiresGrad(true)
    model(inputs).crossEntropy(labels).backward()
    optimizer.step()
    for (name, slots) in optimizer.stateDict().state {
      print("  \(name): step \(slots["step"]?.tensor?.item(as: Float.self) ?? 0)")
    }
  }
}
