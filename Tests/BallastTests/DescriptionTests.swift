import Ballast
import TestSupport
import Testing

/// What `print` gives of reports.
@Suite struct DescriptionTests {
  @Test func reportsDescribeThemselves() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.h5")
    var checkpoint = Checkpoint(
      state: ["w": NDArray([1, 2] as [Float]), "b": NDArray([0] as [Float])],
      metadata: ["epoch": 3])
    let summary = try checkpoint.save(to: path)
    #expect(
      "\(summary)" == "2 tensors, 12 bytes, in a file of \(summary.fileByteCount) bytes")
    #expect("\(try OpenedCheckpoint(path))" == "\(path) (Ballast HDF5): 2 tensors; metadata epoch")
    let first = checkpoint
    #expect(
      "\(try CheckpointComparison(first, first))"
        == "same: 2 tensors, 12 bytes and 1 values compared")
    checkpoint.state["w"] = NDArray([1, 3] as [Float])
    let lines = "\(try CheckpointComparison(first, checkpoint))".split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("1 differences: 2 tensors"))
    #expect(lines[1].hasPrefix("w: "))
    let mapping = try TensorMapping(
      json: #"""
        {"ballast_mapping": 1,
        "rules": [{"rename": "^w$", "to": "weight"}, {"rename": "^x$", "to": "y"}]}
        """#)
    let (_, report) = try mapping.apply(to: first)
    let told = "\(report)".split(separator: "\n")
    #expect(told[0] == "2 rules changed 1 tensors; 1 have another key")
    #expect(told.dropFirst().allSatisfy { $0.hasPrefix("note: ") })
  }
}
