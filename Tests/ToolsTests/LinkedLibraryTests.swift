import Foundation
import TestSupport
import Testing

/// Which libraries the tools load when they start.
@Suite struct LinkedLibraryTests {
  /// libhdf5 crashes on some damaged files, and brings libcurl, and in its parallel builds MPI.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ldd"), "there is no ldd"),
    arguments: ["convert", "verify", "inspect", "load"])
  func noToolLoadsLibhdf5(_ tool: String) throws {
    let command = try Command.run(
      "/usr/bin/ldd", ["\(Command.buildFolder)/ballast-\(tool)"])
    #expect(command.status == 0, "\(command.errors)")
    let libraries = command.output.split(separator: "\n").map { $0.lowercased() }
    #expect(libraries.contains { $0.contains("libc.so") }, "\(command.output)")
    for name in ["hdf5", "mpi", "curl"] {
      #expect(!libraries.contains { $0.contains(name) }, "\(command.output)")
    }
  }
}
