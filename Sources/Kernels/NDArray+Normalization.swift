import Arrays
import CKernels
import Files

/// Normalisation over each channel of (batch, channels, …).
package struct ChannelNormalization {
  package var batch: Int
  package var channels: Int
  package var area: Int

  /// For an array of this shape, which has at least two dimensions.
  package init(_ shape: Shape) {
    batch = shape[0]
    channels = shape[1]
    area = shape.dimensions.dropFirst(2).reduce(1, *)
  }

  /// The number of elements of a channel.
  package var count: Int { batch * area }

  /// A batch in row-major order, if it is one of these sizes and of this type.
  private func rows(_ role: StaticString, _ x: NDArray, _ dtype: DType) -> NDArray {
    require(
      x.dtype == dtype && x.elementCount == batch * channels * area,
      "batchNorm: \(role) is \(x.dtype) of shape \(x.shape), but must be \(dtype) of "
        + "\(batch) × \(channels) × \(area) elements")
    return x.contiguous()
  }

  private func forEachChannel(_ body: (Int) -> Void) {
    let grain = Swift.max(1, Threads.elementGrain / 4 / Swift.max(1, count))
    Threads.split(channels, grain: grain) { range in
      for channel in range { body(channel) }
    }
  }

  /// The mean and the biased variance of each channel, in double precision.
  package func moments(_ x: NDArray) -> (mean: [Double], variance: [Double]) {
    let x = rows("the input", x, x.dtype)
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    x.withPointer { input in
      mean.withUnsafeMutableBufferPointer { means in
        variance.withUnsafeMutableBufferPointer { variances in
          forEachChannel { channel in
            ck_channel_moments(
              x.dtype.loops, input, batch, channels, area, channel, &means[channel],
              &variances[channel])
          }
        }
      }
    }
    return (mean, variance)
  }

  /// (x − mean) · scale + shift, each by channel.
  package func scaled(
    _ x: NDArray, mean: [Double], scale: [Double], shift: [Double]
  ) -> NDArray {
    let x = rows("the input", x, x.dtype)
    let result = NDArray(uninitialized: x.shape, dtype: x.dtype)
    x.withPointer { input in
      let output = result.freshPointer
      forEachChannel { channel in
        ck_channel_affine(
          x.dtype.loops, input, output, batch, channels, area, channel, mean[channel],
          scale[channel], shift[channel])
      }
    }
    return result
  }

  /// By channel, the sums of `gradient` and of `gradient` · (x − mean).
  package func gradientSums(
    _ gradient: NDArray, _ x: NDArray, mean: [Double]
  ) -> (sum: [Double], products: [Double]) {
    let gradient = rows("the gradient", gradient, x.dtype)
    let x = rows("the input", x, x.dtype)
    var sums = [Double](repeating: 0, count: channels)
    var products = sums
    withPointers(gradient, x) { gradients, input in
      sums.withUnsafeMutableBufferPointer { sums in
        products.withUnsafeMutableBufferPointer { products in
          forEachChannel { channel in
            ck_channel_grad_sums(
              x.dtype.loops, gradients, input, batch, channels, area, channel, mean[channel],
              &sums[channel], &products[channel])
          }
        }
      }
    }
    return (sums, products)
  }

  /// a · gradient + b · (x − mean) + constant, each by channel.
  package func gradient(
    _ gradient: NDArray, _ x: NDArray, mean: [Double], a: [Double], b: [Double],
    constant: [Double]
  ) -> NDArray {
    let gradient = rows("the gradient", gradient, x.dtype)
    let x = rows("the input", x, x.dtype)
    let result = NDArray(uninitialized: x.shape, dtype: x.dtype)
    withPointers(gradient, x) { gradients, input in
      let output = result.freshPointer
      forEachChannel { channel in
        ck_channel_grad(
          x.dtype.loops, gradients, input, output, batch, channels, area, channel, mean[channel],
          a[channel], b[channel], constant[channel])
      }
    }
    return result
  }
}

