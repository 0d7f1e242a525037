/// The attributes of an object of a file that is scanned, however the object keeps them: as
/// messages of its header (specification, IV.A.2.m), or, if they are many, in a heap (IV.A.2.v).
///
/// ```swift
/// if let attribute = try dataset.attributes.attribute("unit") {
///   print(try attribute.strings())
/// }
/// ```
///
/// Nothing is kept: each call reads them again. May be used by several threads at a time.
public struct HDF5ScannedAttributes: Sendable {
  let object: HDF5ScanObject

  /// All attributes, sorted by the bytes of their names. Their elements are in memory then, but for
  /// what is of variable length.
  ///
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/corrupt`` if one is damaged, has no name or
  ///   the name of another, ``HDF5Error/Code/unsupported`` if one is shared through a heap of the
  ///   file, or others. A part of a list is never returned as the whole.
  public func all() throws(HDF5Error) -> [HDF5ScannedAttribute] {
    try object.reporting("list the attributes of") { () throws(HDF5ScanFault) in
      var attributes: [HDF5ScannedAttribute] = []
      try read { (cursor) throws(HDF5ScanFault) in
        attributes.append(try HDF5ScannedAttribute(cursor, of: object))
      }
      attributes.sort { $0.name.precedes($1.name) }
      guard
        zip(attributes, attributes.dropFirst()).allSatisfy({ $0.name.precedes($1.name) })
      else {
        throw .corrupt(
          "two attributes have the same name", at: object.file.format.base + object.header.address)
      }
      return attributes
    }
  }

  /// The attribute of a name; `nil` if there is none.
  ///
  /// Others are read as far as their names: what is wrong with their types or elements does not
  /// matter.
  ///
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/corrupt`` if the attribute, or the list of
  ///   attributes, is damaged, or others.
  public func attribute(_ name: String) throws(HDF5Error) -> HDF5ScannedAttribute? {
    try object.reporting("look for an attribute of") { () throws(HDF5ScanFault) in
      var found: HDF5ScannedAttribute?
      try read(only: name) { (cursor) throws(HDF5ScanFault) in
        // The name first: another attribute that is damaged, or of an odd type, is no matter.
        var prefix = cursor
        guard found == nil, try HDF5ScannedAttribute.name(&prefix).isSame(as: name) else { return }
        found = try HDF5ScannedAttribute(cursor, of: object)
      }
      return found
    }
  }

  /// Goes through the messages of all attributes, or of those that may have a name.
  private func read(
    only name: String? = nil, _ body: (HDF5ScanCursor) throws(HDF5ScanFault) -> Void
  ) throws(HDF5ScanFault) {
    for message in object.header.messages where message.kind == .attribute {
      try body(try HDF5ScanShared.unshared(message))
    }
    guard let info = object.header.first(.attributeInfo) else { return }
    let dense = try HDF5ScanDenseAttributes(
      info.content, of: object.header.address, in: object.file)
    try dense?.read(hash: name?.lookup3, body)
  }
}

/// An attribute of an object of a file that is scanned: its type, its extent and its stored bytes.
///
/// The bytes are those that were read when the attribute was found. What is of variable length is
/// read from the file when it is asked for, by ``values(maximumBytes:)`` or
/// ``strings(maximumBytes:)``.
public struct HDF5ScannedAttribute: Sendable {
  /// The default limit of what is read of an attribute, in bytes: 64 MiB.
  public static let defaultMaximumBytes = 64 << 20

  /// The name, not empty.
  public let name: String
  /// The type of the elements.
  ///
  /// As `HDF5Attribute.datatype` gives it, but for compound types with members of variable length:
  /// there, sizes and offsets are those in the file.
  public let datatype: HDF5Datatype
  /// The bytes that an element takes in the file. Of what is of variable length, that is the size
  /// of the reference to the heap: 16 with addresses of 8 bytes, as nearly all files have.
  public let elementByteCount: Int
  /// The extent: null, one element, or a grid.
  public let dataspace: HDF5Dataspace

  let content: HDF5ScanCursor
  let file: HDF5ScanFile
  private let objectPath: String?

  /// The dimensions, outermost first; empty for one element and for the null dataspace.
  public var shape: [Int] { dataspace.dimensions }

  /// The bytes of all elements, as they are stored: in row-major order and the byte order of the
  /// ``datatype``, ``elementByteCount`` for each.
  public var bytes: [UInt8] { content.allBytes }

  /// How many ``bytes`` there are.
  package var byteCount: Int { content.remaining }

  /// The path of the attribute, as errors name it: `/group@name`.
  var path: String? { objectPath.map { $0 + "@" + name } }

  /// What an attribute message begins with (IV.A.2.m).
  private struct Prefix {
    var version: UInt8
    var isTypeShared: Bool
    var nameCount: Int
    var typeCount: Int
    var spaceCount: Int

    init(_ cursor: inout HDF5ScanCursor) throws(HDF5ScanFault) {
      version = try cursor.uint8()
      guard (1...3).contains(version) else {
        throw cursor.fault("the version of an attribute is \(version)")
      }
      let flags = try cursor.uint8()
      isTypeShared = version > 1 && flags & 0x01 != 0
      guard version == 1 || flags & 0x02 == 0 else { throw HDF5ScanShared.unsupported(cursor) }
      nameCount = Int(try cursor.uint16())
      typeCount = Int(try cursor.uint16())
      spaceCount = Int(try cursor.uint16())
      if version == 3 { try cursor.skip(1) }  // The character set, which writers get wrong.
    }

    /// Splits off a part, which takes a multiple of eight bytes in version 1.
    func split(
      _ count: Int, from cursor: inout HDF5ScanCursor
    ) throws(HDF5ScanFault) -> HDF5ScanCursor {
      let part = try cursor.split(count)
      if version == 1 { try cursor.skip((8 - count % 8) % 8) }
      return part
    }

    func name(_ cursor: inout HDF5ScanCursor) throws(HDF5ScanFault) -> String {
      var part = try split(nameCount, from: &cursor)
      let text = try (part.untilNUL() ?? part).text("an attribute")
      guard !text.isEmpty else { throw part.fault("an attribute has no name") }
      return text
    }
  }

  /// Reads the name alone.
  static func name(_ cursor: inout HDF5ScanCursor) throws(HDF5ScanFault) -> String {
    try Prefix(&cursor).name(&cursor)
  }

  init(_ message: HDF5ScanCursor, of object: HDF5ScanObject) throws(HDF5ScanFault) {
    var cursor = message
    let prefix = try Prefix(&cursor)
    name = try prefix.name(&cursor)
    file = object.file
    objectPath = object.path
    let type = try prefix.split(prefix.typeCount, from: &cursor)
    let space = try prefix.split(prefix.spaceCount, from: &cursor)
    let stored = try HDF5ScanTypeDecoder.decode(
      HDF5ScanHeader.Message(kind: .datatype, isShared: prefix.isTypeShared, content: type),
      in: file)
    datatype = stored.datatype
    elementByteCount = stored.byteCount
    dataspace = try HDF5Dataspace(scanning: space)
    guard let count = dataspace.elementCount.flatMap({ [$0, stored.byteCount].checkedProduct })
    else { throw cursor.fault("the attribute '\(name.shortened)' is too large") }
    content = try cursor.split(count)
  }
}
