import Arrays
import CKernels
import Files

// The output of a convolution. The matrix of windows would be larger than the planes by the area of the
// kernel, and leave the caches: so ``PackedProduct`` asks for a tile of it at a time.
extension Convolution {
  /// The output.
  package func forward(_ input: NDArray, _ weight: NDArray, _ bias: NDArray?) -> NDArray {
    let dtype = input.dtype
    let input = input.rows("the input", dtype, inputShape, for: "convolution")
    let weight = weight.rows("the weight", dtype, weightShape, for: "convolution")
    let bias = bias?.rows("the bias", dtype, [filters], for: "convolution")
    let output = NDArray(uninitialized: outputShape, dtype: dtype)
    guard output.elementCount > 0 else { return output }
    guard depth > 0 else {
      return (bias ?? NDArray(zeros: [filters], dtype: dtype))
        .reshaped(to: [1, filters, 1, 1]).expanded(to: outputShape).copied()
    }
    withExtendedLifetime((input, weight, bias)) {
      let operands = Operands(
        input: input.pointer, weight: weight.pointer, bias: bias?.pointer,
        output: output.freshPointer)
      lyingFlat.convolve(operands, dtype)
    }
    return output
  }

  /// Where the arrays of a convolution are.
  private struct Operands {
    let input: UnsafeRawPointer
    let weight: UnsafeRawPointer
    let bias: UnsafeRawPointer?
    let output: UnsafeMutableRawPointer
  }

  /// The same convolution, with planes of one column as planes of one row, which is the same memory: then
  /// windows beside each other are elements of a vector.
  private var lyingFlat: Convolution {
    let w = window
    guard w.width == 1, w.kernel_width == 1, w.pad_width == 0, w.out_width == 1 else { return self }
    var flat = self
    flat.window = CKWindow(
      height: 1, width: w.height, kernel_height: 1, kernel_width: w.kernel_height, stride_height: 1,
      stride_width: w.stride_height, pad_height: 0, pad_width: w.pad_height, dilation_height: 1,
      dilation_width: w.dilation_height, out_height: 1, out_width: w.out_height)
    return flat
  }

  /// From so many positions on tiles pay, and up to so many filters for each plane going over it directly.
  private static let (leastArea, mostDirectFilters) = (32, 4)
  /// Below about so many multiplications a second thread costs more than it saves.
  private static let workGrain = 1 << 20

  private func convolve(_ operands: Operands, _ dtype: DType) {
    let planes = SpreadPlanes(self, dtype)
    // Where dilation, stride or padding is large, the planes would be larger than the matrix of windows.
    let isSpreadSmall = planes.elementCount <= window.kernelArea * window.outArea
    if window.outArea < Self.leastArea || !(window.isPointwise || isSpreadSmall) {
      convolveColumns(operands, dtype)
    } else if groupChannels == 1 && groupFilters <= Self.mostDirectFilters && !window.isPointwise {
      convolveSinglePlanes(operands, planes)
    } else {
      convolveGroups(operands, planes)
    }
  }

  /// A convolution whose matrix of windows is small, and made as a whole.
  private func convolveColumns(_ operands: Operands, _ dtype: DType) {
    let (size, area) = (dtype.itemSize, window.outArea)
    forEachSample { samples, inParallel in
      withColumns(dtype) { columns in
        for index in samples {
          let firstFilter = index % groups * groupFilters
          let output = operands.output + (index / groups * filters + firstFilter) * area * size
          let planes = operands.input + index * groupChannels * window.inArea * size
          if let bias = operands.bias {
            for line in 0..<groupFilters {
              SpreadPlanes.fill(
                dtype, output + line * area * size, area, with: bias + (firstFilter + line) * size)
            }
          }
          let a = Matrix(
            pointer: operands.weight + firstFilter * depth * size, isTransposed: false,
            leading: depth)
          let b = Matrix(
            pointer: fillColumns(columns, from: planes, dtype), isTransposed: false, leading: area)
          product(
            dtype, rows: groupFilters, columns: area, inner: depth, a, b,
            beta: operands.bias == nil ? 0 : 1, into: output, inParallel)
        }
      }
    }
  }

