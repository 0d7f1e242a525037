import Arrays
import Files
import Foundation
import TestSupport
import Testing

/// What `ballast-inspect` shows.
@Suite struct InspectTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func theTreeShowsEveryTensorInColumns() throws {
    try bench.write(
      [
        "layer.weight": NDArray(zeros: [2, 3], dtype: .float32), "layer.bias": .init([Float(1)]),
        "scale": .init(Double(2)),
      ], to: "a.h5")
    let command = try bench.run("inspect", "a.h5")
    #expect(
      command.output == """
        a.h5  (Ballast HDF5)
        3 tensors, 36 bytes, 8 learned values

        layer
          weight  parameter  float32  (2, 3)  24 bytes
          bias    parameter  float32  (1,)    4 bytes
        scale     parameter  float64  ()      8 bytes

        """)
    let stats = try bench.run("inspect", "a.h5", "--stats")
    #expect(
      stats.output.contains(
        "  bias    parameter  float32  (1,)    4 bytes   min 1.0  max 1.0  mean 1.0  std 0.0\n"))
  }

  /// By hand: of 1, 3 and 8 the mean is 4, and the deviation the root of (9 + 1 + 16) / 2.
  @Test func statisticsAreOfTheNumbersAlone() throws {
    try bench.write(
      [
        "mixed": .init([Float.nan, 1, .infinity, 3, .nan, 8, -.infinity]),
        "none": .init([Float.nan, .infinity]), "one": .init([.nan, Float(5)]),
      ], to: "a.h5")
    let report = try bench.run("inspect", "a.h5", "--stats", "--json").json()
    let tensors = try #require(report["tensors"] as? [[String: Any]])
    let statistics = tensors.map { $0["statistics"] as? [String: Any] ?? [:] }
    #expect(statistics[0]["mean"] as? Double == 4)
    #expect(abs((statistics[0]["std"] as? Double ?? 0) - 13.0.squareRoot()) < 1e-12)
    #expect(statistics[0]["min"] as? Double == 1 && statistics[0]["max"] as? Double == 8)
    #expect(statistics[0]["nan"] as? Int == 2 && statistics[0]["infinite"] as? Int == 2)
    #expect(statistics[1].keys.sorted() == ["infinite", "nan"])
    #expect(statistics[2]["mean"] as? Double == 5 && statistics[2]["std"] as? Double == 0)
  }

  /// A tensor with two names takes its bytes once.
  @Test func storedBytesCountATieOnce() throws {
    let weight = NDArray(zeros: [3, 4], dtype: .float32)
    try bench.write(["a": weight, "b": weight, "c": .init([Float(1)])], to: "a.h5")
    let facts = try bench.run("inspect", "a.h5", "--facts", "--json").json()
    #expect((facts["facts"] as? [String: Any])?["stored_bytes"] as? Int == 52)
  }

  @Test func theReportForProgramsHasTheDocumentedKeys() throws {
    let json = try bench.run("inspect", Workbench.sample, "--json", "--stats").json()
    #expect(
      Set(json.keys) == [
        "file", "format", "bytes", "tensors", "other_tensors", "total_tensors", "total_bytes",
        "candidates", "optimizer", "metadata", "losses", "notes",
      ])
    let tensors = try #require(json["tensors"] as? [[String: Any]])
    #expect(tensors.count == 16)
    #expect(
      Set(tensors[1].keys) == [
        "key", "kind", "model", "dtype", "shape", "bytes", "tied_to", "statistics",
      ])
    #expect(tensors[1]["key"] as? String == "features.0.weight")
    #expect(tensors[1]["shape"] as? [Int] == [8, 1, 3, 3])
    #expect((json["metadata"] as? [String: Any])?["epoch"] as? Int == 3)
    #expect((json["optimizer"] as? [String: Any])?["type"] as? String == "Adam")
  }

  @Test func aTensorIsShownAsItIs() throws {
    try bench.write(
      [
        "i": .init([Int64.max, -5]), "u": .init([UInt64.max]), "b": .init([true, false]),
        "f": .init([Float.nan, -.infinity, 0.1]), "long": .init([Float](repeating: 0.25, count: 9)),
        "rows": NDArray(zeros: [9, 1], dtype: .int8),
      ], to: "a.h5")
    for (key, expected) in [
      ("i", "[9223372036854775807, -5]"), ("u", "[18446744073709551615]"), ("b", "[true, false]"),
      ("f", "[nan, -inf, 0.1]"), ("long", "0.25, 0.25, …]"), ("rows", "… 1 more row\n"),
    ] {
      let command = try bench.run("inspect", "a.h5", "--tensor", key)
      #expect(command.output.contains(expected), "\(command.output)")
    }
    let json = try bench.run("inspect", "a.h5", "--tensor", "b", "--json").json()
    #expect(
      Set(json.keys) == [
        "file", "key", "kind", "dtype", "shape", "statistics", "digest", "losses",
      ])
    expectRefusal(
      try bench.run("inspect", "a.h5", "--tensor", "lung"), 65, "Did you mean \"long\"?")
  }

  @Test func namesFromTheFileDoNotSteerTheTerminal() throws {
    try bench.write(
      [
        "\u{1B}[2J.weight": .init([Float(1)]), "two\nlines": .init([Float(1)]),
        "a\u{202E}b": .init([Float(1)]), "<b>\u{9B}": .init([Float(1)]),
      ], to: "a.h5")
    let command = try bench.run("inspect", "a.h5")
    for name in [#"\u{1b}[2J"#, #"two\nlines "#, #"a\u{202e}b "#, #"<b>\u{9b} "#] {
      #expect(command.output.contains(name), "\(name)")
    }
    #expect(command.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    #expect(command.output.split(separator: "\n").count == 7)
  }

  @Test func thePageIsWrittenOnceAndHoldsNothingFromTheFileAsMarkup() throws {
    try bench.write(["<script>alert(1)</script>": .init([Float(1)])], to: "a.h5")
    #expect(try bench.run("inspect", "a.h5", "--html", "r.html").status == 0)
    let page = try #require(bench.folder.text(of: "r.html"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(!page.contains("<script"))
    expectRefusal(
      try bench.run("inspect", "a.h5", "--html", "a.h5"), 73, "a.h5 exists already")
    #expect(try bench.run("inspect", "a.h5", "--html", "r.html", "--overwrite").status == 0)
    #expect(try bench.run("verify", "a.h5").status == 0)
    #expect(bench.folder.names == ["a.h5", "r.html"])
  }

  @Test func globalsAreListedAndNotRun() throws {
    let command = try bench.run("inspect", Workbench.sample, "--globals")
    #expect(
      command.output == """
        collections.OrderedDict
        torch._utils._rebuild_tensor_v2
        torch.FloatStorage
        torch.LongStorage

        """)
    try bench.folder.write("cos\nsystem\n(S'touch OWNED'\ntR.".utf8, to: "evil.pth")
    let evil = try bench.run("inspect", "evil.pth", "--globals")
    #expect(evil.status == 0)
    #expect(evil.output == "os.system\n")
    #expect(bench.folder.names == ["evil.pth"])
    try bench.convertedSample(to: "a.h5")
    expectRefusal(try bench.run("inspect", "a.h5", "--globals"), 64, "a.h5")
  }
}
