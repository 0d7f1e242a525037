import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Whatever a file holds and a checkpoint does not is a loss, which every tool tells.
@Suite struct LossTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// What each file of `write_losses.py` loses when it is read.
  private static let table: KeyValuePairs<String, [String]> = [
    "clean.pth": [],
    "cycle.pth": ["metadata_dropped cycle.again"],
    "defaultdict.pth": ["class_changed defaultdict"],
    "counter.pth": [],
    "ordered.pth": [],
    "array.pth": ["class_changed array"],
    "number.pth": ["class_changed -"],
    "bytearray.pth": ["class_changed -"],
    "storage.pth": ["class_changed storage"],
    "parameter.pth": ["class_changed parameter"],
    "gradient.pth": ["metadata_dropped gradient"],
    "noted.pth": ["metadata_dropped noted"],
    "attributes.pth": ["metadata_dropped -"],
    "local_metadata.pth": ["metadata_dropped -"],
    "tensor_attributes.pth": ["metadata_dropped fc.bias"],
    "subclass.pth": ["class_changed w"],
    "numpy_weights.pth": ["class_changed w"],
    "default_state.pth": ["class_changed -"],
    "integers.pth": [],
    "fraction.pth": ["key_changed 0.5"],
    "integer_networks.pth": [],
    "own_class.pth": ["class_changed -", "metadata_dropped -"],
    "module.pth": ["architecture_dropped -", "tensor_dropped mask"],
    "script.pth": ["architecture_dropped -"],
    "root.pth": ["metadata_dropped -", "class_changed -"],
    "stray.pth": ["optimizer_dropped 7"],
    "some_names.pth": ["optimizer_dropped -"],
    "option_keys.pth": ["key_changed optimizer.param_groups[0].3"],
    "default_slots.pth": ["class_changed optimizer.state"],
    "named.pth": [],
    "links.h5": [
      "tensor_dropped /soft", "tensor_dropped /again", "metadata_dropped /type",
    ],
    "flatten.weights.h5": ["layout_guessed fc.weight", "hyperparameter_missing bn"],
    "more.weights.h5": [
      "tensor_dropped elsewhere", "optimizer_dropped optimizer/inner/vars/0",
      "layout_guessed fc.weight", "hyperparameter_missing bn",
    ],
    "legacy.h5": ["tensor_dropped elsewhere", "tensor_dropped unlisted"],
    "archive.keras": ["metadata_dropped notes.txt"],
    "texts.npz": ["tensor_dropped notes.txt"],
    "taken.safetensors": ["tensor_dropped gone", "metadata_dropped metadata/rng"],
  ]

  private func makeFiles() throws {
    let fixtures = URL(filePath: Workbench.keras("image.keras")).deletingLastPathComponent().path
    try Peers.run("write_losses.py", [bench.folder.path, fixtures])
  }

  /// The kinds and subjects of the losses in a report.
  private func losses(_ report: Any?) throws -> Set<String> {
    let losses = try #require(report as? [[String: Any]])
    return Set(
      try losses.map {
        #expect(($0["detail"] as? String)?.isEmpty == false)
        return "\(try #require($0["kind"] as? String)) \($0["subject"] as? String ?? "-")"
      })
  }

  /// PyTorch's files have no place for roles, so that no guess of one is among the losses.
  @Test(.needsPeers) func whatIsLostIsListedAndRefusedIfStrict() throws {
    try makeFiles()
    let names = Set(bench.folder.names)
    #expect(names == Set(Self.table.map(\.key)))
    for (name, expected) in Self.table {
      let strict = try bench.run("convert", name, "strict.pth", "--strict")
      if expected.isEmpty {
        #expect(strict.status == 0, "\(name): \(strict.errors)")
        try FileManager.default.removeItem(atPath: bench.folder.file("strict.pth"))
      } else {
        expectRefusal(strict, 65, name, "(--strict)")
      }
      #expect(Set(bench.folder.names) == names, "\(name)")
      let json = try bench.run("convert", name, "out.pth", "--json", "--overwrite").json()
      // Keras's own optimizer, which weights alone do not name, has no place in a `.pth`.
      let own: Set = name.hasSuffix(".weights.h5") ? ["origin_dropped keras"] : []
      #expect(
        try losses(json["losses"]).subtracting(own) == Set(expected).subtracting(own), "\(name)")
      let shown = try bench.run("inspect", name, "--json").json()
      #expect(try losses(shown["losses"]) == Set(expected), "\(name)")
      try FileManager.default.removeItem(atPath: bench.folder.file("out.pth"))
    }
  }

  /// What has a place comes back: integers as keys, and an optimizer that goes by names.
  @Test(.needsPeers) func keysComeBackAsTheyWere() throws {
    try makeFiles()
    for (name, expected) in [
      (
        "integer_networks.pth",
        ["{0: OrderedDict([('fc.weight'", " 1: OrderedDict([('fc.weight'", "'epoch': 3"]
      ),
      ("named.pth", ["'state': {'fc.weight': {'step'", "'params': ['fc.weight', 'fc.bias']"]),
      ("cycle.pth", ["'lr': 0.1", "'again': None"]),
    ] {
      for between in ["a.h5", "a.safetensors", "a.npz", "a.pth", "a.gguf", "a.onnx", "a.mat"] {
        for (from, to) in [(name, between), (between, "back.pth")] {
          let command = try bench.run("convert", from, to, "--overwrite")
          try #require(command.status == 0, "\(name): \(command.errors)")
        }
        let script =
          "import sys, torch; print(torch.load(sys.argv[1], weights_only=True))"
        let python = try #require(Peers.python)
        let shown = try Command.run(python, ["-c", script, bench.folder.file("back.pth")]).output
        for text in expected {
          #expect(shown.contains(text), "\(name) by way of \(between): \(shown)")
        }
      }
    }
  }

  @Test(.needsPeers) func everyToolTellsWhatReadingLost() throws {
    try makeFiles()
    let inspect = try bench.run("inspect", "taken.safetensors")
    #expect(inspect.output.contains("\nlost: gone: the outline lists"), "\(inspect.output)")
    let page = try bench.run("inspect", "taken.safetensors", "--html", "page.html")
    #expect(page.status == 0)
    #expect(
      String(decoding: try bench.folder.bytes("page.html"), as: UTF8.self).contains(
        "<li>lost: gone"))
    let one = try bench.run("inspect", "tensor_attributes.pth", "--tensor", "fc.bias")
    #expect(one.output.contains("  lost: fc.bias: Python attributes"), "\(one.output)")
    let other = try bench.run("inspect", "tensor_attributes.pth", "--tensor", "fc.weight")
    #expect(!other.output.contains("lost"))

    let same = try bench.run("verify", "links.h5", "links.h5")
    #expect(same.status == 0)
    #expect(same.output.contains("  links.h5: lost: /soft: it is a link"), "\(same.output)")
    let compared = try bench.run("verify", "links.h5", "links.h5", "--json").json()
    let comparison = try #require((compared["comparisons"] as? [[String: Any]])?.first)
    for report in try #require(comparison["losses"] as? [Any]) {
      #expect(try losses(report).contains("tensor_dropped /soft"))
    }
    let around = try bench.run("verify", "--round-trip", "links.h5", "--through", "numpy")
    #expect(around.status == 0, "\(around.output)")
    #expect(around.output.contains("equal but for what is told here"), "\(around.output)")
    #expect(around.output.contains("  lost: /soft: it is a link"), "\(around.output)")
    let manifest = try bench.run("verify", "links.h5", "--manifest")
    #expect(manifest.output.split(separator: "\n").count == 1)
    #expect(manifest.errors.contains("links.h5: lost: /soft"), "\(manifest.errors)")
    try Data(manifest.output.utf8).write(to: URL(filePath: bench.folder.file("m.sha256")))
    let checked = try bench.run("verify", "links.h5", "--check-manifest", "m.sha256")
    #expect(checked.status == 1 && checked.errors.contains("lost: /soft"))

    // Of a model, what concerns it; what is saved beside it does not.
    try Data(#"{"ballast_mapping": 1, "rules": [{"rename": "^fc\\.", "to": "0."}]}"#.utf8)
      .write(to: URL(filePath: bench.folder.file("names.json")))
    let model = ["--model", "mlp(3,2)", "--map-file", "names.json"]
    let loaded = try Command.tool("ballast-load", ["module.pth"] + model, in: bench.folder.path)
    #expect(loaded.status == 0, "\(loaded.errors)")
    #expect(
      loaded.output.contains("  lost: mask: it is a non-persistent buffer"), "\(loaded.output)")
    let report = try Command.tool(
      "ballast-load", ["module.pth", "--json"] + model, in: bench.folder.path
    ).json()
    #expect(
      try losses(report["losses"]) == ["architecture_dropped -", "tensor_dropped mask"])
    let beside = try Command.tool("ballast-load", ["counter.pth"] + model, in: bench.folder.path)
    #expect(beside.status == 0 && !beside.output.contains("lost"), "\(beside.output)")
  }
}