  /// A convolution whose groups have a channel each: every filter goes over one plane.
  private func convolveSinglePlanes(_ operands: Operands, _ planes: SpreadPlanes) {
    let work = window.outArea * window.kernelArea * groupFilters
    Threads.split(batch * channels, grain: Swift.max(1, (1 << 16) / work)) { part in
      planes.withMemory(channels: 1) { memory in
        for index in part {
          planes.spread(operands.input, plane: index, channels: 1, into: memory)
          for number in 0..<groupFilters {
            let filter = index % channels * groupFilters + number
            let sample = index / channels
            planes.convolve(
              memory, operands.weight, operands.bias, filter,
              into: operands.output, plane: sample * filters + filter)
          }
        }
      }
    }
  }

  private func convolveGroups(_ operands: Operands, _ planes: SpreadPlanes) {
    let count = batch * groups
    let work = groupFilters * depth * window.outArea
    let parts = Swift.min(Threads.count, groupFilters, work / Self.workGrain)
    guard count < Threads.count, parts > 1 else {
      Threads.split(count, grain: Swift.max(1, Self.workGrain / work)) { part in
        planes.withMemory(channels: groupChannels) { memory in
          for index in part {
            let matrix = planes.windows(operands.input, index, groupChannels, memory)
            multiply(operands, index, matrix, planes, Part(of: self, planes, 0, 1))
          }
        }
      }
      return
    }
    planes.withMemory(channels: groupChannels) { memory in
      for index in 0..<count {
        let matrix = planes.windows(operands.input, index, groupChannels, memory)
        Threads.parallel(parts) { part in
          multiply(operands, index, matrix, planes, Part(of: self, planes, part, parts))
        }
      }
    }
  }

  /// What a thread computes of a sample's group.
  private struct Part {
    /// Rows of the output, counted in the group.
    let filters: Range<Int>
    /// Columns of the output.
    let positions: Range<Int>

    /// A part of several: of the positions, if each thread gets some panels; else of the filters.
    init(of convolution: Convolution, _ planes: SpreadPlanes, _ part: Int, _ parts: Int) {
      let area = convolution.window.outArea
      let panels = (area + planes.lanes - 1) / planes.lanes
      if parts == 1 || panels >= 3 * parts {
        let range = part * panels / parts..<(part + 1) * panels / parts
        positions =
          range.lowerBound * planes.lanes..<Swift.min(range.upperBound * planes.lanes, area)
        filters = 0..<convolution.groupFilters
      } else {
        positions = 0..<area
        let count = convolution.groupFilters
        filters = part * count / parts..<(part + 1) * count / parts
      }
    }
  }

  private func multiply(
    _ operands: Operands, _ index: Int, _ windows: UnsafeRawPointer, _ planes: SpreadPlanes,
    _ part: Part
  ) {
    let (size, area) = (planes.dtype.itemSize, window.outArea)
    let firstFilter = index % groups * groupFilters + part.filters.lowerBound
    let output =
      operands.output
      + ((index / groups * filters + firstFilter) * area + part.positions.lowerBound) * size
    if let bias = operands.bias {
      for line in 0..<part.filters.count {
        SpreadPlanes.fill(
          planes.dtype, output + line * area * size, part.positions.count,
          with: bias + (firstFilter + line) * size)
      }
    }
    PackedProduct(
      dtype: planes.dtype, rows: part.filters.count, columns: part.positions.count, inner: depth
    ).multiply(
      operands.weight + firstFilter * depth * size, adds: operands.bias != nil, into: output,
      leading: area
    ) {
      rows, columns, tile in
      planes.pack(
        windows, rows: rows.lowerBound, rows.count,
        columns: part.positions.lowerBound + columns.lowerBound, columns.count, into: tile)
    }
  }
}
