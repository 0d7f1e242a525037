import Arrays
import States

/// What a text of a MAT-file was that hdf5storage wrote: a text or bytes of Python's, an integer with more
/// than 64 bits, or an array of texts, which are side by side in one.
struct PythonText {
  private let shape: Shape
  private let isArray: Bool
  private let isInteger: Bool
  private let areBytes: Bool
  private let letterCount: Int

  /// NumPy's arrays had at most so many dimensions when hdf5storage was made.
  private static let maximumRank = 32

  /// Nil if it does not say that it was text.
  init?(_ attributes: PythonAttributes) {
    guard let form = attributes.textForm else { return nil }
    shape = attributes.shape ?? .scalar
    isArray = attributes.isArray
    isInteger = attributes.isInteger
    // The description of a type is kept as bytes.
    areBytes = form.areBytes && attributes.typeName != "numpy.dtype"
    letterCount = form.countPerText
  }

  /// How many texts there are.
  var count: Int { isArray ? shape.elementCount : 1 }

  /// The value of letters: a list in a list, and so on, for each dimension of an array. nil if they are not
  /// as it says, or not of Unicode.
  func value(_ letters: Letters) -> Value? {
    let units = letters.rows
    guard isArray else { return text(units[...], letters) }
    let (total, overflow) = count.multipliedReportingOverflow(by: letterCount)
    guard !overflow, total == units.count, shape.rank <= Self.maximumRank else { return nil }
    // Lists in a list that there are none of have no lengths.
    if count == 0 { return shape.rank == 1 ? .list([]) : nil }
    var texts: [Value] = []
    for number in 0..<count {
      var part = units[(number * letterCount)..<((number + 1) * letterCount)]
      // NumPy fills up with NUL, and takes them away again.
      while part.last == 0 { part.removeLast() }
      guard let text = text(part, letters) else { return nil }
      texts.append(text)
    }
    return Self.nested(texts[...], shape.dimensions[...])
  }

  private func text(_ units: ArraySlice<UInt32>, _ letters: Letters) -> Value? {
    if areBytes, !isInteger {
      let bytes = units.compactMap(UInt8.init(exactly:))
      return bytes.count == units.count ? .bytes(bytes) : nil
    }
    guard let text = letters.text(units) else { return nil }
    guard isInteger else { return .string(text) }
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return .string(text)
    }
    return Int(text).map(Value.int) ?? .bigInt(text)
  }

  private static func nested(_ texts: ArraySlice<Value>, _ lengths: ArraySlice<Int>) -> Value {
    guard let length = lengths.first, length > 0 else { return texts.first ?? Value.none }
    let count = texts.count / length
    return .list(
      (0..<length).map { number in
        nested(texts.dropFirst(number * count).prefix(count), lengths.dropFirst())
      })
  }
}
