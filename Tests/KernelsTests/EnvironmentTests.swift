import Files
import Foundation
import Kernels
import Testing

/// Variables that are there for a moment only. Each test has a process of its own, whose environment
/// nobody else looks at.
@Suite struct EnvironmentTests {
  @Test func variablesAreThereForAMoment() async {
    await #expect(processExitsWith: .success) {
      setenv("BALLAST_OLD", "old", 1)
      let before = ProcessInfo.processInfo.environment
      var during: [String: String] = [:]
      var old: String?
      Environment.adding(["BALLAST_NEW=a=b", "BALLAST_OLD=hidden"]) {
        during = ProcessInfo.processInfo.environment
        old = getenv("BALLAST_OLD").map { String(cString: $0) }
      }
      try #require(during["BALLAST_NEW"] == "a=b")
      try #require(old == "hidden")
      try #require(during["PATH"] == before["PATH"])
      try #require(ProcessInfo.processInfo.environment == before)
      try #require(getenv("BALLAST_OLD").map { String(cString: $0) } == "old")
    }
  }

  @Test func whatAnotherThreadChangesMeanwhileStays() async {
    await #expect(processExitsWith: .success) {
      func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
      setenv("BALLAST_OLD", "old", 1)
      setenv("BALLAST_GONE", "here", 1)
      Environment.adding(["BALLAST_FIRST=1"]) { setenv("BALLAST_NEW", "new", 1) }
      try #require(value("BALLAST_NEW") == "new" && value("BALLAST_OLD") == "old")
      Environment.adding(["BALLAST_SECOND=2"]) { setenv("BALLAST_OLD", "changed", 1) }
      try #require(value("BALLAST_OLD") == "changed")
      Environment.adding(["BALLAST_THIRD=3"]) { unsetenv("BALLAST_GONE") }
      try #require(value("BALLAST_GONE") == nil && value("BALLAST_NEW") == "new")
    }
  }

  @Test func lookupsOnOtherThreadsAreNotDisturbed() async {
    await #expect(processExitsWith: .success) {
      for number in 0..<50 { setenv("BALLAST_\(number)", "value \(number)", 1) }
      let isUndisturbed = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<3 {
          group.addTask {
            (0..<20_000).allSatisfy { round in
              let number = round % 50
              return getenv("BALLAST_\(number)").map { String(cString: $0) } == "value \(number)"
            }
          }
        }
        group.addTask {
          for round in 0..<5_000 { Environment.adding(["BALLAST_ROUND=\(round)"]) {} }
          return true
        }
        return await group.allSatisfy(\.self)
      }
      try #require(isUndisturbed)
      try #require(getenv("BALLAST_ROUND") == nil)
    }
  }
}
