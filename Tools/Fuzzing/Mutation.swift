import BallastFiles
import Files
import HDF5

/// libFuzzer's own changes: bits, bytes, pieces that are copied, words of a dictionary, and what the
/// program compared with.
@_silgen_name("LLVMFuzzerMutate")
func changeBytes(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

/// A change of an input that keeps what would otherwise be refused before anything else is looked at:
/// where the members of an archive are, and checksums.
///
/// Checksums within HDF5's own structures are not set right: there are too many kinds. In the build for
/// the fuzzer the reader passes over them, as `HDF5ScanCursor` says.
struct Mutation {
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private var generator: Generator

  /// - Parameters:
  ///   - buffer: The input, and the room behind it.
  ///   - seed: Says what is done.
  init(_ buffer: UnsafeMutableBufferPointer<UInt8>, seed: UInt32) {
    self.buffer = buffer
    generator = Generator(state: UInt64(seed) &+ 1)
  }

  /// Changes the input.
  ///
  /// - Returns: Its new size.
  mutating func mutate(_ count: Int, as target: FuzzTarget) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    // Some of all are changed without any regard.
    if generator.next(below: 8) > 0 {
      let input = buffer[..<count]
      switch target {
      case .zipArchive, .pipeline:
        if let archive = FuzzArchive(Array(input)), let made = change(archive) {
          return put(made) ?? changeBytes(base, count, buffer.count)
        }
      default: break
      }
    }
    let count = changeBytes(base, count, buffer.count)
    switch target {
    case .hdf5File, .pipeline:
      if generator.next(below: 4) > 0, let made = Self.sealed(Array(buffer[..<count])) {
        return put(made) ?? count
      }
    case .safetensorsFile:
      if generator.next(below: 2) > 0 { fitLength(count) }
    default: break
    }
    return count
  }

  /// Puts bytes into the place of the input; nil if there is no room.
  private func put(_ bytes: [UInt8]) -> Int? {
    guard bytes.count <= buffer.count else { return nil }
    _ = buffer.update(fromContentsOf: bytes)
    return bytes.count
  }

  // MARK: - Archives

  /// Changes a member of an archive, or which members there are.
  private mutating func change(_ archive: FuzzArchive) -> [UInt8]? {
    var archive = archive
    guard !archive.members.isEmpty else { return nil }
    let index = generator.next(below: archive.members.count)
    switch generator.next(below: 16) {
    case 0: archive.members.remove(at: index)
    case 1: archive.members.append(archive.members[index])
    case 2:
      let other = generator.next(below: archive.members.count)
      archive.members[index].content = archive.members[other].content
    case 3: archive.members[index].name = changed(archive.members[index].name)
    default: archive.members[index].content = changed(archive.members[index].content)
    }
    return archive.bytes
  }

  /// These bytes, changed.
  private func changed(_ bytes: [UInt8]) -> [UInt8] {
    let limit = bytes.count + 64
    return [UInt8](unsafeUninitializedCapacity: limit) { room, count in
      _ = room.initialize(fromContentsOf: bytes + [UInt8](repeating: 0, count: 64))
      count = room.baseAddress.map { changeBytes($0, bytes.count, limit) } ?? 0
    }
  }

  // MARK: - Single files

  /// Lets the first number of a file of safetensors be the length of its header again, up to where
  /// the JSON seems to end.
  private func fitLength(_ count: Int) {
    guard count > 8, let end = buffer[8..<count].lastIndex(of: UInt8(ascii: "}")) else { return }
    withUnsafeBytes(of: UInt64(end - 7).littleEndian) {
      for (place, byte) in $0.enumerated() { buffer[place] = byte }
    }
  }

  /// A file of Ballast's whose index has its checksum, and whose structures have their seal; nil if
  /// it has none.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8]? {
    guard let scan = try? HDF5Scan(bytes: bytes), let index = try? scan.root().group("index")
    else { return nil }
    var bytes = bytes
    func place(_ name: String, _ count: Int) -> Int? {
      guard let range = try? index.dataset(name).contiguousRange, range.count == count else {
        return nil
      }
      return range.lowerBound
    }
    func put(_ sum: UInt32, at place: Int) {
      withUnsafeBytes(of: sum.littleEndian) {
        bytes.replaceSubrange(place..<place + 4, with: $0)
      }
    }
    if let checksum = place("checksum", 4) {
      var sum = CRC32()
      for name in ["tensors", "values", "modules", "extents", "text", "file_size"] {
        guard let part = try? index.dataset(name).bytes() else { return nil }
        part.withBytes { sum.update($0) }
      }
      put(sum.value, at: checksum)
    }
    if let seal = place("seal", 12) {
      put(0, at: seal + 8)
      let count = bytes.uint64(at: seal) ?? 0
      put(bytes.prefix(Int(clamping: count)).withBytes { CRC32.checksum($0) }, at: seal + 8)
    }
    return bytes
  }
}

/// A generator of numbers that follow from a seed (SplitMix64).
private struct Generator {
  var state: UInt64

  mutating func next(below limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(limit))
  }
}
