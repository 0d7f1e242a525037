import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

extension MATLABContent {
  // MARK: - Small datasets

  private static let maximumTextByteCount = 1 << 24
  private static let maximumLengthsByteCount = 1 << 12

  /// The bytes of a dataset that is small by its meaning: a text, sizes, references.
  mutating func bytes(
    of dataset: HDF5ScannedDataset, at path: String, maximumBytes: Int? = nil
  ) throws -> [UInt8] {
    guard !dataset.hasExternalStorage, !dataset.isVirtual else {
      throw error(.refused, path, "its bytes are in another file")
    }
    let byteCount = max(dataset.byteCount ?? .max, dataset.chunkByteCount ?? 0)
    try budget.count(textByteCount: byteCount, at: path)
    return try file.bytes(
      of: dataset, path: path, maximumBytes: maximumBytes ?? Self.maximumTextByteCount)
  }

  /// The lengths that a dataset holds in place of elements, those of an array without any.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if it does not hold such.
  mutating func emptyLengths(of dataset: HDF5ScannedDataset, at path: String) throws -> [Int] {
    guard let lengths = try lengths(of: dataset, at: path), lengths.contains(0),
      Shape(validating: lengths) != nil
    else {
      throw error(.damaged, path, "it is said to be empty, and does not hold its size")
    }
    return lengths
  }

  /// The numbers of a dataset of lengths; nil if it does not hold such.
  mutating func lengths(of dataset: HDF5ScannedDataset, at path: String) throws -> [Int]? {
    guard case .integer(8, _, _) = dataset.datatype else { return nil }
    let bytes = try bytes(of: dataset, at: path, maximumBytes: Self.maximumLengthsByteCount)
    let numbers = try dataset.values(decoding: bytes).map { value -> Int? in
      if case .integer(let number) = value, number >= 0 { Int(number) } else { nil }
    }
    let lengths = numbers.compactMap(\.self)
    return lengths.count == numbers.count ? lengths : nil
  }

  /// The letters of a dataset of texts.
  ///
  /// - Parameter width: As `Letters.width(in:)` gives it.
  mutating func letters(
    of dataset: HDF5ScannedDataset, width: Int, at path: String
  ) throws -> Letters {
    try budget.count(values: Letters.rowCount(of: dataset), at: path)
    return Letters(dataset, width: width, bytes: try bytes(of: dataset, at: path))
  }

  // MARK: - The result

  /// Compares the tensors with the checksums that Ballast wrote.
  func compared(
    _ reading: ChecksumComparison.Reading, known: ReadChecksums? = nil
  ) throws -> ChecksumComparison {
    let table = try ChecksumTable(json: checksums, file: file.name)
    return try ChecksumComparison(tensors.mapValues(\.stored), reading, known: known) {
      name, array in
      guard tensors[name]?.hasChecksum == true else { return nil }
      return table.crc32(of: name, array.dtype.rawValue, array.shape.dimensions)
    }
  }

  /// The checkpoint.
  ///
  /// - Throws: `CheckpointError` if nothing could be read, or the outline contradicts itself.
  func result() throws -> ReadResult {
    if tensors.isEmpty, let refusal { throw refusal }
    var notes = notes
    var shown: OrderedDictionary<String, NDArray> = [:]
    for (name, tensor) in tensors {
      let array = tensor.stored.reversed
      let original = tensor.record.flatMap { MATLABCarrier.restored(array, $0) }
      if let record = tensor.record, original == nil {
        notes.append(
          "\(name): it was \(record.dtype) of shape \(record.shape), and is \(array.dtype) of "
            + "shape \(array.shape) now")
      }
      shown[name] = original ?? array
    }
    var result = try ArrayCollection(file: file.name, tensors: shown, outline: outline)
      .checkpoint()
    for (name, value) in metadata {
      if let known = result.checkpoint.metadata[name], known != value {
        notes.append("the metadata \(name): the outline has another value than the file")
      }
      result.checkpoint.metadata[name] = value
    }
    result.losses += losses
    result.notes += notes
    return result
  }
}

extension NDArray {
  /// The same elements with the axes the other way round: nothing is moved.
  var reversed: NDArray { permuted(Array((0..<rank).reversed())) }

  /// Bytes as truth values; nil if one is another than 0 and 1.
  var truthValues: NDArray? {
    let areTruths: Bool = withContiguousBytes { bytes in
      for place in 0..<bytes.byteCount where bytes[place] > 1 { return false }
      return true
    }
    return areTruths ? NDArray(storage: storage, dtype: .bool, layout: layout) : nil
  }
}
