import Arrays
import Files
import Foundation
import TestSupport
import Testing

/// Files that belong together and take their places together, or not at all.
@Suite struct ReplacementSetTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let names = ["a", "b", "c", "index"]

  private func files(_ text: String, durable: Bool = true) throws -> [ReplacementFile] {
    try Self.names.map { name in
      let file = try ReplacementFile(folder.file(name), durable: durable)
      try file.write(Array("\(text) \(name)".utf8), at: 0)
      return file
    }
  }

  private func expect(_ text: String, of names: [String] = names) {
    for name in names { #expect(folder.text(of: name) == "\(text) \(name)") }
  }

  @Test func aSetReplacesAnother() throws {
    try ReplacementFile.commit(files("old"))
    expect("old")
    try ReplacementFile.commit(files("new", durable: false))
    expect("new")
    #expect(folder.names == Self.names)
  }

  /// A folder appears where a file is to go, after all has been written.
  @Test(arguments: names) func aFailureBringsTheOldSetBack(_ obstacle: String) throws {
    try ReplacementFile.commit(files("old"))
    let new = try files("new")
    try FileManager.default.removeItem(atPath: folder.file(obstacle))
    try FileManager.default.createDirectory(
      atPath: folder.file(obstacle), withIntermediateDirectories: false)
    #expect(throws: FileError.self) { try ReplacementFile.commit(new) }
    expect("old", of: Self.names.filter { $0 != obstacle })
    for file in new { file.abandon() }
    #expect(folder.names == Self.names)
  }

  @Test(arguments: names) func aFailureLeavesNothingOfANewSet(_ obstacle: String) throws {
    let new = try files("new")
    try FileManager.default.createDirectory(
      atPath: folder.file(obstacle), withIntermediateDirectories: false)
    #expect(throws: FileError.self) { try ReplacementFile.commit(new) }
    for file in new { file.abandon() }
    #expect(folder.names == [obstacle])
  }

  /// Something that may not be replaced appears where the last file is to go, after the others have
  /// their places.
  @Test(arguments: [false, true]) func aFailureAtTheLastFileTakesTheOthersBack(_ isOld: Bool) throws
  {
    if isOld { try ReplacementFile.commit(Array(files("old").dropLast())) }
    var new = try files("new")
    new.removeLast().abandon()
    let last = try ReplacementFile(folder.file("index"), overwrite: .refuse, durable: true)
    try folder.write("a stranger".utf8, to: "index")
    #expect(throws: FileError.self) { try ReplacementFile.commit(new + [last]) }
    for file in new + [last] { file.abandon() }
    #expect(folder.text(of: "index") == "a stranger")
    expect("old", of: isOld ? ["a", "b", "c"] : [])
    #expect(folder.names == (isOld ? Self.names : ["index"]))
  }

  /// What a process that was killed between two steps leaves is removed by the next replacement.
  @Test func oldFilesThatWereKeptAreSwept() throws {
    for name in [".a.partial-Abc123-old", ".a.partial-Abc123", ".a.partial-Abc1234-old", ".a-old"] {
      try folder.write("x".utf8, to: name)
    }
    try ReplacementFile(folder.file("a")).commit()
    #expect(folder.names == [".a-old", ".a.partial-Abc1234-old", "a"])
  }
}
