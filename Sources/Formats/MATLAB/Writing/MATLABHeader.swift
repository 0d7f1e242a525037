/// What a MAT-file has before its HDF5 content: a text of 116 bytes, room for the place of data of
/// subsystems, and the version, in a block of 512 bytes.
enum MATLABHeader {
  /// The size of the block.
  static let byteCount = 512

  /// A date that is always the same, so that the same checkpoint gives the same file.
  private static let text =
    "MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan 01 00:00:00 1970 HDF5 schema 1.00 ."
  private static let textByteCount = 116
  /// Version 2.0, and the mark of the order of bytes.
  private static let version: [UInt8] = [0x00, 0x02, UInt8(ascii: "I"), UInt8(ascii: "M")]
  private static let subsystemByteCount = 8

  /// The bytes of the block.
  static var bytes: [UInt8] {
    var bytes = Array(text.utf8)
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: textByteCount - bytes.count)
    bytes += [UInt8](repeating: 0, count: subsystemByteCount) + version
    return bytes + [UInt8](repeating: 0, count: byteCount - bytes.count)
  }
}
