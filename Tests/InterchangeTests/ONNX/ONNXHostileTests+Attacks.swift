import Checkpoints
import Testing

extension ONNXHostileTests {
  static let others: [Attack] = [
    Attack("no graph", "no graph", .notThisFormat) { $0.hasGraph = false },
    Attack("no version", "not a checkpoint", .notThisFormat) { $0.version = nil },
    Attack("version 0", "no version", .notThisFormat) { $0.version = 0 },
    Attack("no type", "no type") { $0.tensors[0].type = nil },
    Attack("type 0", "no type") { $0.tensors[0].type = 0 },
    Attack("type 99", "number 99", .unsupported) { $0.tensors[0].type = 99 },
    Attack("no name", "no name") { $0.tensors[0].name = "" },
    Attack("a long name", "may have 65536") {
      $0.tensors[0].name = String(repeating: "w", count: 65_537)
    },
    Attack("a name twice", "two initializers of this name") { $0.tensors.append(Tensor()) },
    Attack("one name written in two ways", "encode an accent") {
      $0.tensors = [Tensor(name: "\u{FC}"), Tensor(name: "u\u{308}")]
    },
    Attack("a name that is no text", "no UTF-8") { $0.tensors[0].more.bytes(8, [0xFF, 0xFE]) },
    Attack("a segment", "segment", .unsupported) { $0.tensors[0].more.bytes(3, []) },
    Attack("too few bytes", "take 16 bytes, and it has 15") { $0.tensors[0].raw?.removeLast() },
    Attack("too many bytes", "take 16 bytes, and it has 17") { $0.tensors[0].raw?.append(1) },
    Attack("no elements", "no elements") { $0.tensors[0].raw = nil },
    Attack("empty elements", "take 16 bytes, and it has 0") { $0.tensors[0].raw = [] },
    Attack("its bytes twice", "its bytes twice") { $0.tensors[0].more.bytes(9, []) },
    Attack("raw and typed", "elements twice") {
      $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 16))
    },
    Attack("another type's field", "not in float_data") {
      $0.tensors[0].raw = nil
      $0.tensors[0].more.bytes(7, [1, 2, 3, 4])
    },
    Attack("two types' fields", "not in float_data") {
      $0.tensors[0].raw = nil
      $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 16))
      $0.tensors[0].more.bytes(7, [1, 2, 3, 4])
    },
    Attack("too few typed", "it has 12") {
      $0.tensors[0].raw = nil
      $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 12))
    },
    Attack("typed in two pieces, too many", "not as many") {
      $0.tensors[0].raw = nil
      for _ in 0..<2 { $0.tensors[0].more.bytes(4, [UInt8](repeating: 0, count: 12)) }
    },
    Attack("a byte of 256", "256 is no element of UINT8") {
      $0.tensors[0] = Tensor(lengths: [1], type: 2, raw: nil)
      $0.tensors[0].more.number(5, 256)
    },
    Attack("an int8 of 200", "200 is no element of INT8") {
      $0.tensors[0] = Tensor(lengths: [1], type: 3, raw: nil)
      $0.tensors[0].more.number(5, 200)
    },
    Attack("a half of -1", "-1 is no element of FLOAT16") {
      $0.tensors[0] = Tensor(lengths: [1], type: 10, raw: nil)
      $0.tensors[0].more.number(5, .max)
    },
    Attack("a truth of 2", "2 is no element of BOOL") {
      $0.tensors[0] = Tensor(lengths: [1], type: 9, raw: nil)
      $0.tensors[0].more.number(5, 2)
    },
    Attack("six bits of 64", "64 is no element of FLOAT6E2M3") {
      $0.tensors[0] = Tensor(lengths: [1], type: 27, raw: nil)
      $0.tensors[0].more.number(5, 64)
    },
    Attack("too many varints", "not as many") {
      $0.tensors[0] = Tensor(lengths: [2], type: 7, raw: nil)
      $0.tensors[0].more.bytes(7, [1, 2, 3])
    },
    Attack("integers that are fixed", "not of that type") {
      $0.tensors[0] = Tensor(lengths: [1], type: 7, raw: nil)
      $0.tensors[0].more.bytes += [7 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0]
    },
    Attack("floats that are varints", "not of that type") {
      $0.tensors[0] = Tensor(lengths: [1], type: 1, raw: nil)
      $0.tensors[0].more.number(4, 1)
    },
    Attack("a varint without end", "more than 64 bits") {
      $0.model.bytes += [0x08] + [UInt8](repeating: 0xFF, count: 11)
    },
    Attack("a varint of 65 bits", "more than 64 bits") {
      $0.model.bytes += [0x28] + [UInt8](repeating: 0xFF, count: 9) + [2]
    },
    Attack("a group", "no field") { $0.model.bytes += [0x0B, 0x0C] },
    Attack("wire type 7", "no field") { $0.model.bytes += [0x0F] },
    Attack("field 0", "no field") { $0.model.bytes += [0x00, 0x00] },
    Attack("half a field", "cut short") { $0.model.bytes += [0x08] },
    Attack("half a fixed number", "cut short") { $0.model.bytes += [0x09, 1, 2] },
    Attack("a graph that is a number", "is a number") { $0.model.number(7, 1) },
    Attack("a version that is a text", "no integer") { $0.model.text(1, "10") },
    Attack("a thousand dimensions", "more than 256 dimensions") {
      $0.tensors[0].lengths = [UInt64](repeating: 1, count: 1000)
    },
    Attack("a thousand packed dimensions", "more than 256 dimensions") {
      $0.tensors[0].lengths = []
      $0.tensors[0].more.bytes(1, [UInt8](repeating: 1, count: 1000))
    },
    Attack("a negative length", "length of -1") { $0.tensors[0].lengths = [.max] },
    Attack("a product that overflows", "shape is impossible") {
      $0.tensors[0].lengths = [1 << 32, 1 << 32]
    },
    Attack("bytes that overflow", "shape is impossible") { $0.tensors[0].lengths = [1 << 60] },
    Attack("graphs 65 deep", "deep", .refused) { $0.graph.bytes += nested(67).bytes },
    Attack("graphs a thousand deep", "deep", .refused) { $0.graph.bytes += nested(1000).bytes },
    Attack("an attribute with two tensors", "two tensors") {
      $0.graph.message(
        1,
        node {
          $0.text(1, "value")
          for _ in 0..<2 { $0.message(5, Tensor().message) }
        })
    },
    Attack("a constant without a value", "no value") {
      $0.graph.message(1, node { $0.text(1, "value_float") })
    },
    Attack("a constant of another type", "another type") {
      $0.graph.message(
        1,
        node {
          $0.text(1, "value_floats")
          $0.bytes(7, [1, 2, 3])
        })
    },
    Attack("a damaged constant", "take 16 bytes") {
      $0.graph.message(
        1,
        node {
          $0.text(1, "value")
          $0.message(5, Tensor(raw: [1]).message)
        })
    },
    Attack("elements here and elsewhere", "here and in another file") {
      $0.tensors[0].setExternal([("location", "x")])
      $0.tensors[0].raw = [UInt8](repeating: 1, count: 16)
    },
    Attack("elements nowhere", "does not say which file") { $0.tensors[0].setExternal([]) },
    Attack("two locations", "says twice") {
      $0.tensors[0].setExternal([("location", "x"), ("location", "y")])
    },
    Attack("a hundred entries", "too much") {
      $0.tensors[0].setExternal((0..<100).map { ("k\($0)", "v") })
    },
    Attack("a file that is not there", "not beside the model") {
      $0.tensors[0].setExternal([("location", "weights/none.bin")])
    },
    Attack("a hundred thousand annotations", "not read", .refused) {
      for _ in 0...100_000 { $0.graph.bytes += [0x72, 0] }
    },
    Attack("a hundred thousand sets of operators", "not read", .refused) {
      for _ in 0...100_000 { $0.model.bytes += [0x42, 0] }
    },
    Attack("texts in raw_data", "texts are in raw_data") {
      $0.tensors[0].type = 8
    },
  ]
}
