import Foundation
import TestSupport
import Testing

/// `--root` and `--model-only`: a part of a file, and the model without the rest.
@Suite struct RootOptionTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func everyToolTakesAPartOfAFile() throws {
    let root = "model_state_dict"
    let shown = try bench.run("inspect", Workbench.sample, "--root", root)
    #expect(shown.output.contains("note: only \"model_state_dict\" was read; outside of it: "))
    #expect(!shown.output.contains("in the whole file"))
    let converted = try bench.run("convert", Workbench.sample, "part.h5", "--root", root)
    #expect(converted.output.contains("no optimizer"), "\(converted.errors)")
    try bench.convertedSample(to: "whole.h5")
    #expect(try bench.run("verify", Workbench.sample, "part.h5", "--root", root).status == 0)
    let layer = try bench.run(
      "verify", Workbench.sample, "whole.h5", "--root", "model_state_dict.features.0",
      "--other-root", "features.0", "--json"
    ).json()
    #expect(layer["verified"] as? Bool == true)
    let wrong = try bench.run(
      "verify", Workbench.sample, "whole.h5", "--root", "model_state_dict.features.0",
      "--other-root", "features.1")
    #expect(wrong.status == 1)
    #expect(
      try bench.run("verify", "--round-trip", Workbench.sample, "--root", root).status == 0)
    expectRefusal(
      try bench.run("load", Workbench.sample, "--root", "model", "--model", "mlp(1,1)"), 65,
      "no part \"model\"", "There are \"model_state_dict\".")
    expectRefusal(try bench.run("verify", "whole.h5", "--root", "nothing"), 65, "no part")
  }

  @Test func theModelAloneLeavesTheRestBehind() throws {
    let converted = try bench.run("convert", Workbench.sample, "m.safetensors", "--model-only")
    #expect(converted.output.contains("note: left behind: the optimizer (Adam)"))
    let json = try bench.run("inspect", "m.safetensors", "--json").json()
    #expect(json["optimizer"] is NSNull)
    #expect((json["metadata"] as? [String: Any])?.isEmpty == true)
    #expect((json["total_tensors"] as? Int) == (json["tensors"] as? [Any])?.count)
  }

  /// The optimizer's tensors count once each, and so do those of the model.
  @Test func theWholeFileIsCounted() throws {
    let json = try bench.run("inspect", Workbench.sample, "--json").json()
    let others = try #require(json["other_tensors"] as? [[String: Any]])
    #expect(others.contains { ($0["key"] as? String)?.hasSuffix(".exp_avg_sq") == true })
    #expect(json["total_tensors"] as? Int == 16 + others.count)
    let candidates = try #require(json["candidates"] as? [[String: Any]])
    #expect(candidates.first?["root"] as? String == "model_state_dict")
    #expect(candidates.first?["taken"] as? Bool == true)
  }
}
