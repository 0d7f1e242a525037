import Arrays
import Checkpoints
import Files

/// Where a storage's bytes are.
enum StorageRecord {
  /// In the file as they are, with their checksum if there is one.
  case region(FileRegion, crc32: UInt32?)
  /// In memory, because they were compressed in the file.
  case memory(Storage)
}

/// The storages of a PyTorch file, each made once however many tensors are in it.
///
/// They are identified by the file's own key. So tied weights and views come out as arrays over
/// one storage, and a storage that a thousand tensors share is read once.
final class PyTorchStorages {
  let file: InputFile
  private let access: Access
  private let isBigEndian: Bool
  private let lookup:
    (String) throws(CheckpointError) -> (Int, () throws(CheckpointError) -> StorageRecord)?
  private var cache: [CacheKey: Storage] = [:]
  private var smallBytes = 0
  private var repeatedBytes = 0

  private struct CacheKey: Hashable {
    let key: String
    /// The length of the numbers whose bytes were put in order.
    let swapWidth: Int
  }

  /// What tensors that repeat their elements may take when they are written out in full.
  static let maximumRepeatedByteCount = 1 << 30

  private enum Limit {
    /// Below this a storage is read, and compared with its checksum on the way.
    static let small = 16 << 10
    /// As long as all of those are few.
    static let allSmall = 16 << 20
  }

  /// - Parameter lookup: Gives the number of bytes stored under a key, and a way to get them.
  init(
    file: InputFile, access: Access, isBigEndian: Bool,
    lookup:
      @escaping (String) throws(CheckpointError) ->
      (Int, () throws(CheckpointError) -> StorageRecord)?
  ) {
    self.file = file
    self.access = access
    self.isBigEndian = isBigEndian
    self.lookup = lookup
  }

