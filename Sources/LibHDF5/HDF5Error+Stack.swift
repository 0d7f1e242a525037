import CHDF5
import HDF5
import Platform

extension HDF5Error {
  /// The failure that this thread's error stack describes. The lock must be held.
  static func fromStack(_ operation: StaticString, at place: HDF5Place) -> HDF5Error {
    let entries = takeStack()
    let errno = entries.lazy.compactMap { errorNumber(in: $0.frame.detail) }.first
    let code = errno.map(code(errno:)) ?? code(of: entries)
    return HDF5Error(
      code, operation: operation.description, file: place.file, path: place.path,
      message: message(code, errno: errno, entries: entries), errno: errno,
      frames: entries.map(\.frame))
  }

  /// A frame with the numbers that its texts stand for.
  private struct Entry {
    var major: hid_t
    var minor: hid_t
    var frame: Frame
  }

  /// Takes the stack from the library and copies it, outermost function first.
  private static func takeStack() -> [Entry] {
    let stack = H5Eget_current_stack()
    guard stack > 0 else { return [] }
    defer { H5Eclose_stack(stack) }
    var entries: [Entry] = []
    _ = withUnsafeMutablePointer(to: &entries) { pointer in
      chdf5_walk_errors(
        stack,
        { _, description, context in
          guard let description, let context else { return 0 }
          let frame = Frame(
            function: description.pointee.func_name.map { String(cString: $0) } ?? "",
            major: "", minor: "",
            detail: description.pointee.desc.map { String(cString: $0) } ?? "")
          context.assumingMemoryBound(to: [Entry].self).pointee.append(
            Entry(
              major: description.pointee.maj_num, minor: description.pointee.min_num, frame: frame))
          return 0
        }, pointer)
    }
    // Only now: asking for a message clears the current stack, and it may disturb a walk.
    for index in entries.indices {
      entries[index].frame.major = messageText(entries[index].major)
      entries[index].frame.minor = messageText(entries[index].minor)
    }
    return entries
  }

  private static func messageText(_ id: hid_t) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, H5Eget_msg(id, nil, base, buffer.count) > 0 else {
        return ""
      }
      return String(cString: base)
    }
  }

  /// libhdf5's drivers put the system's error number into their text, and nowhere else.
  private static func errorNumber(in detail: String) -> Int32? {
    let mark = Array("errno = ".utf8)
    let bytes = Array(detail.utf8)
    guard bytes.count > mark.count else { return nil }
    for start in 0..<(bytes.count - mark.count)
    where bytes[start..<start + mark.count].elementsEqual(mark) {
      let digits = bytes[(start + mark.count)...].prefix { (0x30...0x39).contains($0) }
      return Int32(String(decoding: digits, as: UTF8.self)).flatMap { $0 == 0 ? nil : $0 }
    }
    return nil
  }

  /// What an error number of the operating system means.
  static func code(errno: Int32) -> Code {
    switch errno {
    case ENOENT, ENOTDIR: .notFound
    case EACCES, EPERM, EROFS: .permissionDenied
    case ENOSPC, EDQUOT, EFBIG: .noSpace
    case EEXIST: .alreadyExists
    case EAGAIN: .locked
    default: .io
    }
  }

  /// Looks at every frame, from the one that failed outwards: the cause is an inner one.
  private static func code(of entries: [Entry]) -> Code {
    for entry in entries.reversed() {
      // A filter that is not built in: the library looked for a plugin, which this module forbids.
      if entry.major == chdf5_major_plugin() { return .unsupported }
      // Files of a newer library differ in these numbers, and so do damaged ones.
      if entry.frame.detail.contains("bad version number") { return .unsupported }
      // Without an error number nothing failed but a checksum, of elements or of metadata.
      if entry.minor == chdf5_minor_read_error(),
        entry.major == chdf5_major_storage() || entry.major == chdf5_major_cache()
      {
        return .corrupt
      }
      if let match = codesOfMinors.first(where: { $0.minor == entry.minor }) { return match.code }
    }
    return .library
  }

  /// What the library's minor error numbers mean. Those that say only "it failed" are left out, so
  /// that the search goes on to the next frame.
  private static let codesOfMinors: [(minor: hid_t, code: Code)] = [
    (chdf5_minor_not_found(), .notFound),
    (chdf5_minor_exists(), .alreadyExists),
    (chdf5_minor_already_exists(), .alreadyExists),
    (chdf5_minor_file_exists(), .alreadyExists),
    (chdf5_minor_not_hdf5(), .notHDF5),
    (chdf5_minor_truncated(), .truncated),
    (chdf5_minor_cannot_load(), .corrupt),
    (chdf5_minor_cannot_decode(), .corrupt),
    (chdf5_minor_bad_message(), .corrupt),
    (chdf5_minor_version(), .corrupt),
    (chdf5_minor_overflow(), .corrupt),
    (chdf5_minor_cannot_filter(), .corrupt),
    (chdf5_minor_too_many_links(), .refusedLink),
    (chdf5_minor_no_filter(), .unsupported),
    (chdf5_minor_unsupported(), .unsupported),
    (chdf5_minor_cannot_convert(), .typeMismatch),
    (chdf5_minor_bad_type(), .invalidArgument),
    (chdf5_minor_bad_range(), .invalidArgument),
    (chdf5_minor_bad_value(), .invalidArgument),
    (chdf5_minor_cannot_lock_file(), .locked),
    (chdf5_minor_no_space(), .limitExceeded),
    (chdf5_minor_read_error(), .io),
    (chdf5_minor_write_error(), .io),
    (chdf5_minor_seek_error(), .io),
  ]

  /// An error number of the operating system in words, to follow a colon.
  static func message(errno: Int32) -> String {
    let text = String(cString: strerror(errno))
    return text.prefix(1).lowercased() + text.dropFirst() + " (errno \(errno))"
  }

  private static func message(_ code: Code, errno: Int32?, entries: [Entry]) -> String {
    if let errno { return message(errno: errno) }
    if code == .notHDF5 { return "it is not an HDF5 file, or its first bytes are damaged" }
    let cause = entries.last { $0.major != chdf5_major_plugin() }
    guard let detail = cause?.frame.detail else { return "the HDF5 library gave no reason" }
    if code == .unsupported, detail.contains("bad version number") {
      return detail + "; the file is damaged, or of a newer HDF5 than \(HDF5Library.version)"
    }
    return detail
  }
}
