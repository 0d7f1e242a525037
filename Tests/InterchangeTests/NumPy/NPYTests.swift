import Arrays
import Checkpoints
import Files
import Interchange
import NumPyFiles
import TestSupport
import Testing

@Suite struct NPYTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(.needsPeers) func numpyReadsWhatIsWrittenAndTheOtherWayRound() throws {
    let types: [DType] = [
      .bool, .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .float16, .float32,
      .float64, .complex64, .complex128,
    ]
    var arrays: [String: NDArray] = [:]
    for dtype in types {
      for shape in [Shape.scalar, [3], [2, 0], [2, 3]] {
        var array = NDArray(zeros: shape, dtype: dtype)
        array.withMutableContiguousBytes { bytes in
          for index in bytes.byteOffsets { bytes[index] = UInt8(truncatingIfNeeded: index % 2) }
        }
        let name = "\(dtype.rawValue)-\(shape.rank)-\(shape.elementCount).npy"
        arrays[name] = array
        try NPYFile.write(array.rank > 1 ? array.transposed() : array, to: folder.file(name))
      }
    }
    // The peer transposes each array again, and writes it big-endian and in Fortran order.
    _ = try Peers.run("transpose_npy.py", [folder.path])
    for (name, array) in arrays {
      #expect(try NPYFile.read(folder.file(name)).isBitwiseEqual(to: array), "\(name)")
    }
  }

  @Test func typesThatNumPyLacksAreNamed() {
    let error = #expect(throws: CheckpointError.self) {
      try NPYFile.write(NDArray(zeros: [2], dtype: .bfloat16), to: folder.file("a.npy"))
    }
    #expect(error?.reason.contains("bfloat16") == true)
    #expect(folder.names == [])
  }

  private func npy(_ header: String, version: UInt8 = 1, length: Int? = nil, data: Int = 0)
    -> [UInt8]
  {
    let length = length ?? header.utf8.count
    let lengthBytes = (0..<(version == 1 ? 2 : 4)).map {
      UInt8(truncatingIfNeeded: length >> (8 * $0))
    }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func code(_ bytes: [UInt8]) throws -> CheckpointError.Code? {
    try folder.write(bytes, to: "a.npy")
    do throws(CheckpointError) {
      _ = try NPYFile.read(folder.file("a.npy"))
      return nil
    } catch {
      return error.code
    }
  }

  @Test func soundHeadersOfEveryVersionAreRead() throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n"
    for version in [1, 2, 3] as [UInt8] {
      #expect(try code(npy(header, version: version, data: 8)) == nil)
    }
    #expect(
      try code(npy("{'shape': (2L,), \"descr\": '|u1', 'fortran_order': True}", data: 2)) == nil)
    #expect(try code(npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", data: 4)) == nil)
  }

  @Test func headersThatLieAreRefused() throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n"
    #expect(try code([]) == .notThisFormat)
    #expect(try code(Array("not numpy at all".utf8)) == .notThisFormat)
    #expect(try code(npy(header, version: 9, data: 8)) == .unsupported)
    #expect(try code(npy(header, length: 60_000)) == .damaged)
    #expect(try code(npy(header, version: 2, length: 1 << 31)) == .damaged)
    #expect(try code(npy(header, data: 7)) == .damaged)
    #expect(try code(npy(header, data: 9)) == .damaged)
    for (description, expected) in [
      ("|O", CheckpointError.Code.unsupported), ("<U2", .unsupported), ("<V2", .unsupported),
      ("<f16", .unsupported), ("", .unsupported),
    ] {
      let text = header.replacing("<f4", with: description)
      let isShort = description == "<V2"
      #expect(try code(npy(text, data: isShort ? 4 : 8)) == expected, "\(description)")
    }
    for shape in ["(-1,)", "(18446744073709551616,)", "(4611686018427387904, 8)", "('a',)", "2"] {
      #expect(try code(npy(header.replacing("(2,)", with: shape), data: 8)) == .damaged, "\(shape)")
    }
    // 80 bytes that declare 32 GiB.
    #expect(try code(npy(header.replacing("(2,)", with: "(8589934592,)"))) == .damaged)
    let structured = header.replacing("'<f4'", with: "[('a', '<f4')]")
    #expect(try code(npy(structured, data: 8)) == .unsupported)
    #expect(try code(npy(String(repeating: "(", count: 10_000))) == .damaged)
    #expect(try code(npy("{'descr': __import__('os').system('true')}")) == .damaged)
  }
}