extension NDArray {
  /// Each row of `n` elements normalised, then scaled and shifted; with its mean and 1 / deviation.
  package func layerNormalized(
    rowLength n: Int, weight: NDArray?, bias: NDArray?, eps: Double
  ) -> (output: NDArray, mean: NDArray, rstd: NDArray) {
    let rows = rowCount(n)
    let x = contiguous()
    let weight = weight?.rowOperand("the weight", dtype, n)
    let bias = bias?.rowOperand("the bias", dtype, n)
    let output = NDArray(uninitialized: shape, dtype: dtype)
    let mean = NDArray(uninitialized: [rows], dtype: dtype)
    let rstd = NDArray(uninitialized: [rows], dtype: dtype)
    let size = dtype.itemSize
    withExtendedLifetime((weight, bias)) {
      x.withPointer { input in
        let to = (output.freshPointer, mean.freshPointer, rstd.freshPointer)
        Threads.split(rows, grain: Swift.max(1, Threads.elementGrain / 4 / Swift.max(1, n))) {
          range in
          let first = range.lowerBound
          ck_layer_norm(
            dtype.loops, input + first * n * size, weight?.pointer, bias?.pointer,
            to.0 + first * n * size, to.1 + first * size, to.2 + first * size, range.count, n, eps)
        }
      }
    }
    return (output, mean, rstd)
  }

  /// The gradients of `layerNormalized`; this array is its input, `gradient` the output's.
  package func layerNormGradient(
    _ gradient: NDArray, rowLength n: Int, weight: NDArray?, mean: NDArray, rstd: NDArray,
    needsWeight: Bool, needsBias: Bool
  ) -> (input: NDArray, weight: NDArray?, bias: NDArray?) {
    let rows = rowCount(n)
    let x = contiguous()
    let gradient = gradient.rows("the gradient", dtype, shape, for: "layerNorm")
    let weight = weight?.rowOperand("the weight", dtype, n)
    let mean = mean.rows("the mean", dtype, [rows], for: "layerNorm")
    let rstd = rstd.rows("the deviation", dtype, [rows], for: "layerNorm")
    let result = NDArray(uninitialized: shape, dtype: dtype)
    let size = dtype.itemSize
    // Each part has sums of its own for weight and bias.
    let parts = Swift.max(1, Swift.min(Threads.count, elementCount / Threads.elementGrain))
    let weightSums = needsWeight ? NDArray(zeros: [parts, n], dtype: dtype) : nil
    let biasSums = needsBias ? NDArray(zeros: [parts, n], dtype: dtype) : nil
    withExtendedLifetime((weight, mean, rstd)) {
      withPointers(gradient, x) { gradients, input in
        let output = result.freshPointer
        let toWeight = weightSums?.freshPointer
        let toBias = biasSums?.freshPointer
        let means = (mean.pointer, rstd.pointer)
        Threads.parallel(parts) { part in
          let first = part * rows / parts
          let count = (part + 1) * rows / parts - first
          let start = first * n * size
          ck_layer_norm_grad(
            dtype.loops, gradients + start, input + start, weight?.pointer,
            means.0 + first * size, means.1 + first * size, output + start,
            toWeight.map { $0 + part * n * size }, toBias.map { $0 + part * n * size }, count, n)
        }
      }
    }
    return (
      result, weightSums?.reduced(.sum, axes: [0]), biasSums?.reduced(.sum, axes: [0])
    )
  }

  /// The number of rows of `n` elements that this array is made of.
  private func rowCount(_ n: Int) -> Int {
    guard n > 0 else { return 0 }
    require(
      elementCount.isMultiple(of: n),
      "layerNorm: shape \(shape) does not divide into rows of \(n) elements")
    return elementCount / n
  }

  /// This vector over the elements of a row, in row-major order.
  private func rowOperand(_ role: StaticString, _ dtype: DType, _ n: Int) -> NDArray {
    require(
      self.dtype == dtype && elementCount == n,
      "layerNorm: \(role) is \(self.dtype) of shape \(shape), but must be \(dtype) of \(n) "
        + "elements")
    return contiguous()
  }
}
