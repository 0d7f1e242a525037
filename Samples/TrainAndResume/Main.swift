// The whole life of a training: it runs, saves, is killed, and goes on in another process to the
// same bits as one that was left alone.
//
//     swift run TrainAndResume [folder]              runs all of it, in this folder
//     swift run TrainAndResume FILE --from START     one process of it
import Ballast
import Platform

/// A classifier of points, with all that a training has to remember: running statistics, momenta,
/// a learning rate that changes, random batches and random dropout.
struct Training {
  static let epochs = 8
  /// How many steps there are between checkpoints: not a divisor of the six of an epoch.
  static let stepsPerCheckpoint = 5
  /// The step, in the middle of an epoch, in which the training is killed.
  static let killedAt = 28

  let model = Sequential(
    Linear(2, 16), BatchNorm1d(16), ReLU(), Dropout(0.2), Linear(16, 2))
  let optimizer: Adam
  let scheduler: CosineAnnealingLR
  let loader: DataLoader

  init() {
    optimizer = Adam(model.namedParameters(), lr: 0.02)
    scheduler = CosineAnnealingLR(optimizer, tMax: Self.epochs)
    // The data are the same in every process, whatever the generator of the training has drawn.
    let points = Tensor.randn([96, 2], generator: Generator(seed: 7))
    let labels = (points.square().sum([1]) .> 1.4).to(.int64)
    loader = DataLoader(TensorDataset(points, labels), batchSize: 16, shuffle: true)
  }

  /// Trains from wherever the loader is to the end of the epoch.
  ///
  /// - Parameter afterStep: Called with each step's loss.
  func epoch(afterStep: (Float) throws -> Void) rethrows {
    for batch in loader {
      optimizer.zeroGrad()
      let loss = model(batch[0]).crossEntropy(batch[1])
      loss.backward()
      clipGradNorm(model.parameters(), maxNorm: 1)
      optimizer.step()
      try afterStep(loss.item())
    }
    scheduler.step()
  }

  /// Everything that the training has to remember.
  func checkpoint(epoch: Int, step: Int, loss: Float) -> Checkpoint {
    Checkpoint(
      model: model, optimizer: optimizer, scheduler: scheduler, loader: loader,
      metadata: ["epoch": .int(epoch), "step": .int(step), "loss": .float(Double(loss))])
  }
}

@main
enum TrainAndResume {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.count == 3, arguments[1] == "--from" {
      try run(
        arguments[0], resuming: arguments[2] == "checkpoint", isKilled: arguments[2] == "kill")
    } else {
      try life(in: arguments.first ?? ".")
    }
  }

  /// One process: from the beginning or from the file, to the end or until it is killed.
  static func run(_ path: String, resuming: Bool, isKilled: Bool) throws {
    manualSeed(resuming ? 12345 : 0)
    let training = Training()
    var (epoch, step) = (0, 0)
    if resuming {
      let checkpoint = try Checkpoint(contentsOf: path)
      try checkpoint.restore(
        model: training.model, optimizer: training.optimizer, scheduler: training.scheduler,
        loader: training.loader)
      (epoch, step) = (checkpoint.epoch ?? 0, checkpoint.step ?? 0)
      print("  goes on in epoch \(epoch + 1), after step \(step)")
    }
    var last: Float = 0
    while epoch < Training.epochs {
      try training.epoch { loss in
        (last, step) = (loss, step + 1)
        // Before its work is saved, and without a word: what was saved last has to do.
        if isKilled && step == Training.killedAt { kill(getpid(), SIGKILL) }
        if step % Training.stepsPerCheckpoint == 0 {
          try training.checkpoint(epoch: epoch, step: step, loss: loss).save(to: path)
        }
      }
      epoch += 1
    }
    try training.checkpoint(epoch: epoch, step: step, loss: last).save(to: path)
    print("  epoch \(epoch) done after step \(step)")
  }

  /// Three processes: one left alone, one killed, and one that goes on for it.
  static func life(in folder: String) throws {
    let (whole, resumed) = ("\(folder)/whole.h5", "\(folder)/resumed.h5")
    print("a training that is left alone:")
    try start(whole, "beginning")
    print("another that is killed:")
    let status = try start(resumed, "kill")
    print("  killed by signal \(status & 0x7F)")
    print("it goes on in a new process:")
    try start(resumed, "checkpoint")

    let (a, b) = (try Checkpoint(contentsOf: whole), try Checkpoint(contentsOf: resumed))
    let areParametersEqual = a.state.entries.allSatisfy { key, entry in
      b.state[key]?.isBitwiseEqual(to: entry.array) == true
    }
    print("the same bits in \(a.state.count) parameters and buffers: \(areParametersEqual)")
    print("in the optimizer: \(a.optimizer?.state == b.optimizer?.state)")
    print("in scheduler, loader, random generator, step and loss: \(a.metadata == b.metadata)")
  }

  /// Runs this program again and waits for it.
  @discardableResult
  static func start(_ path: String, _ start: String) throws -> Int32 {
    fflush(nil)
    var child: pid_t = 0
    let arguments = [CommandLine.arguments[0], path, "--from", start]
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    guard posix_spawnp(&child, arguments[0], nil, nil, &pointers, environ) == 0 else {
      fatalError("cannot start \(arguments[0])")
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    return status
  }
}
