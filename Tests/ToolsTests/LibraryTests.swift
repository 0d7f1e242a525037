import Files

#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// What multiplies no matrices does without OpenBLAS.
  @Suite struct LibraryTests {
    let bench: Workbench
    private let data = URL(filePath: Workbench.sample).deletingLastPathComponent().path
    private let load: [String]
    private let run: [String]

    init() throws {
      bench = try Workbench()
      load = [Workbench.sample, "--model", "\(data)/convnet.json"]
      run = load + ["--input", "\(data)/convnet-input.npy"]
    }

    /// What the loader tells of the libraries that a run of a tool opened, at its start or later.
    private func librariesOpened(_ tool: String, _ arguments: [String]) throws -> String {
      let command = try Command.run(
        "\(Command.buildFolder)/ballast-\(tool)", arguments, in: bench.folder.path,
        environment: ["LD_DEBUG": "files", "LD_DEBUG_OUTPUT": bench.folder.file("loader")])
      try #require(command.status == 0, "\(command.errors)")
      let told = bench.folder.names.filter { $0.hasPrefix("loader.") }
      let text = told.compactMap { bench.folder.text(of: $0) }.joined()
      for name in told { try FileManager.default.removeItem(atPath: bench.folder.file(name)) }
      try #require(text.contains("libc.so"))
      return text
    }

    @Test func onlyAModelThatRunsOpensOpenBLAS() throws {
      try bench.convertedSample(to: "sample.h5")
      let runs: [(tool: String, arguments: [String])] = [
        ("convert", [Workbench.sample, "out.h5", "--model", "\(data)/convnet.json"]),
        ("inspect", ["sample.h5", "--stats"]),
        ("verify", ["sample.h5", Workbench.sample]),
        ("load", load),
      ]
      for (tool, arguments) in runs {
        let libraries = try librariesOpened(tool, arguments)
        #expect(!libraries.contains("openblas"), "ballast-\(tool)")
      }
      #expect(try librariesOpened("load", run).contains("libopenblas.so.0"))
    }

    @Test func withoutOpenBLASOnlyRunningAModelFails() throws {
      // The loader takes this for the library, and finds that it is none.
      try bench.folder.write("not a library".utf8, to: "libopenblas.so.0")
      func result(_ arguments: [String]) throws -> Command {
        try Command.run(
          "\(Command.buildFolder)/ballast-load", arguments, in: bench.folder.path,
          environment: ["LD_LIBRARY_PATH": bench.folder.path])
      }
      #expect(try result(load).status == 0)
      expectRefusal(
        try result(run), 74, "cannot load libopenblas.so.0", "apt install libopenblas0")
    }
  }
#endif
