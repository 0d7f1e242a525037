import Foundation

/// The memory of this process.
public enum Memory {
  /// How many bytes of it are in physical memory, or nil where the system does not say.
  ///
  /// With what the allocator keeps for later: compare after the same work has been done before.
  public static var residentByteCount: Int? {
    #if canImport(Glibc)
      guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
        let pages = Int(text.split(separator: " ")[1])
      else { return nil }
      return pages * sysconf(Int32(_SC_PAGESIZE))
    #else
      return nil
    #endif
  }
}
