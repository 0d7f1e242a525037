import Synchronization

/// Memory of storages that are gone, kept for those to come.
///
/// A training step makes and drops the same arrays each time. Memory that is returned to the
/// system comes back as pages that must be zeroed and mapped one by one, which costs more than
/// many operations on it. Nothing is kept until it is requested with ``capacity``, so that a
/// program that only copies files stays small.
package enum StoragePool {
  /// How many bytes are kept at most.
  package static var capacity: Int {
    get { limit.load(ordering: .relaxed) }
    set {
      limit.store(newValue, ordering: .relaxed)
      trim(to: newValue)
    }
  }

  /// How many bytes are kept now.
  package static var keptByteCount: Int { shelves.withLock { $0.byteCount } }

  private static let limit = Atomic<Int>(0)

  /// Below this the allocator is quick enough by itself.
  private static let leastByteCount = 4096

  // Each block is in one place: here, or in the storage that took it. None is touched while it is here.
  @safe
  private struct Shelves: @unchecked Sendable {
    /// Free blocks by the class of their size.
    var blocks = unsafe [[UnsafeMutableRawPointer]](repeating: [], count: 4 * Int.bitWidth)
    var byteCount = 0
  }

  private static let shelves = Mutex(Shelves())

  /// A size that serves all up to it, at most a fourth larger than asked, and its class.
  private static func sizeClass(_ byteCount: Int) -> (byteCount: Int, index: Int) {
    let octave = Int.bitWidth - (byteCount - 1).leadingZeroBitCount
    let step = 1 << (octave - 3)
    let rounded = (byteCount + step - 1) & ~(step - 1)
    return (rounded, octave * 4 + (rounded - 1) / step % 4)
  }

  /// Memory of at least `byteCount` bytes, whose content is undefined, and whether it is of a
  /// size that can be kept.
  static func allocate(_ byteCount: Int) -> (UnsafeMutableRawPointer, isRounded: Bool) {
    guard byteCount >= leastByteCount, capacity > 0, byteCount < Int.max / 2 else {
      return (.allocate(byteCount: max(byteCount, 1), alignment: Storage.alignment), false)
    }
    let (size, index) = sizeClass(byteCount)
    let kept = unsafe shelves.withLock { state -> UnsafeMutableRawPointer? in
      guard let block = unsafe state.blocks[index].popLast() else { return nil }
      state.byteCount -= size
      return unsafe block
    }
    return unsafe (kept ?? .allocate(byteCount: size, alignment: Storage.alignment), true)
  }

  /// Takes memory back that ``allocate(_:)`` gave for `byteCount` bytes.
  ///
  /// - Parameter isRounded: What it said then.
  static func deallocate(_ block: UnsafeMutableRawPointer, _ byteCount: Int, isRounded: Bool) {
    guard isRounded else {
      unsafe block.deallocate()
      return
    }
    let (size, index) = sizeClass(byteCount)
    let isKept = shelves.withLock { state in
      guard state.byteCount + size <= capacity else { return false }
      unsafe state.blocks[index].append(block)
      state.byteCount += size
      return true
    }
    if !isKept { unsafe block.deallocate() }
  }

  /// Returns memory to the system until no more than `byteCount` bytes are kept.
  private static func trim(to byteCount: Int) {
    shelves.withLock { state in
      guard state.byteCount > byteCount else { return }
      for index in unsafe state.blocks.indices {
        while let block = unsafe state.blocks[index].popLast() { unsafe block.deallocate() }
      }
      state.byteCount = 0
    }
  }
}
