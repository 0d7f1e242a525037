import Arrays
import Checkpoints
import Files

/// What a file is, by its first bytes.
enum FileKind {
  case zip(ZipArchive)
  case legacy
  case tar
  case pickle
  /// A pickle behind the header of a `.npy` file.
  case objects(start: Int)

  /// Files of the folders that `torch.distributed.checkpoint` writes: tensors, or parts of them,
  /// saved one behind the other.
  private static let pieceSuffix = ".distcp"
  /// The number that is pickled at the start of the older format.
  static let legacyMagic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  /// The protocol, and from protocol 4 on a frame, come before the number.
  private static let maximumPickleHeader = 11

  /// - Throws: `CheckpointError` with code `notThisFormat` if it is none of PyTorch's.
  init(_ probe: FileProbe) throws(CheckpointError) {
    guard !probe.name.hasSuffix(Self.pieceSuffix) else {
      throw CheckpointError(
        .notThisFormat, file: probe.path,
        reason: "it is a piece of a distributed checkpoint, whose folder says what belongs where")
    }
    let head = probe.head
    // An archive may have something before it.
    if head.starts(with: [0x50, 0x4B]), let zip = try probe.zip() {
      self = .zip(zip)
      return
    }
    if head.first == PickleOpcode.proto.rawValue,
      (2...Self.maximumPickleHeader).contains(where: {
        head.dropFirst($0).starts(with: Self.legacyMagic)
      })
    {
      self = .legacy
      return
    }
    if let start = ObjectArray.start(head) {
      self = .objects(start: start)
    } else if TarHeader(head[...]) != nil {
      self = .tar
    } else if Self.looksLikePickle(head) {
      self = .pickle
    } else if let zip = try probe.zip() {
      self = .zip(zip)
    } else {
      throw CheckpointError(
        .notThisFormat, file: probe.path, reason: "it is not a PyTorch file")
    }
  }

  private static func looksLikePickle(_ head: [UInt8]) -> Bool {
    if head.count >= 2, head[0] == 0x80 { return head[1] <= 5 }
    // Protocols 0 and 1 have no header: a mark and a list or dictionary, or a global.
    let starts = [
      "(d", "(l", "}q", "]q", "ccollections\n", "ctorch", "cnumpy", "cos\n", "cposix\n",
    ]
    return starts.contains { head.starts(with: $0.utf8) }
  }
}
