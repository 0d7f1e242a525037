import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Keras's files through Ballast and back, with Keras and PyTorch as judges.
@Suite(.needsPeers) struct KerasPeersTests {
  private static let models = [
    "dense", "convnet", "flattened_norm", "lstm", "gru", "bidirectional", "attention", "windows",
    "lines", "volumes", "series", "frozen", "untwinned", "half",
  ]
  private static let formats: [(kind: String, format: FileFormat)] = [
    ("keras", .keras), ("weights.h5", .kerasWeights), ("h5", .kerasLegacy),
  ]

  /// The models, made once: Keras takes seconds to start.
  private static let made = Result {
    let folder = try TemporaryFolder()
    try Peers.run("keras_models.py", ["make", folder.path])
    return folder
  }

  private let folder: TemporaryFolder

  init() throws { folder = try Self.made.get() }

  private func expectAllRight(_ output: String) {
    let lines = output.split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines { #expect(line.hasPrefix("ok"), "\(line)") }
  }

  /// Through Ballast's own file, so that what the metadata keep has been on a disk.
  private func throughBallast(_ name: String, _ kind: String) throws -> OpenedCheckpoint {
    let path = folder.file("\(name).\(kind)")
    let opened = try OpenedCheckpoint(path)
    let between = "\(path).ballast.h5"
    let summary = try opened.checkpoint.write(to: between, format: .ballast)
    #expect(summary.losses.isEmpty)
    #expect(try Verification(path).problems.isEmpty)
    return try OpenedCheckpoint(between)
  }

  @Test func kindsAreToldByContent() throws {
    for (kind, format) in Self.formats {
      #expect(try FileFormat.detect(folder.file("dense.\(kind)")) == format)
    }
    #expect(try FileFormat.detect(folder.file("only.h5")) == .kerasLegacy)
    #expect(try FileFormat.detect(folder.file("sharded.weights.json")) == .kerasWeights)
  }

  /// Decay of PyTorch's SGD is added to the gradient, and so becomes part of the momentum; Keras's is not.
  @Test func optionsOfOptimizersThatPyTorchLacksAreNotTakenForIts() throws {
    func opened(_ name: String) throws -> OpenedCheckpoint {
      try OpenedCheckpoint(folder.file("optimizer_\(name).keras"))
    }
    for name in ["sgd", "rmsprop", "adagrad", "adadelta", "adamax"] {
      let file = try opened("decay_\(name)")
      #expect(file.checkpoint.optimizer == nil, "\(name)")
      #expect(
        file.notes == [
          "the optimizer's state is kept as Keras has it: its weight decay is apart from the gradient, and "
            + "PyTorch's is added to it"
        ], "\(name)")
    }
    #expect(
      try opened("scheduled_momentum").notes == [
        "the optimizer's state is kept as Keras has it: its momentum has a learning rate in it that follows "
          + "a schedule"
      ])
    #expect(
      try opened("decay_lion").notes == [
        "the optimizer's state is kept as Keras has it: Lion has no twin in PyTorch"
      ])
    let adam = try #require(try opened("decay_adam").checkpoint.optimizer)
    #expect(adam.type == "AdamW" && adam.groups[0].options["weight_decay"] == 0.05)
    let clipped = try opened("clipped")
    #expect(clipped.checkpoint.optimizer?.type == "SGD")
    #expect(clipped.notes.contains { $0.contains("clips gradients (clipnorm 0.1)") })
    let scheduled = try opened("scheduled")
    #expect(scheduled.checkpoint.optimizer?.groups[0].options["lr"] == nil)
    #expect(scheduled.checkpoint.optimizer?.type == "Adam")
    #expect(scheduled.notes.contains { $0.contains("follows a schedule of Keras's") })
  }

  @Test func twinsInPyTorchGiveTheSameOutputs() throws {
    for name in Self.models {
      for (kind, _) in Self.formats { _ = try throughBallast(name, kind) }
    }
    expectAllRight(try Peers.run("keras_models.py", ["twins", folder.path]))
  }

  @Test func kerasOpensWhatIsWrittenBack() throws {
    for name in Self.models {
      for (kind, format) in Self.formats {
        let checkpoint = try throughBallast(name, kind).checkpoint
        func write(_ suffix: String, _ format: FileFormat) throws {
          let summary = try checkpoint.write(
            to: folder.file("\(name).\(suffix)"), format: format)
          // Without a twin its variables are as they were, and only an older file names them.
          let isNamed = name != "untwinned" || kind == "h5" || format != .kerasLegacy
          #expect(
            summary.losses.map(\.kind) == (isNamed ? [] : [.optimizerDropped]),
            "\(name) \(kind): \(summary.losses)")
        }
        try write("\(kind).back.\(kind)", format)
        if kind == "keras" {
          try write("keras.h5.back.h5", .kerasLegacy)
          try write("keras.weights.h5.back.weights.h5", .kerasWeights)
          // A checkpoint that never saw Keras, and the model's config.
          var plain = Checkpoint(state: checkpoint.state)
          plain.state.moduleVersions = [:]
          var options = WriteOptions()
          options.keras.template = folder.file("\(name).config.json")
          let summary = try plain.write(
            to: folder.file("\(name).template.weights.h5.back.weights.h5"), format: .kerasWeights,
            options: options)
          #expect(summary.losses.isEmpty)
        }
        if kind == "h5" { try write("h5.keras.back.keras", .keras) }
      }
    }
    let only = try throughBallast("only", "h5").checkpoint
    try only.write(to: folder.file("only.back.h5"), format: .kerasLegacy)
    expectAllRight(try Peers.run("keras_models.py", ["judge", folder.path]))
  }

  /// Lists of names and configs beyond 64 KiB, and weights in compressed chunks.
  @Test func kerasOpensWhatIsLarge() throws {
    let folder = try TemporaryFolder()
    try Peers.run("keras_large.py", ["make", folder.path])
    for name in ["deep", "wide"] {
      let whole = try OpenedCheckpoint(folder.file("\(name).keras")).checkpoint
      let weights = try OpenedCheckpoint(folder.file("\(name).weights.h5")).checkpoint
      for threads in [1, 3] {
        var options = WriteOptions()
        options.threads = threads
        for (suffix, compression) in [
          ("", nil), (".compressed", WriteOptions.Compression(level: 4, shuffle: true)),
        ] {
          options.compression = compression
          let end = threads == 1 ? "one" : "out"
          for (format, kind) in [(FileFormat.keras, "keras"), (.kerasLegacy, "h5")] {
            try whole.write(
              to: folder.file("\(name).\(end)\(suffix).\(kind)"), format: format, options: options)
          }
          try weights.write(
            to: folder.file("\(name).\(end)\(suffix).weights.h5"), format: .kerasWeights,
            options: options)
        }
      }
    }
    // The same bytes on any number of threads.
    for name in folder.names where name.contains(".one") {
      #expect(
        try folder.bytes(name) == folder.bytes(name.replacing(".one", with: ".out")), "\(name)")
    }
    let output = try Peers.run("keras_large.py", ["judge", folder.path])
    expectAllRight(output)
    #expect(output.split(separator: "\n").count == 12 + 1 + 2)
  }

  /// Ballast's own engine, with the architecture that the config gives.
  @Test(arguments: [
    "dense", "convnet", "lstm", "gru", "bidirectional", "windows", "lines", "frozen",
  ])
  func modelsThatAreDescribedRun(_ name: String) throws {
    let opened = try throughBallast(name, "keras")
    #expect(opened.checkpoint.architecture != nil)
    let run = try Command.tool(
      "ballast-load",
      [
        folder.file("\(name).keras.ballast.h5"), "--model", "auto", "--input",
        folder.file("\(name).x.first.npy"), "--expect", folder.file("\(name).y.npy"),
      ])
    #expect(run.status == 0, "\(run.output) \(run.errors)")
  }

  /// Keras 3 writes them on demand, and does not read them itself: each member is a pickle.
  @Test func weightsInNumPyFilesAreRefused() throws {
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("arrays.keras"))
    }
    #expect(error?.code == .refused && error?.place == "model.weights.npz")
    #expect(error?.description.contains("weights_format=\"h5\"") == true, "\(error as Any)")
  }

  @Test func shardsAreOneModel() throws {
    let state = try OpenedCheckpoint(folder.file("sharded.weights.json")).checkpoint.state
    #expect(Array(state.keys).sorted() == ["a.bias", "a.weight", "b.bias", "b.weight"])
    #expect(state["b.weight"]?.shape == [40, 40])
  }

  @Test func theSameCheckpointGivesTheSameBytes() throws {
    for source in ["keras", "h5"] {
      for (kind, format) in Self.formats {
        let paths = ["1", "2"].map { folder.file("same\($0).\(kind)") }
        for path in paths {
          let checkpoint = try throughBallast("convnet", source).checkpoint
          try checkpoint.write(to: path, format: format)
        }
        let bytes = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
        #expect(bytes[0] == bytes[1], "\(source) to \(kind)")
        for path in paths { try FileManager.default.removeItem(atPath: path) }
      }
    }
  }
}
