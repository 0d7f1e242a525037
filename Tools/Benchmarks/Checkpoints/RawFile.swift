import Arrays
import Checkpoints
import Files
import States

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The least that saving and loading can be: `write` and `read`, and nothing else.
enum RawFile {
  /// Writes the bytes of all tensors one after the other to a new file.
  static func save(_ checkpoint: Checkpoint, to path: String, durable: Bool) throws {
    let descriptor = try openFile(path, O_WRONLY | O_CREAT | O_EXCL)
    defer { close(descriptor) }
    for entry in checkpoint.state.entries.values {
      try entry.array.withContiguousBytes { bytes in
        try moveAll(bytes.byteCount, "write", path) { range in
          bytes.extracting(range).withUnsafeBytes {
            write(descriptor, $0.baseAddress, $0.count)
          }
        }
      }
    }
    if durable && fsync(descriptor) != 0 { throw FileError("write", path: path, errno: errno) }
  }

  /// Reads as many bytes as each tensor has into new memory.
  static func load(_ path: String, shapedAs checkpoint: Checkpoint) throws -> [Buffer] {
    let descriptor = try openFile(path, O_RDONLY)
    defer { close(descriptor) }
    return try checkpoint.state.entries.values.map { entry in
      let buffer = Buffer(byteCount: entry.array.byteCount)
      try moveAll(buffer.bytes.count, "read", path) { range in
        read(
          descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[range]).baseAddress,
          range.count)
      }
      return buffer
    }
  }

  /// Memory that is aligned: to read into it is faster.
  final class Buffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
      bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    }

    deinit { bytes.deallocate() }
  }

  private static func openFile(_ path: String, _ flags: Int32) throws -> Int32 {
    let descriptor = open(path, flags, 0o644)
    guard descriptor >= 0 else { throw FileError("open", path: path, errno: errno) }
    return descriptor
  }

  /// Repeats a system call, which says how many of the bytes it is given it moved, until all are.
  private static func moveAll(
    _ byteCount: Int, _ operation: String, _ path: String, _ call: (Range<Int>) -> Int
  ) throws {
    var done = 0
    while done < byteCount {
      let count = call(done..<byteCount)
      if count < 0 { throw FileError(operation, path: path, errno: errno) }
      if count == 0 { throw FileError(operation, path: path, reason: "the file is too short") }
      done += count
    }
  }
}
