import Checkpoints
import Interchange
import PyTorchFiles

/// Pickles put together by hand.
enum Pickle {
  static func text(_ text: String) -> [UInt8] {
    [0x58] + le(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  static func int(_ value: Int) -> [UInt8] {
    value == Int(Int32(truncatingIfNeeded: value))
      ? [0x4A] + le(Int32(value)) : [0x8A, 8] + le(Int64(value))
  }

  static func tuple(_ parts: [UInt8]...) -> [UInt8] { [0x28] + parts.joined() + [0x74] }

  static func call(_ function: [UInt8], _ arguments: [UInt8]...) -> [UInt8] {
    function + [0x28] + arguments.joined() + [0x74, 0x52]
  }

  static func dict(_ pairs: (String, [UInt8])...) -> [UInt8] {
    [0x7D, 0x28] + pairs.flatMap { text($0.0) + $0.1 } + [0x75]
  }

  static func storage(
    _ type: String = "FloatStorage", module: String = "torch", key: String = "0",
    location: String = "cpu", count: Int = 4
  ) -> [UInt8] {
    tuple(text("storage"), global(module, type), text(key), text(location), int(count)) + [0x51]
  }

  static func tensor(
    _ storage: [UInt8] = storage(), offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1]
  ) -> [UInt8] {
    func ints(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(int) + [0x74] }
    return call(
      global("torch._utils", "_rebuild_tensor_v2"), storage, int(offset), ints(shape),
      ints(strides), [0x89], call(global("collections", "OrderedDict")))
  }

  /// A pickle of protocol 2.
  static func pickle(_ body: [UInt8]) -> [UInt8] { [0x80, 2] + body + [0x2E] }

  /// A PyTorch file with this pickle, and a storage of the floats 1, 2, 3, 4.
  static func file(
    _ pickle: [UInt8], storages: [(String, [UInt8])]? = nil, more: [(String, [UInt8])] = []
  ) -> [UInt8] {
    let floats = [1, 2, 3, 4].flatMap { le(($0 as Float).bitPattern) }
    let storages = storages ?? [("0", floats)]
    return ZipWriter(
      [("x/data.pkl", pickle)] + storages.map { ("x/data/\($0.0)", $0.1) }
        + [("x/version", Array("3\n".utf8))] + more
    ).bytes()
  }

  /// A PyTorch file of one object.
  static func file(of body: [UInt8]) -> [UInt8] { file(pickle(body)) }
}

/// Reads bytes as a PyTorch file.
func read(
  _ bytes: [UInt8], access: Access = .mapped
) throws -> ReadResult {
  let file = try TemporaryFile(bytes)
  return try PyTorchFile(file.path, access: access).read()
}

/// The error with which bytes are refused, or nil if they are read.
func failure(_ bytes: [UInt8], access: Access = .verified) throws -> CheckpointError? {
  let file = try TemporaryFile(bytes)
  do throws(CheckpointError) {
    _ = try PyTorchFile(file.path, access: access).read()
    return nil
  } catch {
    return error
  }
}
