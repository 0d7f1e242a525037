import Arrays
import CKernels
import Files

/// Convolution of a batch of planes: the three products that it and its gradients consist of.
///
/// Each sample's windows are the columns of a matrix, so that a convolution is a matrix product: for
/// the gradients the matrix is made, for the output its parts come and go (``forward(_:_:_:)``).
/// Samples are divided between threads. Shapes: input (batch, channels, height, width),
/// weight (filters, channels / groups, kernel height, kernel width), output (batch, filters, out
/// height, out width).
package struct Convolution {
  package var window: CKWindow
  package var batch: Int
  package var channels: Int
  package var filters: Int
  package var groups: Int

  /// A convolution of these sizes.
  package init(window: CKWindow, batch: Int, channels: Int, filters: Int, groups: Int) {
    self.window = window
    self.batch = batch
    self.channels = channels
    self.filters = filters
    self.groups = groups
  }

  /// The number of rows of a group's columns.
  var depth: Int { channels / groups * window.kernelArea }
  var groupChannels: Int { channels / groups }
  var groupFilters: Int { filters / groups }

  package var inputShape: Shape { [batch, channels, window.height, window.width] }
  package var weightShape: Shape {
    [filters, groupChannels, window.kernel_height, window.kernel_width]
  }
  package var outputShape: Shape { [batch, filters, window.out_height, window.out_width] }

  /// The gradient for the input, from that of the output.
  package func inputGradient(_ gradient: NDArray, _ weight: NDArray) -> NDArray {
    let dtype = gradient.dtype
    let gradient = gradient.rows("the gradient", dtype, outputShape, for: "convolution")
    let weight = weight.rows("the weight", dtype, weightShape, for: "convolution")
    let size = dtype.itemSize
    let result =
      window.isPointwise
      ? NDArray(uninitialized: inputShape, dtype: dtype) : NDArray(zeros: inputShape, dtype: dtype)
    guard result.elementCount > 0, gradient.elementCount > 0 else {
      return NDArray(zeros: inputShape, dtype: dtype)
    }
    let area = window.outArea
    withPointers(gradient, weight) { g, w in
      let x = result.freshPointer
      forEachSample { samples, inParallel in
        withColumns(dtype) { columns in
          for index in samples {
            let sample = index / groups
            let group = index % groups
            let planes = x + (sample * channels + group * groupChannels) * window.inArea * size
            let a = Matrix(
              pointer: w + group * groupFilters * depth * size, isTransposed: true,
              leading: depth)
            let b = Matrix(
              pointer: g + (sample * filters + group * groupFilters) * area * size,
              isTransposed: false, leading: area)
            let target = window.isPointwise ? planes : columns
            product(
              dtype, rows: depth, columns: area, inner: groupFilters, a, b, beta: 0, into: target,
              inParallel)
            if !window.isPointwise {
              ck_col2im(dtype.loops, columns, planes, groupChannels, window)
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient for the weight, from that of the output.
  package func weightGradient(_ gradient: NDArray, _ input: NDArray) -> NDArray {
    let dtype = gradient.dtype
    let gradient = gradient.rows("the gradient", dtype, outputShape, for: "convolution")
    let input = input.rows("the input", dtype, inputShape, for: "convolution")
    let size = dtype.itemSize
    guard batch > 0, gradient.elementCount > 0 else {
      return NDArray(zeros: weightShape, dtype: dtype)
    }
    // Each part of the batch has a sum of its own, so that threads do not wait for each other.
    let parts = Swift.max(1, Swift.min(Threads.count, batch))
    var sums = NDArray(uninitialized: Shape([parts] + weightShape.dimensions), dtype: dtype)
    let area = window.outArea
    withPointers(gradient, input) { g, x in
      let base = sums.freshPointer
      Threads.parallel(parts) { part in
        withColumns(dtype) { columns in
          let samples = part * batch / parts..<(part + 1) * batch / parts
          for sample in samples {
            for group in 0..<groups {
              let planes = x + (sample * channels + group * groupChannels) * window.inArea * size
              let matrix = fillColumns(columns, from: planes, dtype)
              let a = Matrix(
                pointer: g + (sample * filters + group * groupFilters) * area * size,
                isTransposed: false, leading: area)
              let b = Matrix(pointer: matrix, isTransposed: true, leading: area)
              let c = base + (part * filters + group * groupFilters) * depth * size
              product(
                dtype, rows: groupFilters, columns: depth, inner: area, a, b,
                beta: sample == samples.lowerBound ? 0 : 1, into: c, parts == 1)
            }
          }
        }
      }
    }
    if parts == 1 { return sums.reshaped(to: weightShape) }
    sums = sums.reduced(.sum, axes: [0])
    return sums
  }

  /// Calls `body` with parts of the batch, counted in samples times groups, and whether it may
  /// use further threads itself.
  func forEachSample(_ body: (Range<Int>, Bool) -> Void) {
    let count = batch * groups
    if count < Threads.count {
      body(0..<count, true)
    } else {
      Threads.split(count, grain: 1) { body($0, false) }
    }
  }

  func withColumns(_ dtype: DType, _ body: (UnsafeMutableRawPointer) -> Void) {
    let length = window.isPointwise ? 0 : depth * window.outArea
    let columns = Storage(uninitializedByteCount: length * dtype.itemSize)
    columns.withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { body(base) } }
    }
  }

  /// The columns of some planes: the planes themselves where that is the same.
  func fillColumns(
    _ columns: UnsafeMutableRawPointer, from planes: UnsafeRawPointer, _ dtype: DType
  ) -> UnsafeRawPointer {
    if window.isPointwise { return planes }
    ck_im2col(dtype.loops, planes, columns, groupChannels, window)
    return UnsafeRawPointer(columns)
  }

  func product(
    _ dtype: DType, rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix, beta: Double,
    into c: UnsafeMutableRawPointer, _ inParallel: Bool
  ) {
    if inParallel {
      Product.multiplyInParallel(
        dtype, rows: rows, columns: columns, inner: inner, a, b, beta: beta, into: c)
    } else {
      Product.multiply(
        dtype, rows: rows, columns: columns, inner: inner, a, b, beta: beta, into: c,
        leading: columns)
    }
  }
}
