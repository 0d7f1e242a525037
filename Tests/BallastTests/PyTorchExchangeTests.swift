import Ballast
import Foundation
import TestSupport
import Testing

/// Trainings that PyTorch and Ballast share, each going on where the other stopped.
@Suite(.needsPeers) struct PyTorchExchangeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The training of `Peers/train.py`.
  private struct Training {
    let model = Sequential(
      Linear(4, 16), BatchNorm1d(16), ReLU(), Dropout(0), Linear(16, 2))
    let optimizer: Optimizer

    init(_ name: String) {
      let parameters = model.namedParameters()
      optimizer =
        switch name {
        case "SGD": SGD(parameters, lr: 0.05, momentum: 0.9, nesterov: true)
        case "Adam": Adam(parameters, lr: 0.02, amsgrad: true)
        default: AdamW(parameters, lr: 0.02, weightDecay: 0.1)
        }
    }

    private static func pattern(_ shape: Shape, _ salt: Int) -> Tensor {
      let values = (0..<shape.elementCount).map {
        (Float(($0 * 37 + salt * 17) % 101) - 50.5) / 32
      }
      return Tensor(values, shape: shape)
    }

    /// - Returns: The loss of each step.
    @discardableResult
    func train(steps: Int = 6) -> [Float] {
      (0..<steps).map { _ in
        optimizer.zeroGrad()
        let loss = model(Self.pattern([12, 4], 0)).mseLoss(Self.pattern([12, 2], 1))
        loss.backward()
        optimizer.step()
        return loss.array.item(as: Float.self)
      }
    }
  }

  private func expectClose(_ losses: [Float], _ printed: String, _ name: String) {
    let expected = printed.split(whereSeparator: \.isWhitespace).compactMap { Float($0) }
    #expect(losses.count == expected.count)
    for (loss, wanted) in zip(losses, expected) {
      #expect(abs(loss - wanted) <= 1e-5 * wanted, "\(name): \(losses) and \(expected)")
    }
  }

  @Test(arguments: ["SGD", "Adam", "AdamW"])
  func goesOnWherePyTorchStopped(_ name: String) throws {
    let path = folder.file("torch.pth")
    let printed = try Peers.run("train.py", ["begin", path, name])
    let training = Training(name)
    let report = try Checkpoint(contentsOf: path).restore(
      model: training.model, optimizer: training.optimizer)
    #expect(report.description == "<All keys matched successfully>")
    expectClose(training.train(), printed, name)
  }

  @Test(arguments: ["SGD", "Adam", "AdamW"])
  func pyTorchGoesOnWhereBallastStopped(_ name: String) throws {
    let path = folder.file("ballast.pth")
    let training = Training(name)
    training.train()
    let checkpoint = Checkpoint(model: training.model, optimizer: training.optimizer)
    let summary = try checkpoint.write(to: path, format: .pytorch)
    #expect(summary.losses == [])
    let printed = try Peers.run("train.py", ["go-on", path, name])
    expectClose(training.train(), printed, name)

    let again = try Checkpoint(contentsOf: path)
    #expect(again.metadata == checkpoint.metadata)
    #expect(again.optimizer?.type == name)
    #expect(
      again.optimizer?.groups.map(\.parameters) == checkpoint.optimizer?.groups.map(\.parameters))
    #expect(again.state.entries.mapValues(\.role) == checkpoint.state.entries.mapValues(\.role))
  }

  /// A training of PyTorch that was interrupted, and whose checkpoint went through HDF5, ends with
  /// the bits of one that was not.
  @Test func theWayThroughHDF5ChangesNoBitOfATraining() throws {
    try Peers.run("train.py", ["start", folder.path])
    let names = ["SGD", "Adam", "AdamW"]
    for name in names {
      try Checkpoint(contentsOf: folder.file("\(name).pth")).save(to: folder.file("\(name).h5"))
      let kept = try Checkpoint(contentsOf: folder.file("\(name).h5"))
      try kept.write(to: folder.file("\(name)-back.pth"), format: .pytorch)
    }
    #expect(
      try Peers.run("train.py", ["finish", folder.path]).split(separator: "\n").map(String.init)
        == names)
  }
}
