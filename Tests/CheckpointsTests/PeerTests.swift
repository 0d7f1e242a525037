import Arrays
import BallastFiles
import Checkpoints
import Files
import Foundation
import States
import TestSupport
import Testing

/// What h5py found in a dataset or group.
private struct Found: Decodable {
  let dtype: String?
  let shape: [Int]?
  let hex: String?
  let texts: [String]?
  let attrs: [String: Attribute]

  enum Attribute: Decodable, Equatable {
    case text(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }
}

/// h5py, which knows nothing of Ballast, reads what was written.
@Suite(.needsPeers) struct PeerTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func found(
    in checkpoint: Checkpoint, _ options: WriteOptions = WriteOptions()
  ) throws -> [String: Found] {
    try CheckpointWriter.write(checkpoint, to: folder.file(), options: options)
    let json = try Peers.run("dump.py", [folder.file()])
    return try JSONDecoder().decode([String: Found].self, from: Data(json.utf8))
  }

  /// What NumPy calls a type as h5py shows it, and the type with the same bytes there.
  private func shown(_ dtype: DType) -> (name: String, as: DType) {
    switch dtype {
    case .bfloat16: ("float32", .float32)
    case .float8E5M2: ("float16", .float16)
    case .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .float4E2M1FNx2:
      ("uint8", dtype)
    case .complex32: ("[('r', '<f2'), ('i', '<f2')]", dtype)
    default: (dtype.rawValue, dtype)
    }
  }

  @Test(arguments: [nil, WriteOptions.Compression(level: 4, shuffle: true)])
  func everyTypeIsReadByItsPath(_ compression: WriteOptions.Compression?) throws {
    let checkpoint = TestCheckpoints.everyType
    let found = try found(in: checkpoint, WriteOptions(compression: compression))
    for (key, entry) in checkpoint.state.entries {
      let group = entry.role == .buffer ? "buffers" : "parameters"
      let path = "\(group)/\(key.replacing(".", with: "/"))"
      let dataset = try #require(found[path])
      let shown = shown(entry.array.dtype)
      #expect(dataset.dtype == shown.name, "\(key)")
      #expect(dataset.shape == entry.array.shape.dimensions, "\(key)")
      let expected = try entry.array.converted(to: shown.as)
      let hex = expected.withContiguousBytes { bytes in
        [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      }
      if entry.array.dtype == shown.as {
        #expect(dataset.hex == hex, "\(key)")
      } else {
        // Bytes of NaNs are the library's affair where it converts.
        #expect(dataset.hex?.count == hex.count, "\(key)")
        if !expected.hasNaN { #expect(dataset.hex == hex, "\(key)") }
      }
      let name = dataset.attrs["dtype"]
      #expect(
        name
          == (shown.name == "uint8" && entry.array.dtype != .uint8
            ? .text(entry.array.dtype.rawValue) : nil))
    }
  }

  @Test func trainingCheckpointReadsAsSpecified() throws {
    let found = try found(in: TestCheckpoints.training)
    #expect(found["/"]?.attrs["format"] == .text("ballast.checkpoint"))
    #expect(found["/"]?.attrs["format_version"] == .number(1))
    #expect(found["metadata/epoch"]?.hex == "0300000000000000")
    #expect(found["metadata/epoch"]?.dtype == "int64")
    #expect(found["metadata/name"]?.texts == ["Größe ∂"])
    #expect(found["metadata/texts"]?.texts == ["horizontal", "", "ä"])
    #expect(found["metadata/nested/a%2Fb%2Ec%25"]?.dtype == "int64")
    #expect(found["metadata/args"]?.attrs["class"] == .text("argparse.Namespace"))
    #expect(found["optimizer"]?.attrs["type"] == .text("Adam"))
    #expect(found["optimizer/param_groups/0/betas"]?.shape == [2])
    #expect(found["optimizer/param_groups/0/params"]?.texts == ["conv.weight", "conv.bias"])
    #expect(found["optimizer/state/conv/weight/exp_avg"]?.shape == [4, 3, 2, 2])
    #expect(found["buffers/bn/num_batches_tracked"]?.hex == "0700000000000000")
    #expect(found["architecture"]?.texts?.first?.contains("Sequential") == true)
    let rows = try #require(found["index/tensors"]?.shape)
    #expect(rows == [9])
  }
}

extension NDArray {
  fileprivate var hasNaN: Bool {
    guard let wide = try? converted(to: .float64) else { return false }
    return wide.elements(as: Double.self).contains(where: \.isNaN)
  }
}
