import Foundation
import TestSupport
import Testing

/// `ballast-convert --twin`, and what a report says of the modules that take the weights of Keras.
@Suite struct TwinTests {
  private let bench: Workbench
  private let model = Workbench.keras("image.keras")

  init() throws { bench = try Workbench() }

  @Test(arguments: ["pth", "safetensors", "h5", "npz"])
  func theProgramStandsBesideTheOutput(_ ending: String) throws {
    let command = try bench.run("convert", model, "a.\(ending)", "--twin", "a.py")
    #expect(command.status == 0, "\(command.errors)")
    #expect(Set(bench.folder.names) == ["a.\(ending)", "a.py"])
    let program = String(decoding: try bench.folder.bytes("a.py"), as: UTF8.self)
    #expect(program.contains("self.bn = nn.BatchNorm2d(3, eps=0.001, momentum=0.01)"))
    // From what was written of it, too.
    let again = try bench.run("convert", "a.\(ending)", "b.pth", "--twin", "b.py")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try bench.folder.bytes("b.py") == bench.folder.bytes("a.py"))
  }

  /// Neither the output nor the program is written.
  @Test func whatHasNoTwinIsRefused() throws {
    expectRefusal(
      try bench.run("convert", Workbench.sample, "a.h5", "--twin", "a.py"), 65, "Keras")
    expectRefusal(
      try bench.run("convert", model, "a.pth", "--twin", "a.py", "--exclude", "bn"), 65, "bn.bias")
    expectRefusal(
      try bench.run("convert", model, "a.pth", "--twin", "a.py", "--map", "^fc=>head"), 65,
      "fc.bias")
    expectRefusal(
      try bench.run("convert", model, "a.weights.h5", "--twin", "a.py"), 64, "--twin")
    #expect(try bench.run("convert", model, "a.pth", "--twin", "a.pth").status == 64)
    #expect(bench.folder.names.isEmpty)
    try Data("mine".utf8).write(to: URL(filePath: bench.folder.file("a.py")))
    expectRefusal(try bench.run("convert", model, "a.pth", "--twin", "a.py"), 73, "a.py")
    #expect(bench.folder.names == ["a.py"])
    #expect(
      try bench.run("convert", model, "a.pth", "--twin", "a.py", "--overwrite").status == 0)
    #expect(try bench.folder.bytes("a.py").count > 100)
  }

  @Test func theReportSaysWhatTheTwinHasToBeTold() throws {
    let command = try bench.run("convert", model, "a.pth")
    #expect(command.output.contains("twin of bn: eps 0.001, momentum 0.01"))
    let json = try bench.run("convert", model, "b.pth", "--json").json()
    let settings = try #require(json["twin_settings"] as? [[String: Any]])
    #expect(settings.first?["layers"] as? [String] == ["bn"])
    #expect(settings.first?["options"] as? String == "eps 0.001, momentum 0.01")
    // To Keras there is no twin.
    #expect(try !bench.run("convert", model, "c.keras").output.contains("twin of"))
  }
}
