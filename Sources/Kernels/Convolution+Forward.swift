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
    let planes = SpreadPlanes(self, dtype)
    withExtendedLifetime((input, weight, bias)) {
      let operands = Operands(
        input: input.pointer, weight: weight.pointer, bias: bias?.pointer,
        output: output.freshPointer)
      if groupChannels == 1 && !window.isPointwise {
        convolveSinglePlanes(operands, planes)
      } else {
        convolveGroups(operands, planes)
      }
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

  /// A convolution whose groups have a channel each: every filter goes over one plane.
  private func convolveSinglePlanes(_ operands: Operands, _ planes: SpreadPlanes) {
    let work = Swift.max(1, window.outArea * window.kernelArea)
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
    guard count < Threads.count else {
      Threads.split(count, grain: 1) { part in
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
        let parts = Threads.count
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
        planes.fill(
          output + line * area * size, part.positions.count,
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
