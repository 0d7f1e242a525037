import Arrays
import Files
import OrderedCollections

/// Tensors of which each is in pieces, in however many files: a folder that many processes wrote.
///
/// A bundle is a table of keys. Each has a type, the shape of the whole tensor, and pieces: boxes, and for
/// each where its bytes are. What the files are, and by which codec a piece is in them, is known to the
/// format that makes the bundle; here a piece is a `ByteSource`, a range of a file or bytes that were
/// decoded.
///
/// ``add(_:_:shape:pieces:)`` proves that the boxes tile the tensor exactly (``BoxTiling``) before anything
/// can be had of it, so that a missing piece is never read as zeros, and of two that lie over each other
/// none wins.
///
/// Nothing is read before it is asked for. A tensor of one piece is that range of the file, its elements in
/// the order that they have there. One of several is a `Storage` that is put together as it is visited, block by
/// block: so `TensorStream` converts a bundle of any size in the memory of its blocks, and a file that is cut
/// short meanwhile is an error, also where the elements of a piece are in another order: they are read too, and
/// not touched in a mapping. A part of a tensor is read by `NDArray.slice`. Who touches such a tensor in memory
/// instead, as a model does that takes its values, has that one tensor put together as a whole.
///
/// Sets of files in which each tensor is whole, as the shards of safetensors or of PyTorch's files that an index
/// names, are no bundles. Of them nothing has to be proved of boxes: what may be wrong is that the index and the
/// files disagree about keys, which the reader of the index finds. Each file has checksums, other names of tensors
/// and tensors that share memory, which are told by its own reader; a bundle of one piece a tensor would be
/// a second table of the same keys beside that. A shard that holds pieces all the same is refused.
package struct TensorBundle: Sendable {
  /// A part of a tensor, and its bytes in row-major order.
  package struct Piece: Sendable {
    /// Which part it is.
    package let box: Box
    /// Where the bytes are.
    package let bytes: any ByteSource
    /// The elements as they were given, if they were.
    fileprivate let array: NDArray?

    /// A piece of these bytes.
    package init(_ box: Box, _ bytes: any ByteSource) {
      self.box = box
      self.bytes = bytes
      array = nil
    }

    /// A piece whose elements an array has, which may be mapped.
    ///
    /// Elements in another order than row-major are gathered as they are asked for.
    ///
    /// - Precondition: The array has the shape of the box.
    package init(_ box: Box, _ array: NDArray) {
      require(array.shape.dimensions == box.sizes, "\(array.shape) is not the shape of \(box)")
      self.box = box
      self.array = array
      guard array.isContiguous else {
        bytes = GatheredBytes(array: array)
        return
      }
      let start = array.elementCount == 0 ? 0 : array.layout.offset * array.dtype.itemSize
      if let source = array.storage.source {
        bytes = SourceBytes(source: source, start: start, byteCount: array.byteCount)
      } else {
        bytes = StorageBytes(storage: array.storage, start: start, byteCount: array.byteCount)
      }
    }

    /// A piece whose elements are some of an array's, counted in row-major order, whatever the shape of either.
    ///
    /// The tensor is no view of the array's storage, be it of this piece alone.
    ///
    /// - Precondition: The array has these elements, as many as the box.
    package init(_ box: Box, _ elements: Range<Int>, of array: NDArray) {
      require(
        box.sizes.reduce(1, *) == elements.count && elements.lowerBound >= 0
          && elements.upperBound <= array.elementCount,
        "the elements \(elements) of \(array.shape) are not those of \(box)")
      let whole = Piece(Box(all: array.shape.dimensions), array)
      let itemSize = array.dtype.itemSize
      self.init(
        box,
        SourceBytes(
          source: whole.bytes, start: elements.lowerBound * itemSize,
          byteCount: elements.count * itemSize))
    }
  }

  /// A tensor whose pieces tile it.
  package struct Tensor: Sendable {
    /// The type of the elements.
    package let dtype: DType
    /// The shape of the whole.
    package let shape: Shape
    /// The pieces, which tile it.
    package let pieces: [Piece]
    /// The whole.
    package let array: NDArray
  }

  /// What is wrong with a tensor of a bundle.
  package enum Fault: Error, Sendable, CustomStringConvertible {
    /// The lengths are those of no tensor.
    case shape([Int])
    /// The pieces do not tile it.
    case tiling(BoxTiling.Fault)
    /// A piece has another number of bytes than its box.
    case byteCount(Box, found: Int, expected: Int)
    /// The key is there already.
    case duplicate

    /// Whether nothing was found to be wrong, and it is not proved either.
    package var isUndecided: Bool {
      if case .tiling(.tooMany) = self { return true }
      return false
    }

    /// A clause.
    package var description: String {
      switch self {
      case .shape(let lengths): "\(lengths.listed) is the shape of no tensor"
      case .tiling(let fault): fault.description
      case .byteCount(let box, let found, let expected):
        "its piece \(box) has \(found) bytes, and should have \(expected)"
      case .duplicate: "it is there twice"
      }
    }
  }

  /// How many corners of boxes may still be added up: see ``BoxTiling``. So proving takes time and memory
  /// in proportion to what describes the pieces, whatever they are said to be.
  private var cornerCount = 1 << 16
  /// Boxes that are cut along eight axes have as many.
  private static let cornersPerPiece = 1 << 8

  /// The tensors by their keys, in order.
  package private(set) var tensors: OrderedDictionary<String, Tensor> = [:]

  /// A bundle without tensors.
  package init() {}

  /// Adds a tensor once it is proved that its pieces tile it.
  ///
  /// - Parameters:
  ///   - key: Its key.
  ///   - dtype: The type of its elements.
  ///   - shape: The lengths of the whole, which nobody has checked yet.
  ///   - pieces: The pieces, in any order; such as have no elements are passed over.
  /// - Throws: ``Fault``.
  package mutating func add(
    _ key: String, _ dtype: DType, shape: [Int], pieces: [Piece]
  ) throws(Fault) {
    guard tensors[key] == nil else { throw .duplicate }
    cornerCount += Self.cornersPerPiece * pieces.count
    tensors[key] = try Self.tensor(dtype, shape, pieces, &cornerCount)
  }

  private static func tensor(
    _ dtype: DType, _ lengths: [Int], _ pieces: [Piece], _ cornerCount: inout Int
  ) throws(Fault) -> Tensor {
    guard let shape = Shape(validating: lengths), shape.fits(dtype) else { throw .shape(lengths) }
    do throws(BoxTiling.Fault) {
      try BoxTiling.prove(pieces.lazy.map(\.box), of: lengths, corners: &cornerCount)
    } catch {
      throw .tiling(error)
    }
    for piece in pieces {
      // Within the tensor, whose bytes fit.
      let expected = piece.box.sizes.reduce(dtype.itemSize, *)
      guard piece.bytes.byteCount == expected else {
        throw .byteCount(piece.box, found: piece.bytes.byteCount, expected: expected)
      }
    }
    let parts = pieces.filter { !$0.box.isEmpty }
    let array: NDArray
    if parts.isEmpty {
      array = NDArray(uninitialized: shape, dtype: dtype)
    } else if parts.count == 1, let only = parts[0].array, only.dtype == dtype {
      array = only
    } else {
      let source = AssembledTensor(parts, shape: shape, itemSize: dtype.itemSize)
      array = NDArray(
        storage: Storage(assembling: source), dtype: dtype, layout: Layout(shape))
    }
    return Tensor(dtype: dtype, shape: shape, pieces: pieces, array: array)
  }
}

extension Shape {
  /// Whether the bytes of an array of it, a length of zero counted as one, can be counted in an `Int`.
  package func fits(_ dtype: DType) -> Bool {
    var product = dtype.itemSize
    for length in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(length, 1))
      guard !overflow, next < .max else { return false }
      product = next
    }
    return true
  }
}
