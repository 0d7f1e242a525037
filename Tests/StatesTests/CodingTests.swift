import States
import Testing

/// Values of metadata that Swift's own coders make and take.
@Suite struct CodingTests {
  enum Schedule: String, Codable { case cosine, linear }

  struct Layer: Codable, Hashable {
    var name: String
    var width: Int
    var bias: Bool?
  }

  struct Settings: Codable, Hashable {
    var rate = 1.0
    var half: Float = 0.1
    var seed: UInt64 = .max
    var schedule = Schedule.cosine
    var layers = [Layer(name: "a", width: 3, bias: true), Layer(name: "b", width: -4, bias: nil)]
    var names = [10: "ten", 2: "two"]
    var shares = ["z": [0.5], "a": []]
    var bytes: [UInt8] = [0, 255]
    var nothing: Int?
  }

  @Test func aStructureIsADictionaryInItsOrder() throws {
    let layers: Value = [
      ["name": "a", "width": 3, "bias": true], ["name": "b", "width": -4],
    ]
    #expect(
      try Value(encoding: Settings()) == [
        "rate": 1.0, "half": .float(Double(Float(0.1))), "seed": .bigInt("18446744073709551615"),
        "schedule": "cosine", "layers": layers, "names": [2: "two", 10: "ten"],
        "shares": ["a": [], "z": [0.5]], "bytes": [0, 255],
      ])
  }

  @Test func whatWasEncodedIsDecoded() throws {
    let settings = Settings()
    #expect(try Value(encoding: settings).decode(Settings.self) == settings)
    for value in [Double.nan, .infinity, -0.0, 1, .leastNonzeroMagnitude] {
      #expect(try Value(encoding: [value]) == [.float(value)])
      let back = try Value(encoding: [value]).decode([Double].self)
      #expect(back[0].bitPattern == value.bitPattern)
    }
    let nested: [String: [Int?]] = ["a": [1, nil], "b": []]
    #expect(try Value(encoding: nested).decode([String: [Int?]].self) == nested)
    #expect(try Value(encoding: "text") == "text" && Value(encoding: nested["c"]) == .none)
    let texts = ["1": 1, "01": 2, "+1": 3, "x": 4]
    #expect(try Value(encoding: texts) == ["+1": 3, "01": 2, "1": 1, "x": 4])
    #expect(try Value(encoding: texts).decode([String: Int].self) == texts)
    #expect(try Value(encoding: [String: Int]()) == [:] && Value(encoding: [Int]()) == [])
  }

  @Test func whatPythonWroteIsDecoded() throws {
    let value: Value = .object(
      type: "argparse.Namespace",
      state: ["name": "x", "width": 2, "bias": nil, "further": .tuple([1, 2])])
    #expect(try value.decode(Layer.self) == Layer(name: "x", width: 2, bias: nil))
    #expect(try Value.tuple([1, 0.5]).decode([Double].self) == [1, 0.5])
    #expect(try Value.bytes([1, 2]).decode([UInt8].self) == [1, 2])
  }

  @Test func whatDoesNotFitIsToldWithItsPlace() throws {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch let error as DecodingError {
        switch error {
        case .typeMismatch(_, let context), .keyNotFound(_, let context),
          .valueNotFound(_, let context), .dataCorrupted(let context):
          return context.codingPath.map(\.stringValue).joined(separator: ".") + ": "
            + context.debugDescription
        @unknown default: return "\(error)"
        }
      } catch { return "\(error)" }
    }
    let layers: Value = [["name": "a", "width": 3], ["name": "b", "width": 4.0]]
    #expect(message { _ = try layers.decode([Layer].self) } == "1.width: 4.0 is no Int")
    #expect(
      message { _ = try (["name": "a"] as Value).decode(Layer.self) } == ": there is no \"width\"")
    for value in [[1: "a"], [.float(1.5): "a", "b": "c"], [.bool(true): "a"]] as [Value] {
      #expect(message { _ = try value.decode([String: String].self) } != "", "\(value)")
    }
    #expect(message { _ = try (["1": "a"] as Value).decode([Int: String].self) } != "")
    #expect(message { _ = try Value.float(1e300).decode(Float.self) } != "")
    #expect(message { _ = try Value.int(.max).decode(Double.self) } != "")
    #expect(message { _ = try Value.int(300).decode(UInt8.self) }.contains("300 is no UInt8"))
    #expect(message { _ = try Value.string("1").decode(Int.self) }.contains("is no Int"))
    #expect(message { _ = try Value.bool(true).decode(Int.self) }.contains("is no Int"))
    #expect(message { _ = try Value.list([1]).decode(Layer.self) } != "")
  }

  class Base: Codable { var a = 1 }

  final class Derived: Base {
    var b = "b"
    private enum Keys: CodingKey { case b }

    override init() { super.init() }

    required init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: Keys.self)
      b = try members.decode(String.self, forKey: .b)
      try super.init(from: members.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
      var members = encoder.container(keyedBy: Keys.self)
      try members.encode(b, forKey: .b)
      try super.encode(to: members.superEncoder())
    }
  }

  @Test func classesHaveTheirBaseBesideTheirOwn() throws {
    let derived = Derived()
    (derived.a, derived.b) = (7, "x")
    let value = try Value(encoding: derived)
    #expect(value == ["b": "x", "super": ["a": 7]])
    let back = try value.decode(Derived.self)
    #expect(back.a == 7 && back.b == "x")
  }

  /// Asks for the same container twice, and for one of another kind if told to.
  struct Repeated: Encodable {
    enum Keys: CodingKey { case inner }
    enum Inner: CodingKey { case a, b }
    var isMixed = false

    func encode(to encoder: any Encoder) throws {
      var members = encoder.container(keyedBy: Keys.self)
      var first = members.nestedContainer(keyedBy: Inner.self, forKey: .inner)
      try first.encode(1, forKey: .a)
      var second = members.nestedContainer(keyedBy: Inner.self, forKey: .inner)
      try second.encode(2, forKey: .b)
      guard isMixed else { return }
      var list = encoder.unkeyedContainer()
      try list.encode(3)
    }
  }

  @Test func containersThatAreAskedForTwiceAreOne() throws {
    #expect(try Value(encoding: Repeated()) == ["inner": ["a": 1, "b": 2]])
    #expect(throws: EncodingError.self) { try Value(encoding: Repeated(isMixed: true)) }
  }

  struct Nothing: Encodable {
    func encode(to encoder: any Encoder) {}
  }

  @Test func whatEncodesNothingIsRefused() {
    #expect(throws: EncodingError.self) { try Value(encoding: Nothing()) }
    #expect(throws: EncodingError.self) { try Value(encoding: ["a": Nothing()]) }
  }
}
