import CHDF5
import HDF5
import Synchronization

extension HDF5File {
  /// Creates a file that exists in memory only. ``image()`` returns its bytes.
  ///
  /// - Parameters:
  ///   - name: What errors call the file.
  ///   - options: How the file is created.
  /// - Throws: `HDF5Error` if the name cannot be handed to C or libhdf5 refuses.
  public static func createInMemory(
    name: String = "memory", options: HDF5FileOptions = HDF5FileOptions()
  ) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: name)
    let operation: StaticString = "create the file"
    try HDF5Name.checkText(name, operation, at: place)
    let access = try memoryAccess(options, isReadOnly: false, at: place)
    let creation = try HDF5PropertyList.fileCreation(options, at: place)
    let (accessID, creationID) = (access.id, creation.id)
    let id = try HDF5Library.call(operation, at: place) {
      H5Fcreate(uniqueName(name), chdf5_access_truncate(), creationID, accessID)
    }
    return HDF5File(id, path: name, isWritable: true, options: options)
  }

  /// Opens the bytes of a file, such as a member of an archive.
  ///
  /// libhdf5 works on a copy of the bytes. Changes made through ``Mode/readWrite`` are lost unless
  /// ``image()`` is asked for them.
  ///
  /// - Parameters:
  ///   - image: All bytes of the file.
  ///   - name: What errors call the file.
  ///   - mode: Whether it may be changed.
  ///   - options: How the file is opened.
  /// - Throws: `HDF5Error`: `notHDF5` if there are no bytes, or what libhdf5 reports.
  public static func open(
    image: UnsafeRawBufferPointer, name: String, mode: Mode = .readOnly,
    options: HDF5FileOptions = HDF5FileOptions()
  ) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: name)
    let operation: StaticString = "open the file"
    try HDF5Name.checkText(name, operation, at: place)
    guard let base = image.baseAddress, !image.isEmpty else {
      throw place.error(.notHDF5, operation, "it is empty")
    }
    let isReadOnly = mode == .readOnly
    let access = try memoryAccess(options, isReadOnly: isReadOnly, at: place)
    let accessID = access.id
    try HDF5Library.call(operation, at: place) {
      H5Pset_file_image(accessID, UnsafeMutableRawPointer(mutating: base), image.count)
    }
    let flags = isReadOnly ? chdf5_access_read_only() : chdf5_access_read_write()
    let id = try HDF5Library.call(operation, at: place) {
      H5Fopen(uniqueName(name), flags, accessID)
    }
    return HDF5File(id, path: name, isWritable: !isReadOnly, options: options)
  }

  /// Opens the bytes of a file that are in an array, such as a member of an archive.
  ///
  /// - Parameters:
  ///   - image: All bytes of the file.
  ///   - name: What errors call the file.
  ///   - mode: Whether it may be changed.
  ///   - options: How the file is opened.
  /// - Throws: `HDF5Error`: `notHDF5` if there are no bytes, or what libhdf5 reports.
  public static func open(
    image: [UInt8], name: String, mode: Mode = .readOnly,
    options: HDF5FileOptions = HDF5FileOptions()
  ) throws(HDF5Error) -> HDF5File {
    let result = image.withUnsafeBytes { bytes in
      Result { () throws(HDF5Error) in
        try open(image: bytes, name: name, mode: mode, options: options)
      }
    }
    return try result.get()
  }

  /// The bytes of the file as it is now, the user block left out (`H5Fget_file_image`). Works for
  /// files on disk too, and takes as much memory as the file is large.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.closed`, or what libhdf5 reports.
  public func image() throws(HDF5Error) -> [UInt8] {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let operation: StaticString = "take the image of"
    if isWritable { try flush() }
    let count = try call(operation) { H5Fget_file_image($0, nil, 0) }
    var bytes = [UInt8](repeating: 0, count: count)
    try call(operation) { H5Fget_file_image($0, &bytes, count) }
    HDF5File.renewChecksum(&bytes)
    return bytes
  }

  /// Renews the checksum of a superblock of version 2 or 3. In the image, libhdf5 clears the mark
  /// of a file that is being written, and forgets the checksum over it.
  private static func renewChecksum(_ image: inout [UInt8]) {
    let (versionIndex, addressSizeIndex, addressesIndex) = (8, 9, 12)
    guard image.count > addressesIndex, (2...3).contains(image[versionIndex]) else { return }
    let end = addressesIndex + 4 * Int(image[addressSizeIndex])
    guard image.count >= end + 4 else { return }
    let checksum = Lookup3.hash(image[..<end])
    for byte in 0..<4 { image[end + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * byte)) }
  }

  private static func memoryAccess(
    _ options: HDF5FileOptions, isReadOnly: Bool, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let access = try HDF5PropertyList.fileAccess(options, isReadOnly: isReadOnly, at: place)
    let id = access.id
    try HDF5Library.call("set up the memory of", at: place) {
      chdf5_set_memory_driver(id, 1 << 16)
    }
    return access
  }

  private static let memoryFileCount = Atomic<Int>(0)

  /// libhdf5 takes two files in memory for one if their names are equal.
  private static func uniqueName(_ name: String) -> String {
    "\(name)#\(memoryFileCount.wrappingAdd(1, ordering: .relaxed).newValue)"
  }
}
