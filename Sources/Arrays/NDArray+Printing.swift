import Files
import Platform

extension NDArray: CustomStringConvertible {
  /// The elements as PyTorch prints a tensor of them: `tensor([1., 2.])`.
  ///
  /// Floats have four digits, in scientific notation where their magnitudes are far apart. Of more
  /// than 1,000 elements only the first and last three along each dimension are shown. The type is
  /// named unless the elements tell it.
  public var description: String { text() }

  /// The elements as PyTorch prints a tensor.
  ///
  /// - Parameters:
  ///   - prefix: The text before the elements, with the parenthesis.
  ///   - suffixes: What is told after the elements and their type, such as `requires_grad=True`.
  ///   - isMeta: Whether the array stands for one without elements.
  package func text(
    prefix: String = "tensor(", suffixes: [String] = [], isMeta: Bool = false
  ) -> String {
    var told: [String] = []
    let size = "size=(" + shape.map(String.init).joined(separator: ", ") + (rank == 1 ? ",)" : ")")
    let body: String
    if isMeta {
      told = ["device='meta'", size]
      body = "..."
    } else {
      if elementCount == 0 && rank != 1 { told = [size] }
      body = elementCount == 0 ? "[]" : ArrayText(self, indent: prefix.utf8.count).body
    }
    let isTold =
      isMeta || elementCount == 0
      ? dtype == .float32 : [.float32, .complex64, .int64, .bool].contains(dtype)
    if !isTold { told.append("dtype=torch.\(dtype)") }
    return Self.append(told + suffixes, to: prefix + body, indent: prefix.utf8.count)
  }

  /// Adds what is told after the elements, on the same line where there is room.
  private static func append(_ suffixes: [String], to text: String, indent: Int) -> String {
    var result = text
    // One more than the line has after a break, and two more than it has without, as in PyTorch.
    let start = text.utf8.lastIndex(of: UInt8(ascii: "\n"))
    var length =
      start.map { text.utf8.distance(from: $0, to: text.utf8.endIndex) + 1 }
      ?? text.utf8.count + 2
    for suffix in suffixes {
      if length + suffix.utf8.count + 2 > ArrayText.lineWidth {
        result += ",\n" + String(repeating: " ", count: indent) + suffix
        length = indent + suffix.utf8.count
      } else {
        result += ", " + suffix
        length += suffix.utf8.count + 2
      }
    }
    return result + ")"
  }
}

/// The elements of an array as `torch._tensor_str` lays them out.
private struct ArrayText {
  static let lineWidth = 80
  private static let threshold = 1000
  private static let edgeCount = 3

  /// The elements that are shown.
  private indirect enum Tree {
    case values([Element])
    case rows([Tree])

    var elements: [Element] {
      switch self {
      case .values(let values): values
      case .rows(let rows): rows.flatMap(\.elements)
      }
    }
  }

  private enum Element {
    case text(String)
    case number(Double)
    case complex(Double, Double)
  }

  private let indent: Int
  private let rank: Int
  private let tree: Tree
  private let formats: [NumberFormat]
  /// Whether some elements of each dimension are left out.
  private let isElided: [Bool]

  init(_ array: NDArray, indent: Int) {
    self.indent = indent
    rank = array.rank
    let isSummarized = array.elementCount > Self.threshold
    isElided = array.shape.map { isSummarized && $0 > 2 * Self.edgeCount }
    tree = Self.tree(array, isSummarized)
    let elements = tree.elements
    guard array.dtype.isComplex else {
      formats = [NumberFormat(elements.map { if case .number(let x) = $0 { x } else { 0 } })]
      width = Self.width(elements, formats[0])
      return
    }
    formats = [true, false].map { isReal in
      NumberFormat(
        elements.map { if case .complex(let x, let y) = $0 { isReal ? x : y } else { 0 } })
    }
    width = formats[0].width
  }

  private let width: Int

  private static func width(_ elements: [Element], _ format: NumberFormat) -> Int {
    elements.reduce(format.width) { width, element in
      if case .text(let text) = element { max(width, text.utf8.count) } else { width }
    }
  }

  private static func tree(_ array: NDArray, _ isSummarized: Bool) -> Tree {
    guard array.rank > 0 else { return .values(elements(array)) }
    let length = array.shape[0]
    let isElided = isSummarized && length > 2 * edgeCount
    guard array.rank > 1 else {
      guard isElided else { return .values(elements(array)) }
      return .values(
        elements(array.sliced(axis: 0, 0..<edgeCount))
          + elements(array.sliced(axis: 0, length - edgeCount..<length)))
    }
    let shown =
      isElided ? Array(0..<edgeCount) + Array(length - edgeCount..<length) : Array(0..<length)
    return .rows(shown.map { tree(array.selected(axis: 0, $0), isSummarized) })
  }

