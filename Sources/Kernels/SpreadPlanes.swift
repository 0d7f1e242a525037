import Arrays
import CKernels
import Files

/// The planes of a convolution with their padding, so that no window needs to be asked whether it is
/// inside, and elements of neighbouring windows are neighbours whatever the stride.
struct SpreadPlanes {
  let dtype: DType
  /// The number of columns of a panel of a packed product.
  let lanes: Int
  private let window: CKWindow
  private let spread: CKSpreadPlane
  /// Where each element of a window is, beyond the first.
  private let places: [Int]
  /// Whether the planes are used as they are, since the windows are their elements.
  private let isPointwise: Bool

  /// The planes of a convolution of a type.
  init(_ convolution: Convolution, _ dtype: DType) {
    self.dtype = dtype
    lanes = RepeatedFactor.panelBytes / dtype.itemSize
    var w = convolution.window
    isPointwise = w.isPointwise
    if isPointwise {
      // One row, since its elements follow each other.
      (w.width, w.height) = (w.inArea, 1)
      (w.out_width, w.out_height) = (w.width, 1)
    }
    let rows = (w.out_height - 1) * w.stride_height + (w.kernel_height - 1) * w.dilation_height + 1
    let columns = (w.out_width - 1) * w.stride_width + (w.kernel_width - 1) * w.dilation_width + 1
    let spread = CKSpreadPlane(
      rows: rows, phase_width: (columns + w.stride_width - 1) / w.stride_width)
    places = (0..<w.kernelArea).map { element in
      let column = element % w.kernel_width * w.dilation_width
      return element / w.kernel_width * w.dilation_height * w.stride_width * spread.phase_width
        + column % w.stride_width * spread.phase_width + column / w.stride_width
    }
    (window, self.spread) = (w, spread)
  }

  /// The elements of a plane.
  var elementCount: Int { spread.rows * window.stride_width * spread.phase_width }

  /// Lends memory for some planes, and for what ``convolve(_:_:_:_:into:plane:)`` reads beyond them.
  func withMemory(channels: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
    let byteCount = isPointwise ? 1 : channels * elementCount * dtype.itemSize
    let memory = Storage(uninitializedByteCount: byteCount + RepeatedFactor.panelBytes)
    memory.withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        (base + byteCount).initializeMemory(
          as: UInt8.self, repeating: 0, count: RepeatedFactor.panelBytes)
        body(base)
      }
    }
  }

  /// Writes `channels` planes from number `plane` on into memory.
  func spread(
    _ input: UnsafeRawPointer, plane: Int, channels: Int, into memory: UnsafeMutableRawPointer
  ) {
    ck_spread_planes(
      dtype.loops, input + plane * window.inArea * dtype.itemSize, memory, channels, window, spread)
  }

  /// The planes that the windows of a sample's group are in: in memory, or where the input is.
  func windows(
    _ input: UnsafeRawPointer, _ index: Int, _ channels: Int, _ memory: UnsafeMutableRawPointer
  ) -> UnsafeRawPointer {
    if isPointwise { return input + index * channels * window.inArea * dtype.itemSize }
    spread(input, plane: index * channels, channels: channels, into: memory)
    return UnsafeRawPointer(memory)
  }

  /// Lays out a part of the matrix of windows in panels.
  func pack(
    _ windows: UnsafeRawPointer, rows firstRow: Int, _ rows: Int, columns firstColumn: Int,
    _ columns: Int, into tile: UnsafeMutableRawPointer
  ) {
    places.withUnsafeBufferPointer { places in
      ck_pack_windows(
        dtype.loops, windows, tile, firstRow, rows, firstColumn, columns, window, spread,
        places.baseAddress)
    }
  }

  /// The convolution of one plane with one filter.
  func convolve(
    _ memory: UnsafeRawPointer, _ weight: UnsafeRawPointer, _ bias: UnsafeRawPointer?,
    _ filter: Int, into output: UnsafeMutableRawPointer, plane: Int
  ) {
    let size = dtype.itemSize
    places.withUnsafeBufferPointer { places in
      ck_convolve_plane(
        dtype.loops, memory, weight + filter * window.kernelArea * size,
        bias.map { Self.element(dtype, $0 + filter * size) } ?? 0,
        output + plane * window.outArea * size,
        window,
        spread, places.baseAddress)
    }
  }

  /// Fills `count` elements with the one that is at `value`.
  static func fill(
    _ dtype: DType, _ out: UnsafeMutableRawPointer, _ count: Int, with value: UnsafeRawPointer
  ) {
    ck_fill(dtype.loops, element(dtype, value), out, count)
  }

  private static func element(_ dtype: DType, _ place: UnsafeRawPointer) -> Double {
    dtype == .float32 ? Double(place.load(as: Float.self)) : place.load(as: Double.self)
  }
}
