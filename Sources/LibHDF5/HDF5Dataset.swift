import CHDF5
import HDF5

/// A dataset: elements of one type, arranged in a grid.
///
/// ``HDF5Group/dataset(_:)`` opens one, ``HDF5Group/createDataset(_:_:shape:options:)`` makes one.
/// Nothing of the content is kept in memory: each property asks the file, under the lock of the
/// library, and throws `HDF5Error.Code.closed` once the file is closed.
public final class HDF5Dataset: HDF5Object, @unchecked Sendable {
  /// The type of the elements in the file, with their byte order there (`H5Dget_type`).
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.limitExceeded` if types are nested more than
  ///   32 deep or have more than 100,000 members, `HDF5Error.Code.corrupt` if a member's name is
  ///   not UTF-8. A type that `HDF5Datatype` cannot express is no error, but `.unsupported`.
  public var datatype: HDF5Datatype {
    get throws(HDF5Error) { try elements.datatype() }
  }

  /// The extent: null, one element, or a grid with the sizes to which it may grow
  /// (`H5Dget_space`).
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.refusedLink` if the dataset is virtual or its
  ///   elements lie in other files, unless the file's ``HDF5File/linkPolicy`` is
  ///   ``HDF5LinkPolicy/all``: finding the shape of a virtual dataset may open other files.
  public var dataspace: HDF5Dataspace {
    get throws(HDF5Error) { try elements.dataspace() }
  }

  /// The dimensions, outermost first; empty for one element and for the null dataspace.
  ///
  /// - Throws: As ``dataspace`` does.
  public var shape: [Int] {
    get throws(HDF5Error) { try dataspace.dimensions }
  }

  /// Grows or shrinks the dataset, within the maximum given when it was made (`H5Dset_extent`).
  ///
  /// Elements keep their coordinates. New ones have the ``fillValue``; those outside of the new
  /// shape are lost, even if the dataset grows again. The dataset must be chunked.
  ///
  /// - Parameter shape: The new dimensions, as many as the dataset has.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the number of dimensions
  ///   is another, or one is negative, or their product is too large to count; or what libhdf5
  ///   reports if the shape is beyond the maximum, or the dataset cannot change its shape.
  public func setExtent(_ shape: [Int]) throws(HDF5Error) {
    let operation: StaticString = "resize"
    let rank = try self.shape.count
    guard shape.count == rank, shape.checkedProduct != nil else {
      throw place.error(.invalidArgument, operation, "the shape \(shape) does not fit it")
    }
    try call(operation) { H5Dset_extent($0, shape.map { hsize_t($0) }) }
  }

  /// How the elements are read and written.
  var elements: HDF5Elements { HDF5Elements(handle: self, kind: .dataset) }
}

// MARK: - Storage

extension HDF5Dataset {
  /// How the elements lie in the file, with the shape of the chunks if there are any
  /// (`H5Pget_layout`, `H5Pget_chunk`). No other file is opened to find out.
  public var layout: HDF5Layout {
    get throws(HDF5Error) {
      let list = try creationList()
      let id = list.id
      switch try HDF5Library.call(storageOperation, at: place, { chdf5_layout(id) }) {
      case 0: return .compact
      case 1: return .contiguous
      case 2:
        var sizes = [hsize_t](repeating: 0, count: HDF5Dataspace.maximumRank + 1)
        let rank = try HDF5Library.call(storageOperation, at: place) {
          H5Pget_chunk(id, Int32(sizes.count), &sizes)
        }
        return .chunked(sizes.prefix(Int(rank)).map { Int(clamping: $0) })
      default: return .virtual
      }
    }
  }

  /// Whether the dataset is put together from others, possibly of other files.
  public var isVirtual: Bool {
    get throws(HDF5Error) { try layout == .virtual }
  }