  private static func elements(_ array: NDArray) -> [Element] {
    func texts<T: NDArrayElement>(_ type: T.Type) -> [Element] {
      array.elements(as: T.self).map { .text("\($0)") }
    }
    switch array.dtype {
    case .bool: return array.elements(as: Bool.self).map { .text($0 ? "True" : "False") }
    case .uint8: return texts(UInt8.self)
    case .uint16: return texts(UInt16.self)
    case .uint32: return texts(UInt32.self)
    case .uint64: return texts(UInt64.self)
    case .int8: return texts(Int8.self)
    case .int16: return texts(Int16.self)
    case .int32: return texts(Int32.self)
    case .int64: return texts(Int64.self)
    case .complex32, .complex64, .complex128:
      guard let wide = try? array.converted(to: .complex128) else { return [] }
      return wide.elements(as: Complex<Double>.self).map { .complex($0.real, $0.imaginary) }
    case .float4E2M1FNx2:
      // As PyTorch does, the bytes, in which no pair is taken apart.
      return array.withContiguousBytes { [UInt8](copying: $0) }.map { .number(Double($0)) }
    default:
      guard let wide = try? array.converted(to: .float64) else { return [] }
      return wide.elements(as: Double.self).map { .number($0) }
    }
  }

  /// The elements with their brackets.
  var body: String { body(tree, axis: 0) }

  private func body(_ tree: Tree, axis: Int) -> String {
    let margin = String(repeating: " ", count: indent + axis + 1)
    switch tree {
    case .values(let values):
      guard rank > 0 else { return values.map(text).joined() }
      var items = values.map(text)
      if isElided[axis] { items.insert(" ...", at: Self.edgeCount) }
      let itemWidth = width + 2 + (formats.count > 1 ? formats[1].width + 1 : 0)
      let perLine = max(1, (Self.lineWidth - indent - axis) / itemWidth)
      let lines = stride(from: 0, to: items.count, by: perLine).map {
        items[$0..<min($0 + perLine, items.count)].joined(separator: ", ")
      }
      return "[" + lines.joined(separator: ",\n" + margin) + "]"
    case .rows(let rows):
      var items = rows.map { body($0, axis: axis + 1) }
      if isElided[axis] { items.insert("...", at: Self.edgeCount) }
      let breaks = String(repeating: "\n", count: rank - axis - 1)
      return "[" + items.joined(separator: "," + breaks + margin) + "]"
    }
  }

  private func text(_ element: Element) -> String {
    switch element {
    case .text(let text):
      return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    case .number(let number): return formats[0].text(number)
    case .complex(let real, let imaginary):
      let second = formats[1].text(imaginary).drop { $0 == " " } + "j"
      return formats[0].text(real) + (second.hasPrefix("-") ? "" : "+") + second
    }
  }
}

/// How PyTorch writes the floats of one tensor: `torch._tensor_str._Formatter`.
private struct NumberFormat {
  private var isWhole = true
  private var isScientific = false
  private(set) var width = 1

  init(_ numbers: [Double]) {
    let finite = numbers.filter { $0.isFinite && $0 != 0 }
    guard let first = finite.first else { return }
    let (least, greatest) = finite.reduce((abs(first), abs(first))) {
      (min($0.0, abs($1)), max($0.1, abs($1)))
    }
    isWhole = finite.allSatisfy { $0 == $0.rounded(.up) }
    isScientific = greatest / least > 1000 || greatest > 1e8 || least < 1e-4
    for number in finite { width = max(width, plain(number).utf8.count) }
  }

  /// A number without blanks in front.
  private func plain(_ number: Double) -> String {
    guard number.isFinite else {
      return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf"
    }
    if isScientific { return Self.formatted("%.4e", number) }
    return isWhole ? Self.formatted("%.0f", number) + "." : Self.formatted("%.4f", number)
  }

  func text(_ number: Double) -> String {
    let text = plain(number)
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  private static func formatted(_ format: String, _ number: Double) -> String {
    unsafe withVaList([number]) { arguments in
      // Digits before the point of the greatest double, and what the format adds.
      unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 340) { buffer in
        guard let start = buffer.baseAddress else { return "" }
        unsafe vsnprintf(start, buffer.count, format, arguments)
        return unsafe String(cString: start)
      }
    }
  }
}
