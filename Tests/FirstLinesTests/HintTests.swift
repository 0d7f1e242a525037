import Foundation
import TestSupport
import Testing

/// The modules that were built for the tests.
private enum BuiltModules {
  static let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
  static let areThere = FileManager.default.fileExists(
    atPath: products.appending(path: "Modules/Ballast.swiftmodule").path)
}

/// What the compiler says of programs, without building them: the modules are those of this test.
@Suite(.enabled(if: BuiltModules.areThere, "there are no modules beside the tests"))
struct HintTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The errors in a program in one file, by their lines.
  private static func errors(in program: String) throws -> [Int: [String]] {
    let folder = try TemporaryFolder()
    try folder.write(program.utf8, to: "main.swift")
    var arguments = ["swiftc", "-typecheck", "-swift-version", "6", "-diagnostic-style", "llvm"]
    arguments += ["-I", BuiltModules.products.appending(path: "Modules").path]
    arguments += ["-I", root.appending(path: "Sources/CDeflate").path]
    for name in ["CSupport", "CKernels"] {
      let map = BuiltModules.products.appending(path: "\(name).build/module.modulemap").path
      arguments += ["-Xcc", "-fmodule-map-file=\(map)"]
    }
    let swift = try Command.run("/usr/bin/env", arguments + [folder.file("main.swift")])
    var errors: [Int: [String]] = [:]
    for line in swift.errors.split(separator: "\n") {
      guard let match = line.firstMatch(of: /main\.swift:(\d+):\d+: error: (.*)/),
        let number = Int(match.1)
      else { continue }
      errors[number, default: []].append(String(match.2))
    }
    if errors.isEmpty { #expect(swift.status == 0, "\(swift.errors)") }
    return errors
  }

  /// The lines that do not compile, and what the message names.
  private static let hints: [(line: String, names: String)] = [
    ("x.svd()", "cholesky()"), ("x.fft()", "matmul(_:)"), ("x.ctcLoss(x)", "ctcLoss("),
    ("withoutGrad { x }", "noGrad"), ("seed(0)", "manualSeed"),
    (#"Tensor.save(x, "x.pt")"#, "Checkpoint(state: "),
    (#"load("x.pt")"#, "Checkpoint(contentsOf: path)"), ("SyncBatchNorm(3)", "BatchNorm2d"),
    ("weightNorm(m)", "v.norm("), ("spectralNorm(m)", "u.matmul(weight).matmul(v)"),
    ("m.copy()", "copy {"), ("m.clone()", "copy {"), ("m.deepCopy()", "copy {"),
    ("SparseAdam(m.namedParameters())", "Adam"), ("EMA(m)", "AveragedModel"),
    ("m.state_dict()", "stateDict"), ("m.zero_grad()", "zeroGrad"),
    ("x.logical_and(x)", "logicalAnd"), ("x.index_add(0, x, x)", "indexAdd"),
    ("x.is_floating_point()", "isFloatingPoint"), ("x.new_zeros(2)", "newZeros"),
    ("x.cuda()", "leave it out"), ("x.qr()", "cholesky()"), ("x.unsqueeze_(0)", "x.unsqueeze(dim)"),
  ]

  @Test func whatDoesNotCompileNamesWhatDoes() throws {
    let missing = Set(
      FirstLinesTests.cases.filter { $0.missing != nil }.map {
        $0.line.replacing("m2", with: "m").replacing("Linear(2, 2)", with: "m")
      })
    // Of an operator that Swift does not have it says nothing.
    #expect(missing.subtracting(Self.hints.map(\.line)) == ["x @ x"])
    let start = "import Ballast\nlet x = Tensor([1.0, 2])\nlet m = Linear(2, 2)\n"
    let errors = try Self.errors(
      in: start + Self.hints.map { "_ = \($0.line)" }.joined(separator: "\n"))
    for (index, hint) in Self.hints.enumerated() {
      let told = errors[index + 4] ?? []
      #expect(told.contains { $0.contains(hint.names) }, "\(hint.line): \(told)")
    }
    #expect(errors.keys.allSatisfy { $0 > 3 })
  }

  @Test func theProgramOfThePageCompiles() throws {
    let page = try String(
      contentsOf: Self.root.appending(path: "Sources/Ballast/Ballast.docc/FromPyTorch.md"),
      encoding: .utf8)
    let program = try #require(
      page.split(separator: "```swift\n").last?.split(separator: "```").first)
    #expect(program.contains("@MainActor func trainStep"))
    #expect(try Self.errors(in: String(program)) == [:])
  }

  @Test func functionsUseGlobalsOnTheMainActorOnly() throws {
    let program = """
      import Ballast
      let gain = Tensor(2.0)
      let layer = Sequential(Linear(3, 8), ReLU())
      var best = Tensor(0.0)
      @MainActor func scaled(_ x: Tensor) -> Tensor { layer(x) * gain }
      @MainActor final class Trainer { func keep(_ x: Tensor) { best = scaled(x).sum() } }
      func passed(_ layer: Module, _ x: Tensor) -> Tensor { layer(x) }
      Trainer().keep(Tensor.ones(1, 3))
      print(passed(layer, gain), best)
      """
    #expect(try Self.errors(in: program) == [:])
    let refused = try Self.errors(in: program + "\nfunc plain() -> Tensor { gain }")
    #expect(Array(refused.keys) == [10])
    #expect(refused[10]?.first?.contains("main actor-isolated let 'gain'") == true)
  }
}
