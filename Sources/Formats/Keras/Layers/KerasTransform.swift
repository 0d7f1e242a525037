import Arrays
import Files

/// How the numbers of Keras variables become those of PyTorch tensors, and back.
///
/// Each is a permutation of the elements but for two: a recurrent bias, which PyTorch has twice,
/// and constants, which Keras does not have. So there and back gives the same bits.
enum KerasTransform: Hashable {
  /// As they are.
  case identity
  /// The kernel of `Dense`: `(in, out)` to `(out, in)`, and recurrent kernels.
  case transpose
  /// The kernel of a convolution: `(k…, in, out)` to `(out, in, k…)`.
  case convolution
  /// The kernel of a depthwise convolution: `(k…, C, M)` to `(C·M, 1, k…)`.
  case depthwise(multiplier: Int)
  /// A recurrent kernel whose gates `z, r, h` become `r, z, n`, transposed.
  case gatedKernel
  /// One bias that PyTorch has as the sum of two, the second of which is zero.
  case recurrentBias
  /// The two rows of the bias of a GRU, its gates reordered.
  case gatedBias
  /// A kernel of cuDNN's layers: of each gate the numbers of `(units, in)`, said to be `(in, units)`; the
  /// gates of three are reordered as those of a GRU.
  case packedKernel(gates: Int)
  /// Their recurrent kernel, of each gate `(units, units)`, the outputs first.
  case packedRecurrentKernel(gates: Int)
  /// Their bias: those of the inputs and those of the states, of all gates.
  case packedBias(gates: Int)
  /// Kernels `(D, H, d)` of query, key and value, each `(H·d, D)`, one below the other.
  case projections(heads: Int)
  /// Their biases `(H, d)`, one after the other.
  case projectionBiases(heads: Int)
  /// The kernel `(H, d, D)` of the output of attention to `(D, H·d)`.
  case attentionOutput(heads: Int)

  /// Whether it is that of a kernel that slides.
  var isConvolution: Bool {
    switch self {
    case .convolution, .depthwise: true
    default: false
    }
  }

  /// What keeps numbers from being what the transform expects.
  struct Mismatch: Error {
    let reason: String
  }

  /// What the numbers are, which matters to biases only.
  enum Content {
    case weights
    /// A slot of an optimizer's state: where a bias stands twice, so does its slot.
    case slots
  }
}

// MARK: - To PyTorch

extension KerasTransform {
  /// The PyTorch tensors of Keras variables. A result that is one view is not copied.
  func toPyTorch(_ arrays: [NDArray], _ content: Content) throws(Mismatch) -> [NDArray] {
    let first = arrays[0]
    switch self {
    case .identity: return [first]
    case .transpose:
      try require(first, rank: 2)
      return [first.transposed()]
    case .convolution:
      try require(first, rank: 3...5)
      return [first.permuted(Self.convolutionAxes(first.rank))]
    case .depthwise(let multiplier):
      try require(first, rank: 3...5)
      let window = first.rank - 2
      guard first.shape[window + 1] == multiplier else {
        throw Mismatch(reason: "its depth multiplier is not \(multiplier)")
      }
      let outputs = first.shape[window] * multiplier
      let turned = first.permuted([window, window + 1] + Array(0..<window))
      return [turned.reshaped(to: Shape([outputs, 1] + first.shape.dimensions.prefix(window)))]
    case .gatedKernel:
      try require(first, rank: 2)
      return [try Self.swapGates(first, axis: 1).transposed()]
    case .recurrentBias:
      try require(first, rank: 1)
      let second =
        content == .slots ? first.copied() : NDArray(zeros: first.shape, dtype: first.dtype)
      return [first, second]
    case .gatedBias:
      try require(first, rank: 2, first: 2)
      let swapped = try Self.swapGates(first, axis: 1)
      return [swapped.selected(axis: 0, 0).copied(), swapped.selected(axis: 0, 1).copied()]
    case .packedKernel(let gates):
      try require(first, rank: 2)
      let units = try part(of: first.shape[1], gates)
      return [
        try Self.gates(first, axis: 1, gates) { $0.copied().reshaped(to: [units, first.shape[0]]) }
      ]
    case .packedRecurrentKernel(let gates):
      try require(first, rank: 2)
      _ = try part(of: first.shape[1], gates)
      return [try Self.gates(first, axis: 1, gates) { $0 }]
    case .packedBias(let gates):
      try require(first, rank: 1)
      let half = try part(of: first.shape[0], 2)
      _ = try part(of: half, gates)
      return try [0..<half, half..<(2 * half)].map { range throws(Mismatch) in
        try Self.gates(first.sliced(axis: 0, range), axis: 0, gates) { $0 }
      }
    case .projections(let heads):
      let parts = try arrays.map { array throws(Mismatch) in
        try require(array, rank: 3)
        try requireHeads(array.shape[1], heads)
        return array.reshaped(to: [array.shape[0], array.shape[1] * array.shape[2]]).transposed()
      }
      return [try Self.joined(parts)]
    case .projectionBiases(let heads):
      let parts = try arrays.map { array throws(Mismatch) in
        try require(array, rank: 2)
        try requireHeads(array.shape[0], heads)
        return array.reshaped(to: [array.elementCount])
      }
      return [try Self.joined(parts)]
    case .attentionOutput(let heads):
      try require(first, rank: 3)
      try requireHeads(first.shape[0], heads)
      let rows = first.shape[0] * first.shape[1]
      return [first.reshaped(to: [rows, first.shape[2]]).transposed()]
    }
  }
}

