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

  private func forEachChannel(_ body: (Int) -> Void) {
    let grain = Swift.max(1, Threads.elementGrain / 4 / Swift.max(1, count))
    Threads.split(channels, grain: grain) { range in
      for channel in range { body(channel) }
    }
  }

  /// The mean and the biased variance of each channel, in double precision.
  package func moments(_ x: NDArray) -> (mean: [Double], variance: [Double]) {
    let x = x.contiguous()
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
    let x = x.contiguous()
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
    let gradient = gradient.contiguous()
    let x = x.contiguous()
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
    let gradient = gradient.contiguous()
    let x = x.contiguous()
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
    let x = contiguous()
    let weight = weight?.contiguous()
    let bias = bias?.contiguous()
    let rows = n == 0 ? 0 : elementCount / n
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
    let x = contiguous()
    let gradient = gradient.contiguous()
    let weight = weight?.contiguous()
    let rows = n == 0 ? 0 : elementCount / n
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
}
