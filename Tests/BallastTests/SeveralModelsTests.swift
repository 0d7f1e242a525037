import Ballast
import Foundation
import TestSupport
import Testing

/// Several models and optimizers in one checkpoint.
@Suite struct SeveralModelsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A generator and a discriminator, trained against each other.
  private struct Training {
    let g = Sequential(Linear(3, 4), BatchNorm1d(4), Linear(4, 3))
    let d = Sequential(Linear(3, 4), ReLU(), Linear(4, 1))
    let optG: Adam
    let optD: SGD
    let schedule: StepLR

    init() {
      optG = Adam(g, lr: 0.01)
      optD = SGD(d, lr: 0.1, momentum: 0.9)
      schedule = StepLR(optD, stepSize: 2, gamma: 0.5)
    }

    func train(_ steps: Int) {
      for _ in 0..<steps {
        optD.zeroGrad()
        let fake = g(Tensor.randn(5, 3))
        (d(fake.detach()).square().mean() + (d(Tensor.randn(5, 3)) - 1).square().mean()).backward()
        optD.step()
        optG.zeroGrad()
        (d(fake) - 1).square().mean().backward()
        optG.step()
        schedule.step()
      }
    }

    /// Everything that training changes.
    var values: [NDArray] {
      [g, d].flatMap { $0.stateDict().entries.values.map(\.array) }
        + [optG, optD].flatMap { optimizer in
          optimizer.stateDict().state.values.flatMap { $0.values.compactMap(\.tensor) }
        }
    }

    func checkpoint(_ first: String = "generator") -> Checkpoint {
      Checkpoint(
        models: [first: g, "discriminator": d], optimizers: [first: optG, "discriminator": optD],
        schedulers: ["discriminator": schedule], metadata: ["epoch": 2])
    }
  }

  private func areSame(_ a: [NDArray], _ b: [NDArray]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.isBitwiseEqual(to: $1) }
  }

  // Of a name such as `ema` PyTorch's files are read as of an average.
  @Test(arguments: ["h5", "safetensors", "pth"], ["generator", "ema"])
  func aTrainingOfTwoGoesOnToTheSameBits(_ ending: String, _ name: String) throws {
    let path = folder.file("gan.\(ending)")
    let end = try Generator(seed: 3).use {
      let training = Training()
      training.train(3)
      try training.checkpoint(name).save(to: path)
      training.train(3)
      return training.values
    }
    try Generator(seed: 99).use {
      let training = Training()
      let checkpoint = try Checkpoint(contentsOf: path, strict: true)
      let reports = try checkpoint.restore(
        models: [name: training.g, "discriminator": training.d],
        optimizers: [name: training.optG, "discriminator": training.optD],
        schedulers: ["discriminator": training.schedule])
      #expect(Array(reports.keys) == [name, "discriminator"])
      #expect(checkpoint.epoch == 2)
      training.train(3)
      #expect(areSame(training.values, end))
    }
  }

  /// A checkpoint as it is read from a file of PyTorch that has these dictionaries.
  private func checkpoint(
    _ names: (g: String, d: String), _ optimizers: (g: String, d: String), of training: Training
  ) -> Checkpoint {
    var checkpoint = Checkpoint(state: StateDict())
    for (name, model) in [(names.g, training.g), (names.d, training.d)] {
      for (key, entry) in model.stateDict().entries {
        checkpoint.state.entries["\(name).\(key)"] = entry
      }
    }
    checkpoint.metadata[optimizers.g] = .optimizer(training.optG.stateDict())
    checkpoint.metadata[optimizers.d] = .optimizer(training.optD.stateDict())
    return checkpoint
  }

  @Test(arguments: [
    ("g", "d", "optimizer_g", "optimizer_d"), ("g_state_dict", "d_state_dict", "opt_g", "opt_d"),
    ("net_g", "net_d", "g_optimizer_state_dict", "d_optimizer_state_dict"),
  ])
  func usualNamesAreFound(_ names: (String, String, String, String)) throws {
    let saved = Training()
    saved.train(2)
    let training = Training()
    try checkpoint((names.0, names.1), (names.2, names.3), of: saved).restore(
      models: ["g": training.g, "d": training.d],
      optimizers: ["g": training.optG, "d": training.optD])
    #expect(areSame(training.values, saved.values))
  }

  private func refusal(
    _ training: Training, _ body: () throws -> Void
  ) -> String {
    let before = training.values
    var text = "nothing was thrown"
    do { try body() } catch { text = "\(error)" }
    #expect(areSame(training.values, before))
    return text
  }

  @Test func whatDoesNotFitIsNamedAndNothingIsChanged() throws {
    let saved = Training()
    saved.train(2)
    let checkpoint = saved.checkpoint()
    let training = Training()
    let other = refusal(training) {
      try checkpoint.restore(models: ["generator": training.g, "critic": training.d])
    }
    #expect(other.contains("no model \"critic\"; it has \"generator\", \"discriminator\""))
    let left = refusal(training) { try checkpoint.restore(models: ["generator": training.g]) }
    #expect(left.contains("also has \"discriminator\""))
    let swapped = refusal(training) {
      try checkpoint.restore(models: ["generator": training.d, "discriminator": training.g])
    }
    #expect(swapped.contains("state_dict for \"generator\" (Sequential)"))
    let optimizer = refusal(training) {
      try checkpoint.restore(
        models: ["generator": training.g, "discriminator": training.d],
        optimizers: ["generator": training.optG, "discriminator": Adam(training.d, lr: 0.1)])
    }
    #expect(optimizer.contains("\"discriminator\" (Adam)"))
    let scheduler = refusal(training) {
      try checkpoint.restore(
        models: ["generator": training.g, "discriminator": training.d],
        schedulers: ["generator": StepLR(training.optG, stepSize: 2)])
    }
    #expect(scheduler.contains("no scheduler \"generator\""))
    var doubled = self.checkpoint(("g", "d"), ("opt_g", "optimizer_d"), of: saved)
    doubled.metadata["optim_g"] = .optimizer(saved.optG.stateDict())
    let unclear = refusal(training) {
      try doubled.restore(
        models: ["g": training.g, "d": training.d],
        optimizers: ["g": training.optG, "d": training.optD])
    }
    #expect(unclear.contains("may be any of"))
  }

  @Test func oneOfSeveralIsRestoredIfThatIsAllowed() throws {
    let saved = Training()
    saved.train(2)
    let training = Training()
    try saved.checkpoint().restore(models: ["discriminator": training.d], strict: false)
    #expect(
      areSame(
        training.d.stateDict().entries.values.map(\.array),
        saved.d.stateDict().entries.values.map(\.array)))
  }

  /// What PyTorch wrote, restored and trained on here, and what was saved here, in PyTorch.
  @Test(.needsPeers, arguments: ["plain", "suffixes", "collections", "camel"])
  func filesOfPyTorchAreRestored(_ form: String) throws {
    let path = folder.file("torch.pth")
    let own = folder.file("own.pth")
    _ = try Peers.run("gan.py", ["write", form, path])
    let checkpoint = try Checkpoint(contentsOf: path)
    let training = Training()
    let names = form == "camel" ? ("G", "D") : ("g", "d")
    try checkpoint.restore(
      models: [names.0: training.g, names.1: training.d],
      optimizers: form == "plain"
        ? [:] : [names.0: training.optG, names.1: training.optD])
    try Checkpoint(
      models: ["g": training.g, "d": training.d],
      optimizers: ["g": training.optG, "d": training.optD]
    ).save(to: own)
    #expect(try Peers.run("gan.py", ["compare", form, path, own]).contains("same"))
  }
}