// MARK: - To Keras

extension KerasTransform {
  /// The Keras variables of PyTorch tensors: the inverse of ``toPyTorch(_:_:)``.
  ///
  /// - Parameter count: How many variables there are.
  func toKeras(
    _ arrays: [NDArray], count: Int, _ content: Content
  ) throws(Mismatch) -> [NDArray] {
    let first = arrays[0]
    switch self {
    case .identity: return [first]
    case .transpose:
      try require(first, rank: 2)
      return [first.transposed()]
    case .convolution:
      try require(first, rank: 3...5)
      return [first.permuted(Array(2..<first.rank) + [1, 0])]
    case .depthwise(let multiplier):
      try require(first, rank: 3...5)
      guard multiplier > 0, first.shape[1] == 1, first.shape[0].isMultiple(of: multiplier) else {
        throw Mismatch(reason: "its channels are not \(multiplier) for each of the input")
      }
      let window = Array(first.shape.dimensions.dropFirst(2))
      let grid = first.reshaped(to: Shape([first.shape[0] / multiplier, multiplier] + window))
      return [grid.permuted(Array(2..<grid.rank) + [0, 1])]
    case .gatedKernel:
      try require(first, rank: 2)
      return [try Self.swapGates(first, axis: 0).transposed()]
    case .recurrentBias:
      return [try sumOfBiases(first, arrays[1], content)]
    case .gatedBias:
      try require(first, rank: 1)
      try requireShape(arrays[1], first.shape)
      let rows = try arrays.map { array throws(Mismatch) in
        try Self.swapGates(array, axis: 0).unsqueezed(0)
      }
      return [try Self.joined(rows)]
    case .packedKernel(let gates):
      try require(first, rank: 2)
      let units = try part(of: first.shape[0], gates)
      return [
        try Self.gates(first, axis: 0, gates, joinedBy: 1) {
          $0.copied().reshaped(to: [first.shape[1], units])
        }
      ]
    case .packedRecurrentKernel(let gates):
      try require(first, rank: 2)
      _ = try part(of: first.shape[0], gates)
      return [try Self.gates(first, axis: 0, gates, joinedBy: 1) { $0 }]
    case .packedBias(let gates):
      try require(first, rank: 1)
      try requireShape(arrays[1], first.shape)
      _ = try part(of: first.shape[0], gates)
      return [
        try Self.joined(
          arrays.map { array throws(Mismatch) in
            try Self.gates(array, axis: 0, gates) { $0 }
          })
      ]
    case .projections(let heads):
      try require(first, rank: 2)
      let outputs = try part(of: first.shape[0], count)
      try requireMultiple(outputs, heads)
      return (0..<count).map { index in
        first.sliced(axis: 0, (index * outputs)..<((index + 1) * outputs)).transposed()
          .reshaped(to: [first.shape[1], heads, outputs / heads])
      }
    case .projectionBiases(let heads):
      try require(first, rank: 1)
      let outputs = try part(of: first.shape[0], count)
      try requireMultiple(outputs, heads)
      return (0..<count).map { index in
        first.sliced(axis: 0, (index * outputs)..<((index + 1) * outputs))
          .reshaped(to: [heads, outputs / heads])
      }
    case .attentionOutput(let heads):
      try require(first, rank: 2)
      try requireMultiple(first.shape[1], heads)
      return [
        first.transposed().reshaped(to: [heads, first.shape[1] / heads, first.shape[0]])
      ]
    }
  }

