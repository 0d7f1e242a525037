import Checkpoints
import Foundation
import Interchange
import KerasFiles
import States
import TestSupport
import Testing

/// Programs of PyTorch for models of Keras's.
@Suite struct KerasTwinTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Each program runs, takes the converted file strictly, and gives what Keras gives.
  @Test(.needsPeers) func twinsTakeTheFileAndGiveTheSame() throws {
    let names = try Peers.run("keras_twins.py", ["make", folder.path])
      .split(whereSeparator: \.isWhitespace)
    #expect(names.count > 15)
    for name in names {
      for kind in ["keras", "h5"] {
        let path = folder.file("\(name).\(kind)")
        let checkpoint = try OpenedCheckpoint(path).checkpoint
        try checkpoint.write(to: path + ".pth", format: .pytorch)
        let twin = try KerasTwin(of: checkpoint, file: path)
        try Data(twin.source.utf8).write(to: URL(filePath: path + ".py"))
      }
    }
    let lines = try Peers.run("keras_twins.py", ["judge", folder.path]).split(separator: "\n")
    #expect(lines.count == 2 * names.count)
    for line in lines { #expect(line.hasPrefix("ok"), "\(line)") }
  }

  /// What cannot be said in PyTorch is refused, with the layer's name.
  @Test(.needsPeers) func otherLayersAreNamed() throws {
    let lines = try Peers.run("keras_twins.py", ["refused", folder.path]).split(separator: "\n")
    #expect(lines.count > 15)
    for line in lines {
      let parts = line.split(separator: " ")
      let path = folder.file("\(parts[0]).keras")
      let checkpoint = try OpenedCheckpoint(path).checkpoint
      let error = #expect(throws: CheckpointError.self, "\(line)") {
        try KerasTwin(of: checkpoint, file: path)
      }
      #expect(error?.code == .unsupported)
      #expect(error?.reason.contains(": \(parts[1]) (") == true, "\(line): \(error as Any)")
    }
  }

  /// A name in a file is nothing but a text in the program.
  @Test func namesAreNoPartOfTheProgram() throws {
    let source = try program(
      names: ["a\nimport os", "\"\"\"", "x\\", "é\u{2028}", "self", "__class__"])
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      #expect(line.allSatisfy { $0.isASCII && !$0.isNewline })
      #expect(!line.hasPrefix("import os"))
    }
    #expect(source.contains(#"self._modules["a\U0000000aimport os"]"#))
    #expect(source.contains(#"self._modules["__class__"]"#))
  }

  /// A class that has the name of one of Keras's, from another package, is a program.
  @Test(arguments: ["Mine>Dense", "my_package"])
  func classesOfOtherPackagesAreRefused(_ other: String) throws {
    let error = #expect(throws: CheckpointError.self) { try program(names: ["d"], other) }
    #expect(error?.reason.contains("d (Dense): its class is a program") == true)
  }

  /// A checkpoint that is no longer that of the model, and one that never was one of Keras's.
  @Test func otherTensorsAreRefused() throws {
    var checkpoint = try Self.checkpoint(names: ["d"])
    checkpoint.state.entries["more"] = checkpoint.state.entries["d.bias"]
    let more = #expect(throws: CheckpointError.self) {
      try KerasTwin(of: checkpoint, file: "a")
    }
    #expect(more?.reason.contains("no layer of it takes more") == true)
    checkpoint.state.entries["more"] = nil
    checkpoint.state.entries["d.bias"] = nil
    let fewer = #expect(throws: CheckpointError.self) {
      try KerasTwin(of: checkpoint, file: "a")
    }
    #expect(fewer?.reason.contains("does not have its d.bias") == true)
    let plain = Checkpoint(state: checkpoint.state)
    let error = #expect(throws: CheckpointError.self) { try KerasTwin(of: plain, file: "a") }
    #expect(error?.advice?.contains(".keras") == true)
  }

  private func program(names: [String], _ other: String? = nil) throws -> String {
    try KerasTwin(of: Self.checkpoint(names: names, other), file: "a").source
  }

  /// A checkpoint of layers one after the other, each of one number.
  private static func checkpoint(names: [String], _ other: String? = nil) throws -> Checkpoint {
    let layers = names.map { name -> Value in
      let isRegistered = other?.contains(">") == true
      return [
        "class_name": .string(isRegistered ? other ?? "" : "Dense"),
        "module": .string(isRegistered ? "builtins" : other ?? "keras.layers"),
        "config": ["name": .string(name), "units": 1, "activation": "linear"],
      ]
    }
    let input: Value = [
      "class_name": "InputLayer", "module": "keras.layers",
      "config": ["name": "in", "batch_shape": [.none, 1]],
    ]
    let config: Value = [
      "class_name": "Sequential", "module": "keras",
      "config": ["name": "m\nimport os", "layers": .list([input] + layers)],
    ]
    var checkpoint = Checkpoint(state: [:])
    var mappings: [Value] = []
    var variables: [Value] = []
    for name in names {
      for (key, convention) in [("weight", "transpose"), ("bias", "identity")] {
        mappings.append([
          "variables": [.int(variables.count)], "tensors": [.string("\(name).\(key)")],
          "role": "parameter", "convention": .string(convention), "arguments": [],
        ])
        variables.append(["path": .string("\(name)/\(key)"), "trainable": true])
        checkpoint.state.entries["\(name).\(key)"] = .init(
          .init([1] as [Float], shape: key == "weight" ? [1, 1] : [1]), role: .parameter)
      }
    }
    checkpoint.origin["keras"] = [
      "format": "keras", "config": .string(config.json()),
      "plan": [
        "variables": .list(variables), "mappings": .list(mappings), "constants": [],
        "hyperparameters": [:],
      ],
    ]
    return checkpoint
  }
}
