import Arrays
import Files
import OrderedCollections

/// The tensors of a file, compared with the checksums that Ballast wrote for them.
package struct ChecksumComparison {
  /// What of a file is read for it.
  package enum Reading {
    /// Only what is in memory already.
    case inMemory
    /// All, a block at a time.
    case all
    /// All, into memory of its own, in the same pass.
    case copying
  }

  /// The tensors: those that were copied in memory of their own.
  package private(set) var tensors: OrderedDictionary<String, NDArray>
  /// The tensors that do not match their checksums, in the order of the file.
  package private(set) var mismatched: [String] = []
  /// How many have none.
  package private(set) var unprotectedCount = 0

  /// Compares tensors with their checksums.
  ///
  /// - Parameters:
  ///   - tensors: The tensors of a file.
  ///   - reading: What is read for it.
  ///   - known: What was read of the file before, which is not read again.
  ///   - expected: The checksum of a tensor; nil if it has none.
  /// - Throws: `FileError` if the file cannot be read.
  package init(
    _ tensors: OrderedDictionary<String, NDArray>, _ reading: Reading, known: ReadChecksums? = nil,
    expected: (_ name: String, _ array: NDArray) -> UInt32?
  ) throws {
    precondition(known == nil || reading != .copying, "what is not read again is not copied")
    self.tensors = tensors
    var placed: [(name: String, crc32: UInt32?, number: Int)] = []
    // Names of the same bytes share what is read of them: they may be many, and are ties.
    var numbers: [Place: Int] = [:]
    var regions: [FileRegion] = []
    var storages: [Storage?] = []
    var found: Set<String> = []
    for (name, array) in tensors {
      let crc32 = expected(name, array)
      if crc32 == nil { unprotectedCount += 1 }
      if let region = try array.fileRegion() {
        guard reading == .copying || reading == .all && crc32 != nil else { continue }
        let place = Place(file: region.file.identity, range: region.range)
        let number = numbers[place] ?? regions.count
        if numbers.updateValue(number, forKey: place) == nil {
          regions.append(region)
          storages.append(
            reading == .copying ? Storage(uninitializedByteCount: region.range.count) : nil)
        }
        placed.append((name, crc32, number))
      } else if let crc32, try CRC32.checksum(of: array) != crc32 {
        // Without elements, or not where it could be mapped: it was read when the file was opened.
        found.insert(name)
      }
    }
    let sums = try ReadChecksums.checksums(of: regions, known: known) {
      [storages] number, offset, bytes in
      // Nobody else has seen the storages yet, and no two pieces overlap.
      storages[number]?.withMutableBytes(in: offset..<(offset + bytes.byteCount)) {
        $0.copy(bytes)
      }
    }
    for part in placed {
      if let crc32 = part.crc32, sums[part.number] != crc32 { found.insert(part.name) }
      guard let storage = storages[part.number], let array = tensors[part.name] else { continue }
      self.tensors[part.name] = NDArray(
        storage: storage, dtype: array.dtype, layout: Layout(array.shape))
    }
    mismatched = tensors.keys.filter(found.contains)
  }

  /// Bytes of a file.
  private struct Place: Hashable {
    let file: InputFile.Identity
    let range: Range<Int>
  }
}

extension Verification {
  /// Takes what comparing the tensors of a file found.
  ///
  /// - Returns: How many have no checksum: none, if the checksums themselves are damaged, which is told.
  package mutating func take(
    _ path: String, _ compare: () throws -> ChecksumComparison
  ) throws -> Int {
    do {
      let comparison = try compare()
      problems += comparison.mismatched.map { ChecksumTable.mismatch($0, in: path) }
      return comparison.unprotectedCount
    } catch let error as CheckpointError where error.code == .damaged {
      problems.append(error)
      return 0
    }
  }
}

extension NDArray {
  /// Where in a file the elements are, one after the other; nil if they are not in one.
  fileprivate func fileRegion() throws(FileError) -> FileRegion? {
    guard isContiguous, byteCount > 0, let region = storage.fileRegion else { return nil }
    let start = region.range.lowerBound + layout.offset * dtype.itemSize
    return try FileRegion(region.file, start..<start + byteCount)
  }
}

extension CRC32 {
  /// The checksum of an array's elements in row-major order.
  fileprivate static func checksum(of array: NDArray) throws -> UInt32 {
    var crc = CRC32()
    try array.forEachBlock { bytes, _ in crc.update(bytes) }
    return crc.value
  }
}
