extension HDF5StructureEncoder {
  /// The messages of an object header in the making (specification, IV.A.2).
  struct Messages {
    var bytes: [UInt8] = []
    private(set) var count = 0
    /// Where the field for the address of the elements is, for a dataset.
    private(set) var addressField = 0
    private var start = 0

    /// The maximum size of a message: a number of 16 bits, and a multiple of eight.
    private static let maximumByteCount = 65_528

    mutating func begin(_ kind: HDF5ScanHeader.MessageKind, isConstant: Bool = false) {
      count += 1
      bytes.append(kind.rawValue)
      // The size, when it is known.
      bytes.append(UInt16(0))
      bytes.append(UInt32(isConstant ? 1 : 0))
      start = bytes.count
    }

    mutating func end() {
      bytes.pad()
      bytes.replace(at: start - 6, with: UInt16(bytes.count - start))
    }

    /// Dataspaces are of version 1, except that only version 2 knows the null dataspace.
    /// - Parameter isExtensible: Whether dimensions of no length may become longer.
    private static func encoded(
      _ dataspace: HDF5Dataspace, isExtensible: Bool = false
    ) -> [UInt8] {
      guard dataspace != .null else { return [2, 0, 0, 2] }
      let dimensions = dataspace.dimensions
      var bytes: [UInt8] = [
        1, UInt8(dimensions.count), isExtensible ? 1 : 0, 0, 0, 0, 0, 0,
      ]
      for length in dimensions { bytes.append(UInt64(length)) }
      guard isExtensible else { return bytes }
      for length in dimensions {
        bytes.append(length == 0 ? HDF5StructureEncoder.undefined : UInt64(length))
      }
      return bytes
    }

    mutating func append(_ dataspace: HDF5Dataspace) {
      begin(.dataspace)
      bytes += Self.encoded(dataspace, isExtensible: dataspace.isEmptyArray)
      end()
    }

    /// Fill value, layout and filters.
    mutating func appendStorage(_ dataset: HDF5Blueprint.Dataset) throws(HDF5Error) {
      begin(.fillValue, isConstant: true)
      // Version 2; room is taken at once, or chunk by chunk; nothing is filled; the value is 0.
      var isChunked = dataset.dataspace.isEmptyArray
      if case .chunks = dataset.content { isChunked = true }
      bytes += [2, isChunked ? 3 : 1, 1, 1, 0, 0, 0, 0]
      end()
      if case .chunks(let shape, let filters) = dataset.content {
        appendFilters(filters, dataset)
        begin(.layout)
        bytes += [3, 2, UInt8(shape.count + 1)]
        addressField = bytes.count
        bytes.append(HDF5StructureEncoder.undefined)
        for length in shape + [dataset.datatype.byteCount] { bytes.append(UInt32(length)) }
      } else if dataset.dataspace.isEmptyArray {
        // In chunks, of which there are none: h5repack cannot compress a contiguous dataset without
        // elements, and libhdf5 since 1.14 refuses one that has a place.
        let rank = dataset.dataspace.dimensions.count
        begin(.layout)
        bytes += [3, 2, UInt8(rank + 1)]
        addressField = bytes.count
        bytes.append(HDF5StructureEncoder.undefined)
        for _ in 0..<rank { bytes.append(UInt32(1)) }
        bytes.append(UInt32(dataset.datatype.byteCount))
      } else {
        begin(.layout)
        bytes += [3, 1]
        addressField = bytes.count
        bytes.append(HDF5StructureEncoder.undefined)
        bytes.append(UInt64(dataset.byteCount))
      }
      end()
    }

    private mutating func appendFilters(
      _ filters: [HDF5Filter], _ dataset: HDF5Blueprint.Dataset
    ) {
      guard !filters.isEmpty else { return }
      begin(.filters)
      bytes += [1, UInt8(filters.count), 0, 0, 0, 0, 0, 0]
      for filter in filters {
        // The size of an element is what shuffle needs to know.
        let parameters =
          filter.id == HDF5Filter.shuffleID
          ? [UInt32(dataset.datatype.byteCount)] : filter.parameters
        var name = Array(filter.name.utf8) + [0]
        name.pad()
        bytes.append(UInt16(filter.id))
        bytes.append(UInt16(name.count))
        bytes.append(UInt16(filter.isOptional ? 1 : 0))
        bytes.append(UInt16(parameters.count))
        bytes += name
        for parameter in parameters { bytes.append(parameter) }
        if parameters.count % 2 == 1 { bytes.append(UInt32(0)) }
      }
      end()
    }

    /// Attributes, of version 1.
    ///
    /// - Parameter texts: The elements that stand for the texts of the blueprint.
    mutating func append(
      _ attributes: [HDF5Blueprint.Attribute], texts: [[UInt8]], _ path: String
    ) throws(HDF5Error) {
      guard Set(attributes.map { Array($0.name.utf8) }).count == attributes.count else {
        throw HDF5Error(
          .alreadyExists, operation: "lay out", path: path,
          message: "two attributes have the same name")
      }
      for attribute in attributes {
        let elements: [UInt8]
        switch attribute.elements {
        case .bytes(let bytes): elements = bytes
        case .texts(let numbers): elements = Array(texts[numbers].joined())
        }
        let name = Array(attribute.name.utf8) + [0]
        let dataspace = Self.encoded(attribute.dataspace)
        let parts = [name, attribute.datatype.message, dataspace]
        guard parts.reduce(elements.count + 64, { $0 + $1.count }) <= Self.maximumByteCount else {
          throw HDF5Error(
            .limitExceeded, operation: "lay out", path: path,
            message: "the attribute \(attribute.name) has \(elements.count) bytes, "
              + "and there is room for 64 KiB")
        }
        begin(.attribute)
        bytes += [1, 0]
        for part in parts { bytes.append(UInt16(part.count)) }
        for part in parts {
          bytes += part
          bytes.pad()
        }
        bytes += elements
        end()
      }
      guard count <= UInt16.max, bytes.count <= UInt32.max else {
        throw HDF5Error(
          .limitExceeded, operation: "lay out", path: path,
          message: "it has \(attributes.count) attributes, which are too many or too large")
      }
    }
  }
}

extension HDF5Dataspace {
  /// Whether it has dimensions, and no elements as one of them has no length.
  fileprivate var isEmptyArray: Bool { self != .null && dimensions.contains(0) }
}
