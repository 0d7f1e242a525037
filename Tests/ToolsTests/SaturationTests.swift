import Arrays
import Checkpoints
import Foundation
import States
import TestSupport
import Testing

/// `ballast-convert --saturate`.
@Suite struct SaturationTests {
  @Test func numbersThatAreTooLargeBecomeTheLargest() throws {
    let bench = try Workbench()
    let values: [Float] = [1e6, -1e6, 2, .infinity, -.infinity, .nan]
    try bench.write(["w": NDArray(values), "b": NDArray([1, 2] as [Float])], to: "a.h5")
    let usual = try bench.run("convert", "a.h5", "b.h5", "--dtype", "float16")
    #expect(usual.output.contains("2 of 6 too large and infinite now"))
    let command = try bench.run("convert", "a.h5", "c.h5", "--dtype", "float16", "--saturate")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("2 of 6 too large and the type's largest number now"))
    let written = try #require(try bench.read("c.h5").state["w"])
    #expect(written.dtype == .float16)
    let numbers = try written.converted(to: .float64).elements(as: Double.self)
    #expect(Array(numbers.prefix(5)) == [65504, -65504, 2, .infinity, -.infinity])
    #expect(numbers[5].isNaN)
    // It is a loss all the same.
    expectRefusal(
      try bench.run(
        "convert", "a.h5", "d.h5", "--dtype", "float16", "--saturate", "--strict"), 65, "largest")
    #expect(try bench.run("convert", "a.h5", "d.h5", "--saturate").status == 64)
    #expect(!bench.folder.names.contains("d.h5"))
  }

  /// Memory that is looked at as two types is two things once one of them is written as another.
  @Test func tensorsOfOneMemoryAreEachTheLargest() throws {
    let large = NDArray([1e6, 2, 3, -1e6] as [Float])
    let part = NDArray(storage: large.storage, dtype: .float32, layout: Layout([2], offset: 2))
    let bits = NDArray(storage: large.storage, dtype: .int32, layout: Layout([4]))
    let state: StateDict = ["bits": bits, "whole": large, "part": part]
    var options = WriteOptions()
    (options.floatingPointType, options.saturates) = (.float16, true)
    let saturated = try Checkpoint(state: state).saturated(options)
    #expect(saturated.state["bits"]?.isIdentical(to: bits) == true)
    let whole = try #require(saturated.state["whole"])
    let end = try #require(saturated.state["part"])
    #expect(whole.storage === end.storage)
    #expect(try whole.converted(to: .float32).elements(as: Float.self) == [65504, 2, 3, -65504])
    #expect(try end.converted(to: .float32).elements(as: Float.self) == [3, -65504])
  }
}
