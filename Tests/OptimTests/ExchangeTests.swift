import Ballast
import Foundation
import TestSupport
import Testing

/// The trainings of `ParityTests`, in turns with PyTorch: what one has trained gives the same
/// outputs in the other, and the training goes on there.
@Suite(.needsPeers) struct ExchangeTests {
  /// What `Peers/exchange.py` tells of a training.
  private struct Account: Codable {
    let saved: [Double]
    let losses: [Double]
    let end: [Double]
  }

  private static let steps = 8
  private static let samples = ParitySample.all.filter { $0.dtype == .float32 }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fileName(_ sample: ParitySample) -> String { "\(sample.model)-\(sample.optimizer)" }

  /// What PyTorch makes of all trainings, by their names.
  private func peer(_ turn: String) throws -> [String: Account] {
    let printed = try Peers.run("exchange.py", [turn, folder.path])
    return try JSONDecoder().decode([String: Account].self, from: Data(printed.utf8))
  }

  private func outputs(_ model: Module, _ shape: Shape) -> [Double] {
    model.eval()
    defer { model.train() }
    return noGrad { model(pattern(shape, 1)).array.doubles }
  }

  private func train(_ model: Module, _ optimizer: Optimizer, _ shape: Shape) -> [Double] {
    let x = pattern(shape, 0)
    let y = Tensor(NDArray((0..<shape[0]).map { $0 * 7 % 4 }))
    return (0..<Self.steps).map { _ in
      optimizer.zeroGrad()
      let loss = model(x).crossEntropy(y)
      loss.backward()
      optimizer.step()
      return loss.array.doubles[0]
    }
  }

  /// A turn of a training, after which its state is what is exchanged, and the steps that follow.
  private func account(
    _ sample: ParitySample, turn: (Module, Optimizer, Shape) throws -> Void
  ) rethrows -> Account {
    try Generator(seed: 42).use {
      let (model, shape) = ParitySample.makeModel(sample.model)
      let optimizer = sample.makeOptimizer(model)
      try turn(model, optimizer, shape)
      let saved = outputs(model, shape)
      let losses = train(model, optimizer, shape)
      return Account(saved: saved, losses: losses, end: outputs(model, shape))
    }
  }

  private func expectSame(_ own: Account, _ other: Account?, _ sample: ParitySample) throws {
    let other = try #require(other)
    #expect(other.saved.count >= 12 * 4 && other.losses.count == Self.steps)
    #expect(isClose(own.saved, other.saved, 1e-5), "outputs of \(sample)")
    #expect(isClose(own.losses, other.losses, 1e-5), "losses of \(sample)")
    #expect(isClose(own.end, other.end, 1e-3), "outputs after the training of \(sample)")
  }

  @Test func pyTorchGoesOnWithWhatWasTrainedHere() throws {
    var own: [Account] = []
    for sample in Self.samples {
      own.append(
        try account(sample) { model, optimizer, shape in
          _ = train(model, optimizer, shape)
          let summary = try Checkpoint(model: model, optimizer: optimizer).write(
            to: folder.file("\(fileName(sample))-ballast.pth"), format: .pytorch)
          #expect(summary.losses == [])
        })
    }
    let peer = try peer("go-on")
    #expect(peer.count == Self.samples.count)
    for (sample, own) in zip(Self.samples, own) {
      try expectSame(own, peer[fileName(sample)], sample)
    }
  }

  @Test func whatPyTorchTrainedGoesOnHere() throws {
    let peer = try peer("begin")
    #expect(peer.count == Self.samples.count)
    for sample in Self.samples {
      let own = try account(sample) { model, optimizer, _ in
        let report = try Checkpoint(contentsOf: folder.file("\(fileName(sample))-torch.pth"))
          .restore(model: model, optimizer: optimizer)
        #expect(report.description == "<All keys matched successfully>")
      }
      try expectSame(own, peer[fileName(sample)], sample)
    }
  }
}
