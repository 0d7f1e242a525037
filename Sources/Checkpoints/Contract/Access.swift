/// How the bytes of tensors come into memory, and what is compared with checksums.
///
/// It means the same in every format.
public enum Access: Sendable {
  /// By mapping: values are read when they are touched. What has to be read anyway, such as
  /// compressed tensors, is compared with its checksum; nothing else is.
  case mapped
  /// By reading. Everything that the file has a checksum for is compared with it, and what does not
  /// match is an error.
  case verified
  /// By mapping, without comparing any checksum, to see what a damaged file still holds.
  case unverified
}
