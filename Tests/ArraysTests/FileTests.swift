import Arrays
import Files
import Foundation
import TestSupport
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Someone may cut off a file that is open.
  @Test(arguments: [0, 1, 1_000_000, 2_999_999]) func whatWasCutOffIsNotRead(_ left: Int) throws {
    let count = 3_000_000
    let path = try folder.write([UInt8](repeating: 7, count: count), to: "a")
    let file = try InputFile(path)
    #expect(truncate(path, off_t(left)) == 0)
    let error = #expect(throws: FileError.self) { try file.bytes(in: 100_000..<count) }
    #expect("\(error as Any)".contains("ends at byte"), "\(error as Any)")
    if left > 500_000 { #expect(try file.bytes(in: 100_000..<500_000).allSatisfy { $0 == 7 }) }
  }

  @Test func readingChecksTheLength() throws {
    try folder.write("0123456789".utf8, to: "a")
    let file = try InputFile("\(folder.path)/a")
    #expect(file.byteCount == 10)
    #expect(try file.bytes(in: 3..<6) == Array("345".utf8))
    #expect(throws: FileError.self) { try file.bytes(in: 8..<11) }
    #expect(throws: FileError.self) { try FileRegion(file, 8..<11) }
  }

  /// Also where the first bytes of the file are kept, which a position before them must not reach.
  @Test func negativePositionsAreRefused() throws {
    try folder.write("0123456789".utf8, to: "a")
    let file = try InputFile("\(folder.path)/a")
    for _ in 0..<2 {
      var byte = [UInt8](repeating: 0, count: 1)
      #expect(throws: FileError.self) {
        try byte.withMutableBytes { try file.read(into: &$0, at: -1) }
      }
      _ = try file.head()
    }
  }

  @Test func foldersPipesAndMissingFilesAreRefused() throws {
    #expect(throws: FileError.self) { try InputFile(folder.path) }
    #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
    #expect(throws: FileError.self) { try InputFile("\(folder.path)/pipe") }
    let error = #expect(throws: FileError.self) { try InputFile("\(folder.path)/none") }
    #expect(error?.isNotFound == true)
  }

  @Test func mappedStorageIsNeverWrittenToTheFile() throws {
    try folder.write("0123456789abcdef".utf8, to: "a")
    let file = try InputFile("\(folder.path)/a")
    let storage = try Storage(mapping: FileRegion(file, 8..<16))
    #expect(storage.fileRegion?.range == 8..<16)
    var array = NDArray(storage: storage, dtype: .uint8, layout: Layout([8]))
    #expect(array.elements(as: UInt8.self) == Array("89abcdef".utf8))
    array.withMutableElements(as: UInt8.self) { $0[0] = 0 }
    #expect(folder.text(of: "a") == "0123456789abcdef")
    #expect(array.storage.fileRegion == nil)
    #expect(array.storage.isWritable && !storage.isWritable)
  }

  @Test func whatIsWrittenToOneTensorOfAFileChangesNoOther() throws {
    try folder.write("0123456789abcdef".utf8, to: "a")
    let file = try InputFile("\(folder.path)/a")
    func read() throws -> NDArray {
      let storage = try Storage(mapping: FileRegion(file, 0..<16))
      return NDArray(storage: storage, dtype: .uint8, layout: Layout([16]))
    }
    var first = try read()
    let second = try read()
    first.withMutableElements(as: UInt8.self) { $0[0] = 0 }
    #expect(second.elements(as: UInt8.self) == Array("0123456789abcdef".utf8))
    #expect(try read().elements(as: UInt8.self) == second.elements(as: UInt8.self))
  }

  @Test func replacementShowsOldOrNew() throws {
    try folder.write("old".utf8, to: "a")
    let replacement = try ReplacementFile("\(folder.path)/a")
    try replacement.write(Array("new".utf8), at: 0)
    #expect(folder.text(of: "a") == "old")
    try replacement.commit()
    #expect(folder.text(of: "a") == "new")
    #expect(folder.names == ["a"])
  }

  @Test func abandonedReplacementLeavesNothing() throws {
    try folder.write("old".utf8, to: "a")
    do {
      let replacement = try ReplacementFile("\(folder.path)/a")
      try replacement.write(Array("new".utf8), at: 0)
      #expect(folder.names.count == 2)
    }
    #expect(folder.names == ["a"])
    #expect(folder.text(of: "a") == "old")
  }

  @Test func leftoversOfDeadWritersAreSweptAndLivingOnesKept() throws {
    let living = try ReplacementFile("\(folder.path)/a")
    try folder.write("half".utf8, to: ".a.partial-aBcDeF")
    let replacement = try ReplacementFile("\(folder.path)/a")
    #expect(!folder.names.contains(".a.partial-aBcDeF"))
    #expect(folder.names.count == 2)
    try replacement.commit()
    try living.commit()
    #expect(folder.names == ["a"])
  }

  @Test func refusingToOverwriteHoldsAtBothEnds() throws {
    try folder.write("old".utf8, to: "a")
    #expect(throws: FileError.self) { try ReplacementFile("\(folder.path)/a", overwrite: .refuse) }
    let replacement = try ReplacementFile("\(folder.path)/b", overwrite: .refuse)
    try folder.write("meanwhile".utf8, to: "b")
    #expect(throws: FileError.self) { try replacement.commit() }
    #expect(folder.text(of: "b") == "meanwhile")
    #expect(folder.names == ["a", "b"])
  }

  @Test func symbolicLinksKeepTheirPlace() throws {
    try folder.write("old".utf8, to: "a")
    #expect(symlink("a", "\(folder.path)/link") == 0)
    let replacement = try ReplacementFile("\(folder.path)/link")
    try replacement.write(Array("new".utf8), at: 0)
    try replacement.commit()
    #expect(folder.text(of: "a") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.path)/link") == "a")
  }

  @Test func permissionsAreKept() throws {
    try folder.write("old".utf8, to: "a")
    // The last has what every usual umask takes off.
    for mode in [0o640, 0o600, 0o666] {
      chmod("\(folder.path)/a", mode_t(mode))
      try ReplacementFile("\(folder.path)/a").commit()
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/a")
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
  }

  @Test func newFilesAreAsReadableAsAnyOther() throws {
    func permissions(of name: String) throws -> Int? {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
      return attributes[.posixPermissions] as? Int
    }
    close(creat("\(folder.path)/plain", 0o666))
    mkdir("\(folder.path)/folder", 0o777)
    let path = folder.path
    // Files that are made at the same time do not change each other's.
    try Parallel.forEach(100, threads: 4) { number in
      try ReplacementFile("\(path)/\(number)", durable: false).commit()
      try ReplacementFolder("\(path)/\(number)-folder", durable: false).commit()
    }
    for number in 0..<100 {
      #expect(try permissions(of: "\(number)") == permissions(of: "plain"))
      #expect(try permissions(of: "\(number)-folder") == permissions(of: "folder"))
    }
  }

  @Test func foldersAndMissingFoldersAreRefused() {
    #expect(throws: FileError.self) { try ReplacementFile(folder.path) }
    #expect(throws: FileError.self) { try ReplacementFile("\(folder.path)/none/a") }
    #expect(throws: FileError.self) { try ReplacementFile("/dev/null") }
  }

  @Test func parallelWorkIsDoneOnceAndErrorsCarry() throws {
    let counts = try ReplacementFile("\(folder.path)/counts")
    try Parallel.forEach(100, threads: 4) { index in
      try counts.write([UInt8(index)], at: index)
    }
    try counts.commit()
    let file = try InputFile("\(folder.path)/counts")
    #expect(try file.bytes(in: 0..<100) == (0..<100).map(UInt8.init))
    #expect(throws: FileError.self) {
      try Parallel.forEach(10, threads: 2) { index in
        if index == 5 { throw FileError("test", path: "", reason: "") }
      }
    }
  }
}
