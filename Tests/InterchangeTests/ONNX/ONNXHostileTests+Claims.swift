import Checkpoints
import Testing

extension ONNXHostileTests {
  static let attacks = claims + packed + places + numbers + others + names

  private static let huge: [UInt64] = [
    .max, .max - 1, 1 << 63, (1 << 63) - 1, 1 << 62, 1 << 61, 1 << 40, 1 << 32,
  ]

  /// An attribute of a node.
  static func node(_ build: @escaping (inout Message) -> Void) -> Message {
    Message { node in
      node.text(2, "out")
      node.text(4, "Constant")
      node.message(5, Message(build))
    }
  }

  /// Graphs within each other.
  static func nested(_ depth: Int) -> Message {
    (0..<depth).reduce(Message()) { inner, _ in
      Message { graph in
        graph.message(
          1,
          Message { node in
            node.text(4, "If")
            node.message(
              5,
              Message { attribute in
                attribute.text(1, "b")
                attribute.message(6, inner)
              })
          })
      }
    }
  }

  private static let claims: [Attack] = huge.flatMap { number in
    [
      Attack("a length of \(number)", number < 1 << 60 ? "take" : "shape") {
        $0.tensors[0].lengths = [number]
      },
      Attack("lengths of \(number) beside 0", "shape") {
        $0.tensors[0].lengths = [number, number, 0]
        $0.tensors[0].raw = []
      },
      Attack(
        "an offset of \(number)",
        number >> 63 == 1 ? "no number" : number == UInt64(Int.max) ? "outside" : "not beside"
      ) {
        $0.tensors[0].setExternal([("location", "x"), ("offset", "\(number)")])
      },
      Attack("a length beside it of \(number)", number >> 63 == 0 ? "take 16 bytes" : "no number") {
        $0.tensors[0].setExternal([("location", "x"), ("length", "\(number)")])
      },
      Attack("raw_data of \(number)", "claims \(number) bytes") {
        $0.tensors[0].raw = nil
        $0.tensors[0].more.bytes(9, [1, 2], length: number)
      },
      Attack("a graph of \(number)", "claims \(number) bytes") {
        $0.model.bytes(7, [1, 2], length: number)
      },
      Attack("a text of \(number)", "claims \(number) bytes") {
        $0.model.bytes(6, [1, 2], length: number)
      },
    ]
  }

  /// As many elements as there can be, whose bits no number of bits rounds up.
  private static let packed: [Attack] = [
    (21, 4), (22, 4), (23, 4), (25, 2), (26, 2), (27, 6), (28, 6),
  ].flatMap { (type: UInt64, bits: UInt64) in
    (0..<9).map { less in
      let length = UInt64(Int.max) / bits - UInt64(less)
      return Attack("\(length) elements of type \(type)", "take") {
        $0.tensors[0].type = type
        $0.tensors[0].lengths = [length]
      }
    }
  }

  /// Names that would be part of many others, or of every one of them.
  private static let names: [Attack] = [
    Attack("a long name of a node", "may have 65536") {
      $0.graph.message(1, Message { $0.text(3, String(repeating: "n", count: 65_537)) })
    },
    Attack("a long name in front of many", "names and the places", .refused) {
      $0.graph.message(
        1,
        Message { node in
          node.text(3, String(repeating: "n", count: 60_000))
          node.text(4, "Many")
          for _ in 0..<300 {
            node.message(
              5,
              Message {
                $0.text(1, "a")
                $0.message(5, Tensor(name: "", lengths: [0], raw: nil).message)
              })
          }
        })
    },
    Attack("a long place in front of many", "names and the places", .refused) {
      $0.graph.message(
        1,
        Message { node in
          node.text(3, String(repeating: "n", count: 60_000))
          node.text(4, "If")
          node.message(
            5,
            Message { attribute in
              attribute.text(1, "b")
              attribute.message(
                6,
                Message { graph in
                  for number in 0..<300 {
                    graph.message(
                      16,
                      Message {
                        $0.text(1, "k\(number)")
                        $0.text(2, "v")
                      })
                  }
                })
            })
        })
    },
  ]

  private static let places: [Attack] = [
    "", "/etc/passwd", "../w.bin", "a/../../w.bin", "./w.bin", "a//b", "a/", "/", "..", ".", "a/.",
    "w\0.bin", String(repeating: "a", count: 5000), "../" + String(repeating: "../", count: 900),
  ].map { place in
    Attack("elements in '\(place.prefix(20))'", "no path within", .refused) {
      $0.tensors[0].setExternal([("location", place)])
    }
  }

  private static let numbers: [Attack] = [
    "", "-1", "+1", "0x10", "1e3", " 1", "1 ", "99999999999999999999", "٣",
  ].flatMap { text in
    ["offset", "length"].map { key in
      Attack("'\(text)' as \(key)", "which is no number") {
        $0.tensors[0].setExternal([("location", "x"), (key, text)])
      }
    }
  }
}
