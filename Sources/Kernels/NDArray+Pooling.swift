import Arrays
import CKernels
import Files

// Pooling of planes: the last two dimensions of an array; all others count as planes.
extension NDArray {
  private func planes(_ window: CKWindow) -> Int {
    shape.dimensions.dropLast(2).reduce(1, *)
  }

  /// Traps unless the last two dimensions are the planes that loops over this window read.
  private func requirePlanes(_ height: Int, _ width: Int, _ target: Shape? = nil) {
    require(
      rank >= 2 && shape[rank - 2] == height && shape[rank - 1] == width
        && target.map {
          $0.rank == rank && $0.dimensions.dropLast(2) == shape.dimensions.dropLast(2)
        } ?? true,
      "pool: shape \(shape) does not consist of planes of \(height) × \(width)"
        + (target.map { " for shape \($0)" } ?? ""))
  }

  private func outputShape(_ window: CKWindow) -> Shape {
    Shape(shape.dimensions.dropLast(2) + [window.out_height, window.out_width])
  }

  /// Calls `body` with parts of the planes, for several threads.
  private static func split(planes: Int, area: Int, _ body: (Range<Int>) -> Void) {
    Threads.split(planes, grain: Swift.max(1, Threads.elementGrain / 4 / Swift.max(1, area)), body)
  }

  /// The maximum element under each window position, and its position in its plane.
  package func maxPooled(_ window: CKWindow) -> (values: NDArray, indices: NDArray) {
    maxPooled(window, ck_max_pool)
  }

  private func maxPooled(
    _ window: CKWindow,
    _ loop: (
      CKType, UnsafeRawPointer, UnsafeMutableRawPointer, UnsafeMutablePointer<Int64>, Int, CKWindow
    ) -> Void
  ) -> (values: NDArray, indices: NDArray) {
    requirePlanes(window.height, window.width)
    let x = contiguous()
    let values = NDArray(uninitialized: outputShape(window), dtype: dtype)
    let indices = NDArray(uninitialized: values.shape, dtype: .int64)
    let size = dtype.itemSize
    x.withPointer { input in
      let output = values.freshPointer
      let positions = indices.freshPointer.assumingMemoryBound(to: Int64.self)
      NDArray.split(planes: planes(window), area: window.inArea) { range in
        loop(
          dtype.loops, input + range.lowerBound * window.inArea * size,
          output + range.lowerBound * window.outArea * size,
          positions + range.lowerBound * window.outArea, range.count, window)
      }
    }
    return (values, indices)
  }

  /// The maximum element of each part of a plane, and its position in its plane.
  package func adaptiveMaxPooled(_ window: CKWindow) -> (values: NDArray, indices: NDArray) {
    maxPooled(window, ck_adaptive_max_pool)
  }

  /// Adds each element of this array to planes of `inShape`, at its position in its plane.
  package func scatteredToPlanes(_ indices: NDArray, _ inShape: Shape) -> NDArray {
    let indices = indices.indexOperand(shape, for: "pool")
    requirePlanes(shape[rank - 2], shape[rank - 1], inShape)
    let gradient = contiguous()
    let result = NDArray(zeros: inShape, dtype: dtype)
    let inArea = inShape[inShape.rank - 1] * inShape[inShape.rank - 2]
    let outArea = shape[rank - 1] * shape[rank - 2]
    let size = dtype.itemSize
    withPointers(gradient, indices) { from, positions in
      let output = result.freshPointer
      let positions = positions.assumingMemoryBound(to: Int64.self)
      let planes = inShape.dimensions.dropLast(2).reduce(1, *)
      NDArray.split(planes: planes, area: inArea) { range in
        ck_scatter_planes(
          dtype.loops, from + range.lowerBound * outArea * size,
          positions + range.lowerBound * outArea, output + range.lowerBound * inArea * size,
          range.count, inArea, outArea)
      }
    }
    return result
  }

  /// The elements of this array's planes at these positions: the reverse of scattering.
  package func gatheredFromPlanes(_ indices: NDArray) -> NDArray {
    let indices = indices.indexOperand(indices.shape, for: "pool")
    requirePlanes(shape[rank - 2], shape[rank - 1], indices.shape)
    let x = contiguous()
    let result = NDArray(uninitialized: indices.shape, dtype: dtype)
    let inArea = shape[rank - 1] * shape[rank - 2]
    let outArea = indices.shape[rank - 1] * indices.shape[rank - 2]
    withPointers(x, indices) { input, positions in
      ck_gather_planes(
        dtype.loops, input, positions.assumingMemoryBound(to: Int64.self), result.freshPointer,
        shape.dimensions.dropLast(2).reduce(1, *), inArea, outArea)
    }
    return result
  }

  /// The mean in each position of a window.
  ///
  /// - Parameters:
  ///   - window: The window and its positions.
  ///   - countPadding: Whether zeros of the padding count in the mean.
  ///   - divisor: A number to divide sums by; zero for the number of elements.
  package func averagePooled(_ window: CKWindow, countPadding: Bool, divisor: Int) -> NDArray {
    mapPlanes(window, to: outputShape(window), isGradient: false) { input, output, planes in
      ck_avg_pool(dtype.loops, input, output, planes, window, countPadding, divisor)
    }
  }

  /// The gradient of `averagePooled` for its input of shape `inShape`; this array is the output's.
  package func averagePoolGradient(
    _ window: CKWindow, countPadding: Bool, divisor: Int, _ inShape: Shape
  ) -> NDArray {
    mapPlanes(window, to: inShape, isGradient: true) { input, output, planes in
      ck_avg_pool_grad(dtype.loops, input, output, planes, window, countPadding, divisor)
    }
  }

  /// The mean over each part of a plane.
  package func adaptiveAveragePooled(_ window: CKWindow) -> NDArray {
    mapPlanes(window, to: outputShape(window), isGradient: false) { input, output, planes in
      ck_adaptive_avg_pool(dtype.loops, input, output, planes, window)
    }
  }

  /// The gradient of `adaptiveAveragePooled`; this array is the output's.
  package func adaptiveAveragePoolGradient(_ window: CKWindow, _ inShape: Shape) -> NDArray {
    mapPlanes(window, to: inShape, isGradient: true) { input, output, planes in
      ck_adaptive_avg_pool_grad(dtype.loops, input, output, planes, window)
    }
  }

  private func mapPlanes(
    _ window: CKWindow, to target: Shape, isGradient: Bool,
    _ body: (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void
  ) -> NDArray {
    let (height, width) =
      isGradient ? (window.out_height, window.out_width) : (window.height, window.width)
    requirePlanes(height, width, target)
    let x = contiguous()
    let result =
      isGradient
      ? NDArray(zeros: target, dtype: dtype) : NDArray(uninitialized: target, dtype: dtype)
    let from = shape[rank - 1] * shape[rank - 2] * dtype.itemSize
    let to = target[rank - 1] * target[rank - 2] * dtype.itemSize
    x.withPointer { input in
      let output = result.freshPointer
      NDArray.split(planes: planes(window), area: window.inArea) { range in
        body(input + range.lowerBound * from, output + range.lowerBound * to, range.count)
      }
    }
    return result
  }
}