  /// The bias that stands for two. Where the second is zero it is the first to the bit.
  private func sumOfBiases(
    _ first: NDArray, _ second: NDArray, _ content: Content
  ) throws(Mismatch) -> NDArray {
    try require(first, rank: 1)
    try requireShape(second, first.shape)
    let isZero = second.withContiguousBytes { bytes in
      bytes.byteOffsets.allSatisfy { bytes[$0] == 0 }
    }
    if content == .slots || isZero { return first }
    do {
      let addends = try [first, second].map {
        try $0.converted(to: .float64).elements(as: Double.self)
      }
      let sum = NDArray(zip(addends[0], addends[1]).map { $0 + $1 }, shape: first.shape)
      return try sum.converted(to: first.dtype)
    } catch {
      throw Mismatch(reason: "biases of type \(first.dtype) cannot be added")
    }
  }
}

// MARK: - Parts

extension KerasTransform {
  private static func convolutionAxes(_ rank: Int) -> [Int] {
    [rank - 1, rank - 2] + Array(0..<(rank - 2))
  }

  /// The first two of three equal parts in each other's place.
  private static func swapGates(_ array: NDArray, axis: Int) throws(Mismatch) -> NDArray {
    let length = array.shape[axis]
    guard length.isMultiple(of: 3) else {
      throw Mismatch(reason: "its \(length) columns are not three gates")
    }
    let units = length / 3
    return try joined(
      [1, 0, 2].map { array.sliced(axis: axis, ($0 * units)..<(($0 + 1) * units)) }, axis: axis)
  }

  /// What becomes of each gate, one below the other; of three gates the first two in each other's place.
  ///
  /// - Parameters:
  ///   - axis: The axis along which they stand.
  ///   - other: That along which they are to stand; the first if it is not said.
  private static func gates(
    _ array: NDArray, axis: Int, _ count: Int, joinedBy other: Int = 0,
    _ transform: (NDArray) -> NDArray
  ) throws(Mismatch) -> NDArray {
    let length = array.shape[axis] / count
    let order = count == 3 ? [1, 0, 2] : Array(0..<count)
    return try joined(
      order.map { gate in
        transform(array.sliced(axis: axis, (gate * length)..<((gate + 1) * length)))
      }, axis: other)
  }

  /// Arrays of one type, one after the other along an axis.
  static func joined(_ parts: [NDArray], axis: Int = 0) throws(Mismatch) -> NDArray {
    var dimensions = parts[0].shape.dimensions
    for part in parts.dropFirst() {
      var others = part.shape.dimensions
      guard part.dtype == parts[0].dtype, others.count == dimensions.count else {
        throw Mismatch(reason: "parts that belong together are of different types or shapes")
      }
      let length = others[axis]
      others[axis] = dimensions[axis]
      guard others == dimensions else {
        throw Mismatch(reason: "parts that belong together are of different shapes")
      }
      dimensions[axis] += length
    }
    let shape = Shape(dimensions)
    let storage = Storage(uninitializedByteCount: shape.elementCount * parts[0].dtype.itemSize)
    let whole = NDArray(storage: storage, dtype: parts[0].dtype, layout: Layout(shape))
    var start = 0
    for part in parts where part.elementCount > 0 {
      let end = start + part.shape[axis]
      part.scatter(into: storage, as: whole.layout.sliced(axis: axis, start..<end))
      start = end
    }
    return whole
  }

  private func require(_ array: NDArray, rank: Int, first: Int? = nil) throws(Mismatch) {
    try require(array, rank: rank...rank)
    guard let first, array.shape[0] != first else { return }
    throw Mismatch(reason: "its shape is \(array.shape), and its first length should be \(first)")
  }

  private func require(_ array: NDArray, rank: ClosedRange<Int>) throws(Mismatch) {
    guard !rank.contains(array.rank) else { return }
    throw Mismatch(reason: "its shape is \(array.shape), which is not of \(rank) dimensions")
  }

  private func requireShape(_ array: NDArray, _ shape: Shape) throws(Mismatch) {
    guard array.shape != shape else { return }
    throw Mismatch(reason: "its shape is \(array.shape), and should be \(shape)")
  }

  private func requireHeads(_ count: Int, _ heads: Int) throws(Mismatch) {
    guard count != heads else { return }
    throw Mismatch(reason: "it is for \(count) heads, and the layer has \(heads)")
  }

  private func requireMultiple(_ length: Int, _ heads: Int) throws(Mismatch) {
    guard heads < 1 || !length.isMultiple(of: heads) else { return }
    throw Mismatch(reason: "its length \(length) does not divide into \(heads) heads")
  }

  private func part(of length: Int, _ count: Int) throws(Mismatch) -> Int {
    guard count < 1 || !length.isMultiple(of: count) else { return length / count }
    throw Mismatch(reason: "its length \(length) does not divide into \(count) parts")
  }
}