  private func damaged(_ place: String, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: file.path, place: place, reason: reason)
  }

  // MARK: Arrays

  /// The array of a tensor. `place` names it in errors.
  func array(_ tensor: PickleTensor, place: String) throws(CheckpointError) -> NDArray {
    guard let shape = Shape(validating: tensor.shape), tensor.strides.count == shape.rank,
      tensor.strides.allSatisfy({ $0 >= 0 }),
      !shape.elementCount.multipliedReportingOverflow(by: tensor.dtype.itemSize).overflow
    else {
      throw damaged(
        place,
        "a tensor has shape \(tensor.shape) and strides \(tensor.strides), which no tensor has")
    }
    guard shape.elementCount > 0 else { return NDArray(uninitialized: shape, dtype: tensor.dtype) }
    guard let source = tensor.storage, source.location != "meta" else {
      throw UnreadTensor.withoutValues.error(file: file.path, place: place)
    }
    let itemSize = tensor.dtype.itemSize
    guard source.range.lowerBound.isMultiple(of: itemSize),
      let layout = Layout(
        validating: shape, strides: tensor.strides, offset: tensor.offset,
        elementCapacity: source.range.count / itemSize)
    else {
      throw damaged(
        place,
        "shape \(shape), strides \(tensor.strides), offset \(tensor.offset) of \(tensor.dtype) "
          + "leave its storage of \(source.range.count) bytes")
    }
    try countRepetition(layout, itemSize, place)
    let storage = try storage(source, dtype: tensor.dtype, place: place)
    let shifted = Layout(
      shape: shape, strides: layout.strides,
      offset: layout.offset + source.range.lowerBound / itemSize)
    let array = NDArray(storage: storage, dtype: tensor.dtype, layout: shifted)
    guard tensor.isConjugate || tensor.isNegative else { return array }
    return SignChange.apply(array, conjugate: tensor.isConjugate, negate: tensor.isNegative)
  }

  /// A storage that is a value by itself, as an array of one dimension.
  func array(_ storage: PickleStorage, place: String) throws(CheckpointError) -> NDArray {
    let dtype = storage.dtype ?? .uint8
    return try array(
      PickleTensor(
        storage: storage, dtype: dtype, offset: 0, shape: [storage.range.count / dtype.itemSize],
        strides: [1]),
      place: place)
  }

  /// The array of a NumPy array of numbers.
  func array(
    _ source: NumPyArray, dtype: DType, place: String
  ) throws(CheckpointError) -> NDArray {
    guard let bytes = NumPyScalar.bytes(of: source.content),
      let shape = Shape(validating: source.shape)
    else { throw damaged(place, "a NumPy array has no content") }
    let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(by: dtype.itemSize)
    guard !overflow, bytes.count == byteCount else {
      throw damaged(place, "\(bytes.count) bytes do not fill shape \(shape) of \(dtype)")
    }
    let storage = Storage(copying: bytes)
    if source.type?.isBigEndian == true {
      storage.swapBytes(ofWordsOf: dtype.wordSize)
    }
    guard source.isColumnMajor else {
      return NDArray(storage: storage, dtype: dtype, layout: Layout(shape))
    }
    let reversed = Shape(shape.dimensions.reversed())
    return NDArray(
      storage: storage, dtype: dtype,
      layout: Layout(shape: shape, strides: reversed.contiguousStrides.reversed(), offset: 0))
  }

  /// A tensor of stride zero can claim any size. Whoever writes it out in full would fill the
  /// disk or the memory, so there is a limit to what all of them may claim.
  private func countRepetition(
    _ layout: Layout, _ itemSize: Int, _ place: String
  ) throws(CheckpointError) {
    guard layout.shape.elementCount > layout.extent.count else { return }
    let (sum, overflow) = repeatedBytes.addingReportingOverflow(
      layout.shape.elementCount * itemSize)
    guard !overflow, sum <= max(Self.maximumRepeatedByteCount, file.byteCount) else {
      throw CheckpointError(
        .refused, file: file.path, place: place,
        reason: "shape \(layout.shape) repeats few numbers so often that the tensor would take far "
          + "more room than the file")
    }
    repeatedBytes = sum
  }

  // MARK: Storages

  private func storage(
    _ source: PickleStorage, dtype: DType, place: String
  ) throws(CheckpointError) -> Storage {
    let width = isBigEndian ? dtype.wordSize : 1
    let cacheKey = CacheKey(key: source.key, swapWidth: width)
    if let storage = cache[cacheKey] {
      guard storage.byteCount == source.byteCount else {
        throw wrongSize(source, storage.byteCount, place)
      }
      return storage
    }
    guard let (byteCount, record) = try lookup(source.key) else {
      throw damaged(place, "its values, storage \"\(source.key)\", are not in the file")
    }
    // Compared before anything is read: a record may be compressed a thousandfold.
    guard byteCount == source.byteCount else { throw wrongSize(source, byteCount, place) }
    let storage = try load(
      record(), alignment: (source.dtype ?? .complex128).itemSize, width, place)
    cache[cacheKey] = storage
    return storage
  }

  private func wrongSize(
    _ source: PickleStorage, _ byteCount: Int, _ place: String
  ) -> CheckpointError {
    damaged(
      place,
      "storage \"\(source.key)\" has \(byteCount) bytes where \(source.byteCount) were announced")
  }

  private func load(
    _ record: StorageRecord, alignment: Int, _ width: Int, _ place: String
  ) throws(CheckpointError) -> Storage {
    let storage: Storage
    switch record {
    case .memory(let expanded): storage = expanded
    case .region(let region, let crc32):
      if width == 1, let mapped = try map(region, alignment, place) { return mapped }
      storage = try reportingFileErrors(place: place) { () throws(FileError) in
        try Storage(reading: region)
      }
      if let crc32, access != .unverified,
        storage.withBytes({ CRC32.checksum($0) }) != crc32
      {
        throw damaged(place, "its values do not match their checksum")
      }
    }
    if width > 1 { storage.swapBytes(ofWordsOf: width) }
    return storage
  }

  /// A mapping of the region, or nil if it is to be read.
  private func map(
    _ region: FileRegion, _ alignment: Int, _ place: String
  ) throws(CheckpointError) -> Storage? {
    let byteCount = region.range.count
    if region.file.isPart {
      guard access != .verified else { return nil }
      // Archives lie behind each other, wherever that is: few storages are aligned in the whole file.
      guard (region.file.start + region.range.lowerBound).isMultiple(of: alignment) else {
        return Storage(assembling: region)
      }
      return try reportingFileErrors(place: place) { () throws(FileError) in
        try Storage(mapping: region)
      }
    }
    guard access != .verified, region.range.lowerBound.isMultiple(of: alignment) else { return nil }
    if access == .mapped, byteCount < Limit.small, smallBytes + byteCount <= Limit.allSmall {
      smallBytes += byteCount
      return nil
    }
    return try reportingFileErrors(place: place) { () throws(FileError) in
      try Storage(mapping: region)
    }
  }
}
