import HDF5
import LibHDF5
import Testing

@Suite struct StringTests {
  static let texts = ["", "a", "weights", "ünïcödé", "重み 🧠", "two\nlines"]

  static let formats: [HDF5StringFormat] =
    [HDF5StringFormat.Length.fixed(bytes: 24), .fixed(bytes: 25), .variable].flatMap { length in
      [HDF5StringFormat.Padding.nullPadded, .nullTerminated, .spacePadded].flatMap { padding in
        [HDF5StringFormat.CharacterSet.ascii, .utf8].map {
          HDF5StringFormat(length, padding: padding, characterSet: $0)
        }
      }
    }

  @Test(arguments: formats) func textsRoundTrip(format: HDF5StringFormat) throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset("d", .string(format), shape: [Self.texts.count])
    try dataset.writeStrings(Self.texts)
    #expect(try dataset.readStrings() == Self.texts)
    #expect(try dataset.readStrings(HDF5Hyperslab(2..<4)) == Array(Self.texts[2..<4]))
    try dataset.writeStrings(["changed"], HDF5Hyperslab(0..<1))
    #expect(try dataset.readStrings().first == "changed")
    #expect(try dataset.readValues(HDF5Hyperslab(3..<4)) == [.string("ünïcödé")])

    try root.attributes.set("list", to: Self.texts, as: format)
    #expect(try root.attributes.strings("list") == Self.texts)
  }

  @Test func textsThatDoNotFitAreRefusedWhole() throws {
    let root = try HDF5File.createInMemory().root
    let padded = try root.createDataset("p", .string(.fixed(bytes: 4)), shape: [])
    try padded.writeStrings(["abcd"])
    let terminated = try root.createDataset(
      "t",
      .string(HDF5StringFormat(.fixed(bytes: 4), padding: .nullTerminated, characterSet: .utf8)),
      shape: [])
    let spaced = try root.createDataset(
      "s",
      .string(HDF5StringFormat(.fixed(bytes: 4), padding: .spacePadded, characterSet: .utf8)),
      shape: [])
    let variable = try root.createDataset("v", .string(.variable), shape: [])
    for (dataset, text) in [
      (padded, "abcde"), (padded, "ab\0"), (terminated, "abcd"), (terminated, "a\0b"),
      (spaced, "ab "), (variable, "a\0b"),
    ] {
      let error = #expect(throws: HDF5Error.self) { try dataset.writeStrings([text]) }
      #expect(error?.code == .invalidArgument, "\(dataset.path) \(text)")
    }
    #expect(try padded.readStrings() == ["abcd"])
  }

  @Test func otherElementsAreNoTexts() throws {
    let root = try HDF5File.createInMemory().root
    let numbers = try root.createDataset("n", .int32, shape: [2])
    for failure in [
      { _ = try numbers.readStrings() }, { try numbers.writeStrings(["a", "b"]) },
    ] as [() throws -> Void] {
      let error = #expect(throws: HDF5Error.self) { try failure() }
      #expect(error?.code == .typeMismatch)
    }
    let texts = try root.createDataset("t", .string(.variable), shape: [2])
    let raw = #expect(throws: HDF5Error.self) { try texts.readBytes() }
    #expect(raw?.code == .unsupported)
    let number = #expect(throws: HDF5Error.self) { try texts.read(as: Int.self) }
    #expect(number?.code == .typeMismatch)
  }

  @Test func textsNeverWrittenAreEmpty() throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset("d", .string(.variable), shape: [3])
    #expect(try dataset.readStrings() == ["", "", ""])
    let fixed = try root.createDataset("f", .string(.fixed(bytes: 3)), shape: [2])
    #expect(try fixed.readStrings() == ["", ""])
  }

  @Test func bytesThatAreNoUTF8AreDamage() throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset("d", .string(.fixed(bytes: 2)), shape: [])
    try ([0xC3, 0x28] as [UInt8]).withUnsafeBytes { try dataset.writeBytes(from: $0) }
    let error = #expect(throws: HDF5Error.self) { try dataset.readStrings() }
    #expect(error?.code == .corrupt)
  }
}
