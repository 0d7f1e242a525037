import Arrays
import CKernels
import Files

// The output of a convolution. The matrix of windows would be larger than the planes by the area of the
// kernel, and leave the caches: so a tile of it at a time is laid out, in the panels that the product takes,
// and used for all filters while it is near. Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication" (2008), has the order of the loops.
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

  /// The bytes of the tile of windows that is laid out, and of the weights that go over it: together they
  /// fit the second cache of a processor.
  private static let tileBytes = 160 << 10
  private static let weightBytes = 128 << 10
  /// The most rows of a tile: a panel of so many stays in the first cache.
  private static let tileRows = 320

  private func multiply(
    _ operands: Operands, _ index: Int, _ windows: UnsafeRawPointer, _ planes: SpreadPlanes,
    _ part: Part
  ) {
    let (size, area) = (planes.dtype.itemSize, window.outArea)
    let firstFilter = index % groups * groupFilters
    let weight = operands.weight + firstFilter * depth * size
    let output = operands.output + (index / groups * filters + firstFilter) * area * size
    let blocks = (depth + Self.tileRows - 1) / Self.tileRows
    let tileRows = (depth + blocks - 1) / blocks
    let panelBytes = tileRows * planes.lanes * size
    let tilePositions = Swift.max(1, Self.tileBytes / panelBytes) * planes.lanes
    let filterStep = Swift.max(12, Self.weightBytes / (tileRows * size) / 12 * 12)
    let tile = Storage(uninitializedByteCount: tilePositions * tileRows * size)
    tile.withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { bytes in
        guard let tile = bytes.baseAddress else { return }
        for column in stride(
          from: part.positions.lowerBound, to: part.positions.upperBound, by: tilePositions)
        {
          let columns = Swift.min(tilePositions, part.positions.upperBound - column)
          for row in stride(from: 0, to: depth, by: tileRows) {
            let rows = Swift.min(tileRows, depth - row)
            planes.pack(windows, rows: row, rows, columns: column, columns, into: tile)
            for filter in stride(
              from: part.filters.lowerBound, to: part.filters.upperBound, by: filterStep)
            {
              let count = Swift.min(filterStep, part.filters.upperBound - filter)
              let out = output + (filter * area + column) * size
              if row == 0, let bias = operands.bias {
                for line in 0..<count {
                  planes.fill(
                    out + line * area * size, columns,
                    with: bias + (firstFilter + filter + line) * size)
                }
              }
              ck_packed_product(
                planes.dtype.loops, weight + (filter * depth + row) * size, depth, tile,
                row > 0 || operands.bias != nil ? UnsafeRawPointer(out) : nil, area, out, area,
                count,
                rows, 0, (columns + planes.lanes - 1) / planes.lanes, columns,
                RepeatedFactor.hasManyRegisters)
            }
          }
        }
      }
    }
  }
}
