import Arrays
import Files
import States
import Synchronization

/// Which tensors of two checkpoints have the same content under different names.
///
/// Found by a sum over the elements that does not depend on their order, and then by comparison. A
/// match is only reported if it is unique, or if one name is the other behind a prefix.
struct ContentMatching {
  private var matches: [String: (name: String, axes: [Int]?)] = [:]

  /// The match of a tensor of the first checkpoint.
  subscript(name: String) -> (name: String, axes: [Int]?)? { matches[name] }

  /// What is known before any value is read, and must be the same.
  private struct Form: Hashable {
    let dtype: DType
    let lengths: [Int]

    init(_ array: NDArray) {
      dtype = array.dtype
      lengths = array.shape.dimensions.sorted()
    }
  }

  private struct Content: Hashable {
    let form: Form
    let sum: UInt64
  }

  /// - Throws: `FileError` if a tensor cannot be read.
  init(
    _ first: [Checkpoint.NamedTensor], _ second: [Checkpoint.NamedTensor], threads: Int
  ) throws {
    let shared = Set(first.map { Form($0.array) }).intersection(second.map { Form($0.array) })
    let mine = try Self.contents(of: first, shared, threads)
    let theirs = try Self.contents(of: second, shared, threads)
    for (content, candidates) in mine {
      guard let others = theirs[content] else { continue }
      let names = candidates.count == 1 && others.count == 1 ? nil : PrefixedNames(others)
      for tensor in candidates {
        let likely = names.map { $0.tensors(like: tensor.name) } ?? others
        guard likely.count == 1 else { continue }
        let other = likely[0]
        if try tensor.array.shape == other.array.shape
          && Digest(tensor.array) == Digest(other.array)
        {
          matches[tensor.name] = (other.name, nil)
        } else if let axes = try Self.axes(from: other.array, to: tensor.array) {
          matches[tensor.name] = (other.name, axes)
        }
      }
    }
  }

  private static func contents(
    of tensors: [Checkpoint.NamedTensor], _ forms: Set<Form>, _ threads: Int
  ) throws -> [Content: [Checkpoint.NamedTensor]] {
    let candidates = tensors.filter { forms.contains(Form($0.array)) }
    let sums = Mutex([UInt64](repeating: 0, count: candidates.count))
    try Parallel.forEach(candidates.count, threads: threads) { number in
      let sum = try Self.sum(candidates[number].array)
      sums.withLock { $0[number] = sum }
    }
    let all = sums.withLock { $0 }
    return Dictionary(
      grouping: zip(candidates, all).map {
        (content: Content(form: Form($0.array), sum: $1), tensor: $0)
      }, by: \.content
    ).mapValues { $0.map(\.tensor) }
  }

  /// The order of dimensions that makes one tensor the other, nil if there is none.
  ///
  /// Looked for among all but the one it has, for two to four dimensions.
  static func axes(from source: NDArray, to target: NDArray) throws -> [Int]? {
    guard (2...4).contains(source.rank), Form(source) == Form(target) else { return nil }
    let identity = Array(0..<source.rank)
    let orders = permutations(identity).filter {
      $0 != identity && source.permuted($0).shape == target.shape
    }
    guard !orders.isEmpty, try sum(source) == sum(target) else { return nil }
    return try orders.first { try isSame(source.permuted($0), target) }
  }

  private static func permutations(_ axes: [Int]) -> [[Int]] {
    guard axes.count > 1 else { return [axes] }
    return axes.flatMap { first in
      permutations(axes.filter { $0 != first }).map { [first] + $0 }
    }
  }

  private static func isSame(_ a: NDArray, _ b: NDArray) throws -> Bool {
    // Most orders are found to be wrong in the first few elements.
    var start = 0
    var length = 1 << 10
    while start < a.elementCount {
      let range = start..<min(start + length, a.elementCount)
      var isSame = false
      try BlockPair.read(a, b, range) { isSame = $2 }
      guard isSame else { return false }
      start = range.upperBound
      length = 1 << 16
    }
    return true
  }

  /// A sum over the elements' bits that does not depend on their order.
  private static func sum(_ array: NDArray) throws -> UInt64 {
    var sum: UInt64 = 0
    let itemSize = array.dtype.itemSize
    try array.forEachBlock { bytes, _ in
      switch itemSize {
      case 1: sum &+= Self.sum(bytes, UInt8.self)
      case 2: sum &+= Self.sum(bytes, UInt16.self)
      case 4: sum &+= Self.sum(bytes, UInt32.self)
      case 8: sum &+= Self.sum(bytes, UInt64.self)
      default:
        for place in stride(from: 0, to: bytes.byteCount - 15, by: 16) {
          sum &+= mixed(bytes.load(at: place) &+ mixed(bytes.load(at: place + 8)))
        }
      }
    }
    return sum
  }

  private static func sum<Word: PlainNumber & FixedWidthInteger>(
    _ bytes: RawSpan, _ type: Word.Type
  ) -> UInt64 {
    var sum: UInt64 = 0
    for place in stride(from: 0, to: bytes.byteCount, by: MemoryLayout<Word>.size) {
      sum &+= mixed(UInt64(truncatingIfNeeded: bytes.load(Word.self, at: place)))
    }
    return sum
  }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), so that sums of different elements
  /// differ.
  private static func mixed(_ bits: UInt64) -> UInt64 {
    var z = bits &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Tensors by their names, to find those of which a name is another behind a prefix.
private struct PrefixedNames {
  private var byName: [Substring: [Checkpoint.NamedTensor]] = [:]
  private var byEnd: [Substring: [Checkpoint.NamedTensor]] = [:]

  /// No prefix has more parts.
  private static let maximumPartCount = 64

  init(_ tensors: [Checkpoint.NamedTensor]) {
    for tensor in tensors {
      byName[tensor.name[...], default: []].append(tensor)
      for end in Self.ends(of: tensor.name) { byEnd[end, default: []].append(tensor) }
    }
  }

  /// The tensors whose name is this one behind a prefix, or is behind a prefix in this one.
  func tensors(like name: String) -> [Checkpoint.NamedTensor] {
    (byEnd[name[...]] ?? []) + Self.ends(of: name).flatMap { byName[$0] ?? [] }
  }

  /// What stands behind each point of a name.
  private static func ends(of name: String) -> [Substring] {
    var ends: [Substring] = []
    var rest = name[...]
    while ends.count < maximumPartCount, let point = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: point)...]
      ends.append(rest)
    }
    return ends
  }
}
