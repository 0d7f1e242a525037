/// A dataset of a file that is scanned: what its elements are, and where.
///
/// All of it is read and checked when the dataset is opened, except for the list of chunks.
/// Elements are read by the caller, from ``contiguousRange`` or from the ranges of
/// ``chunks(maximumCount:)``, or in one go by ``bytes(maximumBytes:)``;
/// ``values(decoding:maximumBytes:)`` and ``strings(decoding:maximumBytes:)`` decode them. May be
/// used by several threads at a time.
public struct HDF5ScannedDataset: Sendable {
  /// The type of the elements.
  ///
  /// As `HDF5Dataset.datatype` gives it, but for compound types with members of variable length:
  /// there, sizes and offsets are those in the file.
  public let datatype: HDF5Datatype
  /// The bytes that an element takes in the file, before filters. Of what is of variable length,
  /// that is the size of the reference to the heap: 16 with addresses of 8 bytes, as nearly all
  /// files have.
  public let elementByteCount: Int
  /// The extent: null, one element, or a grid with the sizes to which it may grow.
  public let dataspace: HDF5Dataspace
  /// The filters that each chunk went through, in the order of writing (specification, IV.A.2.l):
  /// 32 at most, known ones or not.
  public let filters: [HDF5Filter]
  /// The bytes of one element that stand where nothing was written, in the byte order of the
  /// ``datatype``; `nil` if none were given, which means zeros, or if the type is of variable
  /// length.
  public let fillValue: [UInt8]?
  /// Whether the elements lie in other files (specification, IV.A.2.h), which are never opened.
  public let hasExternalStorage: Bool

  let storage: HDF5ScanStorage
  let object: HDF5ScanObject

  init(_ object: HDF5ScanObject) throws(HDF5ScanFault) {
    let header = object.header
    let position = object.file.format.base + header.address
    guard let type = header.first(.datatype), let space = header.first(.dataspace),
      let layout = header.first(.layout)
    else { throw .corrupt("a dataset lacks its type, shape or layout", at: position) }
    let stored = try HDF5ScanTypeDecoder.decode(type, in: object.file)
    dataspace = try HDF5Dataspace(scanning: try HDF5ScanShared.unshared(space))
    if let message = header.first(.filters) {
      filters = try HDF5Filter.scan(try HDF5ScanShared.unshared(message))
    } else {
      filters = []
    }
    let isVariable = stored.datatype.hasVariableLength
    fillValue =
      isVariable
      ? nil : try HDF5ScanFillValue.decode(header, elementBytes: stored.byteCount)
    hasExternalStorage = header.first(.externalFiles) != nil
    storage = try HDF5ScanStorage(
      layout.content, dataspace: dataspace, elementBytes: stored.byteCount,
      isExternal: hasExternalStorage)
    datatype = stored.datatype
    elementByteCount = stored.byteCount
    self.object = object
  }

  /// The identity of the dataset: equal for two hard links that lead to it. It is the address of
  /// its header, as ``HDF5Scan/object(at:path:)`` takes it.
  public var address: UInt64 { object.address }

  /// The number of hard links to the dataset, as it says itself.
  public var referenceCount: Int { object.header.referenceCount }

  /// The path by which it was reached, if it is known.
  public var path: String? { object.path }

  /// The attributes.
  public var attributes: HDF5ScannedAttributes { HDF5ScannedAttributes(object: object) }

  /// The dimensions, outermost first; empty for one element and for the null dataspace.
  public var shape: [Int] { dataspace.dimensions }

  /// The bytes that all elements take, before filters; `nil` if the number is too large.
  public var byteCount: Int? {
    dataspace.elementCount.flatMap { [$0, elementByteCount].checkedProduct }
  }

  /// How the elements lie in the file (specification, IV.A.2.i), with the shape of the chunks if
  /// there are any.
  public var layout: HDF5Layout {
    switch storage {
    case .compact: .compact
    case .contiguous: .contiguous
    case .chunked(let chunked): .chunked(chunked.shape)
    case .virtual: .virtual
    }
  }

  /// Whether the dataset is put together from others, possibly of other files.
  public var isVirtual: Bool { layout == .virtual }

  /// Where the elements of a contiguous dataset are, in bytes from the start of the file: exactly
  /// as many as they take, and within the file.
  ///
  /// `nil` for other layouts, for external storage, for datasets without elements, and for those
  /// that have no room in the file yet, whose elements all have the ``fillValue``.
  public var contiguousRange: Range<Int>? {
    guard case .contiguous(let address?, let count) = storage else { return nil }
    let start = object.file.format.base + address
    return start..<start + count
  }

  /// The bytes of the elements of a compact dataset; `nil` for other layouts.
  public var compactBytes: [UInt8]? {
    guard case .compact(let content) = storage else { return nil }
    return content.allBytes
  }

  /// The bytes of all elements of a compact or contiguous dataset: as they are stored, in row-major
  /// order and the byte order of the ``datatype``.
  ///
  /// Of a dataset that has no room in the file yet, they are made up from the ``fillValue``.
  ///
  /// - Parameter maximumBytes: More than this is an error, before anything is allocated; if `nil`,
  ///   the size of the file, which matters to datasets that have no room in the file yet.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/unsupported`` if the elements are stored in
  ///   chunks, in other files or in other datasets, ``HDF5Error/Code/limitExceeded`` if they are
  ///   more than the limit, or what reading the file throws.
  public func bytes(maximumBytes: Int? = nil) throws(HDF5Error) -> [UInt8] {
    try object.reporting("read") { () throws(HDF5ScanFault) in
      let limit = maximumBytes ?? object.file.format.space
      guard let count = byteCount, count <= limit else {
        throw HDF5ScanFault(.limitExceeded, "it has more bytes than the limit of \(limit)")
      }
      if let compactBytes { return compactBytes }
      if let contiguousRange { return try object.file.bytes(in: contiguousRange) }
      guard case .contiguous = storage, !hasExternalStorage else {
        throw HDF5ScanFault(
          .unsupported, "its elements are in chunks, in other files or in other datasets")
      }
      guard let fillValue, count > 0 else { return [UInt8](repeating: 0, count: count) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count)
      while bytes.count < count { bytes += fillValue }
      return bytes
    }
  }
}

/// A datatype that is stored under a name, in a file that is scanned: a committed datatype of
/// libhdf5.
///
/// Datasets and attributes that refer to it have the type itself in
/// ``HDF5ScannedDataset/datatype``, so that this need not be looked up.
public struct HDF5ScannedDatatype: Sendable {
  /// The type.
  public let datatype: HDF5Datatype
  let object: HDF5ScanObject

  init(_ object: HDF5ScanObject) throws(HDF5ScanFault) {
    datatype = try object.file.namedType(at: object.header.address).datatype
    self.object = object
  }

  /// The identity of the datatype: equal for two hard links that lead to it.
  public var address: UInt64 { object.address }

  /// The path by which it was reached, if it is known.
  public var path: String? { object.path }

  /// The attributes.
  public var attributes: HDF5ScannedAttributes { HDF5ScannedAttributes(object: object) }
}
