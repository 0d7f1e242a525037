import States
import Testing

@Suite struct JSONTests {
  @Test func readsWhatJSONHas() throws {
    let value = try Value(
      json: #" {"b": [1, -2.5e3, true, null, "x\n\u00e9\ud83d\ude00"], "a": {}} "#)
    #expect(value == ["b": [1, -2500.0, true, nil, "x\né😀"], "a": [:]])
    #expect(Array(value.dictionary?.keys.map(\.text) ?? []) == ["b", "a"])
    #expect(try Value(json: "123456789012345678901") == .bigInt("123456789012345678901"))
    #expect(try Value(json: "0") == 0)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "1e999", "NaN", "tru",
    "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"", "[1] 2", "{\"a\":1,\"a\":2}",
    "\u{FEFF}{}", "'a'",
  ])
  func refusesWhatIsNotJSON(_ text: String) {
    #expect(throws: JSONError.self) { try Value(json: text) }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: JSONError.self) { try Value(json: [0x22, 0xFF, 0x22]) }
  }

  @Test func depthIsBounded() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try Value(json: deep) }
    let fine = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    _ = try Value(json: fine)
  }

  @Test func theLastOfTwoNamesCountsWhereAllowed() throws {
    var limits = Value.JSONLimits()
    limits.allowsDuplicateNames = true
    #expect(try Value(json: #"{"a": 1, "a": 2}"#, limits: limits) == ["a": 2])
  }

  @Test func writesWhatItReads() throws {
    let value: Value = [
      "text": "quote \" slash \\ line\n tab\t \u{1} é",
      "numbers": [0, -1, 0.1, 1e300, .float(.leastNonzeroMagnitude)],
      "nested": ["empty": [], "none": [:]], "truth": [true, false, nil],
    ]
    #expect(try Value(json: value.json()) == value)
    #expect(try Value(json: value.json(pretty: true)) == value)
    #expect(Value.float(.nan).json() == "null")
    #expect(Value.tuple([1, "a"]).json() == #"[1, "a"]"#)
  }
}
