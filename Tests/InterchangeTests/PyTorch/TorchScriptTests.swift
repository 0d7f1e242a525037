import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Programs of TorchScript, as PyTorch saves them.
@Suite(.needsPeers) struct TorchScriptTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func theCodeSaysWhatIsAParameter() throws {
    let path = folder.file("net.pt")
    let printed = try Peers.run("write_script.py", [path])
    let roles = try JSONDecoder().decode([String: String].self, from: Data(printed.utf8))
    let opened = try OpenedCheckpoint(path)
    #expect(Set(opened.checkpoint.state.keys) == Set(roles.keys))
    for (key, role) in roles {
      #expect(opened.checkpoint.state.entries[key]?.role?.rawValue == role, "\(key)")
      #expect(opened.roleRules[key] == .parameterObject, "\(key)")
    }
  }
}
