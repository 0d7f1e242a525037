import Checkpoints
import Testing

extension ONNXHostileTests {
  /// A message of protocol buffers, put together by hand.
  struct Message {
    var bytes: [UInt8] = []

    init(_ build: (inout Message) -> Void = { _ in }) { build(&self) }

    static func varint(_ number: UInt64) -> [UInt8] {
      var (rest, bytes) = (number, [UInt8]())
      while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    }

    mutating func number(_ field: UInt64, _ value: UInt64) {
      bytes += Self.varint(field << 3) + Self.varint(value)
    }

    /// Bytes with their length, or another one.
    mutating func bytes(_ field: UInt64, _ content: [UInt8], length: UInt64? = nil) {
      bytes += Self.varint(field << 3 | 2) + Self.varint(length ?? UInt64(content.count)) + content
    }

    mutating func text(_ field: UInt64, _ text: String) { bytes(field, Array(text.utf8)) }
    mutating func message(_ field: UInt64, _ message: Message) { bytes(field, message.bytes) }
  }

  /// A tensor, as it should be but for what a test changes.
  struct Tensor {
    var name = "w"
    var lengths: [UInt64] = [4]
    var type: UInt64? = 1
    var raw: [UInt8]? = [UInt8](repeating: 1, count: 16)
    /// Further fields.
    var more = Message()

    var message: Message {
      Message { message in
        for length in lengths { message.number(1, length) }
        if let type { message.number(2, type) }
        message.text(8, name)
        if let raw { message.bytes(9, raw) }
        message.bytes += more.bytes
      }
    }

    /// Elements in another file.
    mutating func setExternal(_ entries: [(String, String)]) {
      raw = nil
      for (key, value) in entries {
        more.message(
          13,
          Message {
            $0.text(1, key)
            $0.text(2, value)
          })
      }
      more.number(14, 1)
    }
  }

  /// A file, as it should be but for what a test changes.
  struct File {
    var version: UInt64? = 10
    var tensors = [Tensor()]
    /// Further fields of the graph and of the model.
    var graph = Message()
    var model = Message()
    var hasGraph = true

    var bytes: [UInt8] {
      Message { message in
        if let version { message.number(1, version) }
        if hasGraph {
          message.message(
            7,
            Message { graph in
              graph.text(2, "g")
              for tensor in tensors { graph.message(5, tensor.message) }
              graph.bytes += self.graph.bytes
            })
        }
        message.bytes += model.bytes
      }.bytes
    }
  }

  struct Attack: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let code: CheckpointError.Code
    let words: String

    init(
      _ name: String, _ words: String, _ code: CheckpointError.Code = .damaged,
      _ change: (inout File) -> Void
    ) {
      var file = File()
      change(&file)
      (testDescription, self.words, self.code, bytes) = (name, words, code, file.bytes)
    }
  }
}
