import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// The tools with MAT-files.
@Suite struct MATLABToolTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func convert(_ arguments: [String]) throws -> Command {
    try Command.tool("ballast-convert", arguments, in: bench.folder.path)
  }

  @Test func modelsGoToMATLABAndBack() throws {
    let weight = NDArray((0..<24).map { Float($0) }, shape: [2, 3, 4])
    try bench.write(
      ["layer.0.weight": weight, "layer.0.bias": NDArray([Float(1), 2])], to: "in.h5")
    for options in [[], ["--compress", "4"]] {
      let there = try convert(["in.h5", "a.mat", "--strict", "--overwrite"] + options)
      #expect(there.status == 0, "\(there.errors)")
      #expect(try bench.run("verify", "in.h5", "a.mat").status == 0)
      #expect(try bench.run("verify", "a.mat").status == 0)
      #expect(try bench.run("convert", "a.mat", "back.h5", "--overwrite").status == 0)
      #expect(try bench.run("verify", "back.h5", "in.h5").status == 0)
    }
    #expect(try bench.run("verify", "--round-trip", "in.h5", "--through", "matlab").status == 0)
    let facts = try bench.run("inspect", "a.mat", "--facts")
    #expect(facts.output.contains("MATLAB 7.3 MAT-file"), "\(facts.output)")
  }

  @Test func whatMATLABSeesOtherwiseIsToldAndRefusedByStrict() throws {
    try bench.write(["a-b.weight": NDArray([Float(1), 2])], to: "in.h5")
    let told = try bench.run("convert", "in.h5", "a.mat", "--dtype", "float16")
    #expect(told.status == 0, "\(told.errors)")
    #expect(told.output.contains("MATLAB has no float16"), "\(told.output)")
    #expect(told.output.contains("a_b.weight"), "\(told.output)")
    let state = try OpenedCheckpoint(bench.folder.file("a.mat")).checkpoint.state
    #expect(state["a-b.weight"]?.dtype == .float16)
    #expect(try bench.run("convert", "in.h5", "b.mat", "--strict").status == 65)
    #expect(!bench.folder.names.contains("b.mat"))
  }

  @Test func olderFilesAreRefusedWithAdvice() throws {
    let head = "MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8
    try bench.folder.write(
      Array(head) + [UInt8](repeating: 0x20, count: 128 - head.count), to: "old.mat")
    expectRefusal(
      try bench.run("convert", "old.mat", "x.h5"), 65, "MATLAB 5 file", "version 7.3")
  }

  @Test func whatIsOnlyReadIsNotWritten() throws {
    try bench.write(["w": NDArray([Float(1), 2])], to: "in.h5")
    for options in [["x.jld2"], ["x.h5", "--to", "octave"]] {
      let command = try convert(["in.h5"] + options)
      #expect(command.status != 0 && !command.errors.isEmpty)
    }
    #expect(bench.folder.names == ["in.h5"])
  }
}
