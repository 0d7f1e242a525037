import Arrays
import States

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The least that saving and loading can be: `write` and `read`, and nothing else.
enum RawFile {
  /// Writes the bytes of all tensors one after the other to a new file.
  static func write(_ checkpoint: Checkpoint, to path: String, durable: Bool) throws -> Double {
    try seconds {
      let descriptor = try openFile(path, O_WRONLY | O_CREAT | O_EXCL)
      defer { close(descriptor) }
      for entry in checkpoint.state.entries.values {
        try entry.array.withContiguousBytes { try writeAll($0, to: descriptor, path) }
      }
      if durable && fsync(descriptor) != 0 { throw FileError("write", path: path, errno: errno) }
    }
  }

  /// Reads as many bytes as each tensor has into new memory, which is aligned: that is faster.
  static func read(_ path: String, shapedAs checkpoint: Checkpoint) throws -> Double {
    let byteCounts = checkpoint.state.entries.values.map { $0.array.byteCount }
    var buffers: [UnsafeMutableRawBufferPointer] = []
    defer { for buffer in buffers { buffer.deallocate() } }
    return try seconds {
      let descriptor = try openFile(path, O_RDONLY)
      defer { close(descriptor) }
      for byteCount in byteCounts {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        buffers.append(buffer)
        try readAll(buffer, from: descriptor, path)
      }
    }
  }

  private static func openFile(_ path: String, _ flags: Int32) throws -> Int32 {
    let descriptor = open(path, flags, 0o644)
    guard descriptor >= 0 else { throw FileError("open", path: path, errno: errno) }
    return descriptor
  }

  private static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String
  ) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
      #else
        let count = Darwin.write(descriptor, piece.baseAddress, piece.count)
      #endif
      guard count > 0 else { throw FileError("write", path: path, errno: errno) }
      rest = rest.dropFirst(count)
    }
  }

  private static func readAll(
    _ bytes: UnsafeMutableRawBufferPointer, from descriptor: Int32, _ path: String
  ) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeMutableRawBufferPointer(rebasing: rest)
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
      #else
        let count = Darwin.read(descriptor, piece.baseAddress, piece.count)
      #endif
      guard count > 0 else { throw FileError("read", path: path, errno: errno) }
      rest = rest.dropFirst(count)
    }
  }
}