  /// Whether the elements lie in other files, which reading would open.
  public var hasExternalStorage: Bool {
    get throws(HDF5Error) {
      let list = try creationList()
      let id = list.id
      return try HDF5Library.call(storageOperation, at: place) { H5Pget_external_count(id) } > 0
    }
  }

  /// The filters that each chunk went through, in the order of writing (`H5Pget_filter2`); none
  /// unless the dataset is chunked.
  ///
  /// A filter that the library does not have is listed too; reading then fails with code
  /// `HDF5Error.Code.unsupported`.
  public var filters: [HDF5Filter] {
    get throws(HDF5Error) {
      let list = try creationList()
      let id = list.id
      let count = try HDF5Library.call(storageOperation, at: place) { H5Pget_nfilters(id) }
      var filters: [HDF5Filter] = []
      for index in 0..<UInt32(count) { filters.append(try filter(index, in: id)) }
      return filters
    }
  }

  private func filter(_ index: UInt32, in list: hid_t) throws(HDF5Error) -> HDF5Filter {
    var flags: UInt32 = 0
    // As many as the library is willing to give.
    var parameters = [UInt32](repeating: 0, count: 256)
    var parameterCount = parameters.count
    var name = [CChar](repeating: 0, count: 256)
    var configuration: UInt32 = 0
    let id = try HDF5Library.call(storageOperation, at: place) {
      H5Pget_filter2(
        list, index, &flags, &parameterCount, &parameters, name.count - 1, &name, &configuration)
    }
    return HDF5Filter(
      id: Int(id),
      name: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
      parameters: Array(parameters.prefix(parameterCount)),
      isOptional: flags & chdf5_filter_optional() != 0)
  }

  /// The bytes of one element that stand where nothing was written, in the dataset's type and byte
  /// order; `nil` if none were given, which means zeros, or if the type is of variable length.
  public var fillValue: [UInt8]? {
    get throws(HDF5Error) {
      let list = try creationList()
      let id = list.id
      let isSet = try HDF5Library.call(storageOperation, at: place) { chdf5_has_fill_value(id) } > 0
      let type = try elements.openType()
      guard isSet, let count = try datatype.byteCount, !(try datatype.hasVariableLength) else {
        return nil
      }
      let typeID = type.id
      var value = [UInt8](repeating: 0, count: count)
      try HDF5Library.call(storageOperation, at: place) { H5Pget_fill_value(id, typeID, &value) }
      return value
    }
  }

  /// The bytes that the elements take in the file: compressed ones as compressed, none as long as
  /// nothing was allocated (`H5Dget_storage_size`). Of what is of variable length, the references
  /// to the heap count, and not what lies there.
  public var storageSize: Int {
    get throws(HDF5Error) {
      // The library answers 0 for a failure too, which then leaves nothing to read either.
      Int(clamping: try call(storageOperation) { Int64(clamping: H5Dget_storage_size($0)) })
    }
  }

  /// Where the elements of a contiguous dataset start, in bytes from the start of the file, user
  /// block included (`H5Dget_offset`); `nil` for other layouts and for datasets that have no room
  /// in the file yet.
  ///
  /// With it, elements can be read past libhdf5, from several threads or by mapping the file:
  /// ``storageSize`` bytes in the ``datatype``'s byte order, row-major. A file that is open for
  /// writing has to be flushed before.
  public var offset: Int? {
    get throws(HDF5Error) {
      let operation = storageOperation
      HDF5Library.lock.lock()
      defer { HDF5Library.lock.unlock() }
      let offset = chdf5_dataset_offset(try openIdentifier(operation, at: place))
      // Without room in the file, libhdf5 counts from the user block too and says one byte before.
      return offset < (try file.userBlockSize) ? nil : Int(offset)
    }
  }

  private var storageOperation: StaticString { "look at the storage of" }

  private func creationList() throws(HDF5Error) -> HDF5ScopedIdentifier {
    HDF5ScopedIdentifier(owning: try call(storageOperation) { H5Dget_create_plist($0) })
  }
}
