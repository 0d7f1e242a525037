import Arrays

/// What a file is, by its first bytes.
enum FileKind {
  case zip
  case legacy
  case tar
  case pickle

  /// The number that is pickled at the start of the older format.
  static let legacyMagic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  /// The protocol, and from protocol 4 on a frame, come before the number.
  private static let greatestPickleHeader = 11

  /// - Throws: ``InterchangeError`` with what the file is, if it is none of PyTorch's.
  init(_ file: InputFile) throws(InterchangeError) {
    let head = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: 0..<min(1024, file.byteCount))
    }
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .zip
      return
    }
    if head.first == PickleOpcode.proto.rawValue,
      (2...Self.greatestPickleHeader).contains(where: {
        head.dropFirst($0).starts(with: Self.legacyMagic)
      })
    {
      self = .legacy
      return
    }
    if let other = Self.other(head, file.byteCount) {
      throw InterchangeError(
        .notThisFormat, file: file.path, reason: "it is \(other.what), not a checkpoint",
        advice: other.advice)
    }
    if TarHeader(head[...]) != nil {
      self = .tar
    } else if Self.looksLikePickle(head) {
      self = .pickle
    } else if Self.endsAsZip(file) {
      // An archive with something before it, which zip allows.
      self = .zip
    } else {
      throw InterchangeError(
        .notThisFormat, file: file.path,
        reason: Self.isText(head) ? "it is a text, not a checkpoint" : "it is not a checkpoint")
    }
  }

  private static func other(_ head: [UInt8], _ byteCount: Int) -> (what: String, advice: String?)? {
    guard let first = head.first else { return ("empty", "The download or copy failed.") }
    func begins(_ text: String) -> Bool { head.starts(with: text.utf8) }
    let start = String(decoding: head.drop { $0 <= 0x20 }.prefix(16), as: UTF8.self).lowercased()
    if start.hasPrefix("<!doctype") || start.hasPrefix("<html") || start.hasPrefix("<?xml") {
      return ("a web page", "The download gave a page instead of the file; fetch the file itself.")
    }
    if begins("version https://git-lfs") {
      return ("a git-lfs pointer to the file", "Run \"git lfs pull\" to fetch the file itself.")
    }
    let unpack = "Unpack it; the checkpoint may be inside."
    if head.starts(with: [0x1F, 0x8B]) { return ("compressed by gzip", unpack) }
    if head.starts(with: [0x37, 0x7A, 0xBC, 0xAF]) { return ("a 7z archive", unpack) }
    if head.starts(with: [0xFD, 0x37, 0x7A, 0x58]) { return ("compressed by xz", unpack) }
    if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return ("compressed by zstd", unpack) }
    if begins("BZh") { return ("compressed by bzip2", unpack) }
    if begins("Rar!") { return ("a rar archive", unpack) }
    if head.starts(with: [0x89, 0x48, 0x44, 0x46]) { return ("an HDF5 file", nil) }
    if head.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) {
      return ("a NumPy .npy file", nil)
    }
    if begins("GGUF") { return ("a GGUF file", nil) }
    if let length = head.uint64(at: 0), length > 1, byteCount >= 8,
      length <= UInt64(byteCount - 8), head.count > 8, head[8] == UInt8(ascii: "{")
    {
      return ("a safetensors file", nil)
    }
    if first == UInt8(ascii: "{") && isText(head) { return ("JSON", nil) }
    return nil
  }

  private static func looksLikePickle(_ head: [UInt8]) -> Bool {
    if head.count >= 2, head[0] == 0x80 { return head[1] <= 5 }
    // Protocols 0 and 1 have no header: a mark and a list or dictionary, or a global.
    let starts = [
      "(d", "(l", "}q", "]q", "ccollections\n", "ctorch", "cnumpy", "cos\n", "cposix\n",
    ]
    return starts.contains { head.starts(with: $0.utf8) }
  }

  private static func endsAsZip(_ file: InputFile) -> Bool {
    guard file.byteCount >= 22,
      let tail = try? file.bytes(in: file.byteCount - 22..<file.byteCount)
    else { return false }
    return tail.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }
}
