import Arrays
import CKernels
import Files
import Kernels
import Testing

/// The convolution beside its definition, over shapes at and beyond the edges of tiles and panels. That it is
/// PyTorch's is held by the samples of `AutogradTests`, which are smaller.
@Suite(.serialized) struct ConvolutionTests {
  struct Case: CustomTestStringConvertible {
    var batch = 1
    var channels: Int
    var filters: Int
    var groups = 1
    var plane: (Int, Int)
    var kernel: (Int, Int)
    var stride = (1, 1)
    var padding = (0, 0)
    var dilation = (1, 1)
    var hasBias = true

    var testDescription: String {
      "\(batch)×\(channels)→\(filters)/\(groups) \(plane) \(kernel) \(stride) \(padding) \(dilation)"
    }

    var convolution: Convolution {
      let window = CKWindow(
        height: plane.0, width: plane.1, kernel: kernel, stride: stride, padding: padding,
        dilation: dilation, for: "test")
      return Convolution(
        window: window, batch: batch, channels: channels, filters: filters, groups: groups)
    }

    static let all = [
      // Summed over more than a tile has rows, into several tiles, with filters left over.
      Case(channels: 41, filters: 31, plane: (19, 23), kernel: (3, 3), padding: (1, 1)),
      Case(channels: 700, filters: 14, plane: (1, 17), kernel: (1, 1)),
      Case(channels: 330, filters: 5, plane: (4, 5), kernel: (2, 2), hasBias: false),
      Case(channels: 8, filters: 150, plane: (70, 70), kernel: (1, 1)),
      Case(channels: 90, filters: 13, plane: (60, 9), kernel: (5, 1), padding: (2, 0)),
      // A panel that goes over many rows of the plane, and planes smaller than a panel.
      Case(batch: 3, channels: 5, filters: 7, plane: (30, 3), kernel: (3, 3), padding: (1, 1)),
      Case(batch: 2, channels: 3, filters: 4, plane: (40, 1), kernel: (3, 1)),
      Case(batch: 5, channels: 2, filters: 3, plane: (2, 2), kernel: (2, 2)),
      // Strides, dilations and paddings, alike and not.
      Case(
        batch: 2, channels: 3, filters: 6, plane: (33, 29), kernel: (7, 7), stride: (2, 2),
        padding: (3, 3)),
      Case(
        channels: 4, filters: 5, plane: (21, 34), kernel: (3, 2), stride: (1, 3), padding: (2, 1),
        dilation: (3, 2)),
      Case(channels: 6, filters: 5, plane: (16, 20), kernel: (1, 1), stride: (2, 2)),
      Case(channels: 2, filters: 3, plane: (5, 5), kernel: (3, 3), stride: (4, 5), padding: (6, 7)),
      Case(channels: 2, filters: 2, plane: (6, 40), kernel: (2, 2), dilation: (4, 37)),
      // Planes that would be larger with their padding than the matrix of windows, and few positions.
      Case(
        channels: 40, filters: 6, plane: (7, 7), kernel: (3, 3), padding: (36, 36),
        dilation: (36, 36)),
      Case(
        channels: 1, filters: 2, plane: (1, 4), kernel: (1, 3), padding: (0, 100_000),
        dilation: (1, 100_000)),
      Case(
        batch: 2, channels: 64, filters: 5, plane: (1, 20), kernel: (1, 3), stride: (1, 100_000_000)
      ),
      Case(batch: 2, channels: 20, filters: 33, plane: (5, 5), kernel: (5, 5)),
      Case(batch: 2, channels: 40, filters: 12, plane: (1, 1), kernel: (1, 1)),
      // One column, which is a row.
      Case(
        channels: 3, filters: 3, groups: 3, plane: (100, 1), kernel: (5, 1), stride: (2, 1),
        padding: (2, 0),
        dilation: (3, 1)),
      Case(channels: 3, filters: 9, plane: (100, 1), kernel: (5, 1), padding: (2, 0)),
      Case(batch: 2, channels: 1, filters: 33, plane: (12, 12), kernel: (3, 3)),
      // Groups: of several channels, of one with one filter, and with several.
      Case(batch: 2, channels: 12, filters: 8, groups: 4, plane: (9, 18), kernel: (3, 3)),
      Case(
        batch: 2, channels: 9, filters: 9, groups: 9, plane: (17, 20), kernel: (3, 3),
        padding: (1, 1)),
      Case(
        channels: 4, filters: 12, groups: 4, plane: (15, 33), kernel: (5, 5), stride: (2, 2),
        padding: (2, 2)),
      Case(
        channels: 3, filters: 3, groups: 3, plane: (8, 7), kernel: (3, 2), stride: (2, 3),
        padding: (1, 1), dilation: (2, 1), hasBias: false),
      Case(channels: 1, filters: 20, plane: (12, 12), kernel: (5, 5)),
      Case(channels: 3, filters: 3, groups: 3, plane: (5, 16), kernel: (1, 1)),
    ]
  }

  @Test(arguments: Case.all) func theOutputIsThatOfTheDefinition(_ sample: Case) throws {
    let convolution = sample.convolution
    let input = values(convolution.inputShape, 17)
    let weight = values(convolution.weightShape, 29)
    let bias = sample.hasBias ? values([sample.filters], 13) : nil
    let expected = Self.definition(convolution, input, weight, bias)
    let greatest = expected.map(abs).max() ?? 0
    let count = Threads.count
    defer { Threads.count = count }
    for (dtype, tolerance, threads) in [
      (DType.float32, 1e-5, 1), (.float32, 1e-5, 2), (.float64, 1e-13, 2),
    ] {
      Threads.count = threads
      let output = try convolution.forward(
        NDArray(input, shape: convolution.inputShape).converted(to: dtype),
        NDArray(weight, shape: convolution.weightShape).converted(to: dtype),
        bias.map { try NDArray($0, shape: [sample.filters]).converted(to: dtype) })
      #expect(output.shape == convolution.outputShape)
      let found = try output.converted(to: .float64).elements(as: Double.self)
      for (index, pair) in zip(found, expected).enumerated()
      where !(abs(pair.0 - pair.1) <= tolerance * greatest) {
        Issue.record("\(dtype): element \(index) is \(pair.0), not \(pair.1)")
        break
      }
    }
  }

  /// As in a transposed convolution with output padding: fewer positions than there would be room for.
  @Test func positionsMayBeFewerThanThereIsRoomFor() throws {
    for groups in [1, 6] {
      var convolution = Case(
        channels: 6, filters: 6, groups: groups, plane: (15, 31), kernel: (3, 2), stride: (2, 2),
        padding: (1, 1)
      ).convolution
      convolution.window.out_height -= 2
      convolution.window.out_width -= 3
      let (input, weight) = (values(convolution.inputShape, 3), values(convolution.weightShape, 7))
      let output = convolution.forward(
        NDArray(input, shape: convolution.inputShape),
        NDArray(weight, shape: convolution.weightShape), nil)
      let expected = Self.definition(convolution, input, weight, nil)
      #expect(zip(output.elements(as: Double.self), expected).allSatisfy { abs($0 - $1) < 1e-11 })
    }
  }

  /// NaN goes into the windows that it lies in, and no others: not into what shares a panel or a vector with
  /// it.
  @Test func missingValuesGoWhereTheyAre() {
    var sample = Case(channels: 2, filters: 2, plane: (6, 20), kernel: (3, 3), padding: (1, 1))
    for groups in [1, 2] {
      sample.groups = groups
      let convolution = sample.convolution
      var input = values(convolution.inputShape, 7).map(Float.init)
      input[20 * 3 + 11] = .nan
      let weight = values(convolution.weightShape, 5).map(Float.init)
      let output = convolution.forward(
        NDArray(input, shape: convolution.inputShape),
        NDArray(weight, shape: convolution.weightShape), nil)
      let found = output.elements(as: Float.self)
      for filter in 0..<2 {
        for place in 0..<120 {
          let isNear = abs(place / 20 - 3) <= 1 && abs(place % 20 - 11) <= 1
          #expect(
            found[filter * 120 + place].isNaN == (isNear && (groups == 1 || filter == 0)),
            "filter \(filter), place \(place), \(groups) groups")
        }
      }
    }
  }

  /// Numbers that look random, the same on every machine.
  private func values(_ shape: Shape, _ step: Int) -> [Double] {
    (0..<shape.elementCount).map { Double($0 * $0 % 251 * step % 101 - 50) / 64 }
  }

  /// The sums that a convolution is defined as.
  private static func definition(
    _ c: Convolution, _ input: [Double], _ weight: [Double], _ bias: [Double]?
  ) -> [Double] {
    let w = c.window
    let (channels, filters) = (c.channels / c.groups, c.filters / c.groups)
    var output: [Double] = []
    for sample in 0..<c.batch {
      for filter in 0..<c.filters {
        for y in 0..<w.out_height {
          for x in 0..<w.out_width {
            var sum = bias?[filter] ?? 0
            for channel in 0..<channels {
              let plane = sample * c.channels + filter / filters * channels + channel
              for ky in 0..<w.kernel_height {
                let row = y * w.stride_height - w.pad_height + ky * w.dilation_height
                guard row >= 0, row < w.height else { continue }
                for kx in 0..<w.kernel_width {
                  let column = x * w.stride_width - w.pad_width + kx * w.dilation_width
                  guard column >= 0, column < w.width else { continue }
                  let place =
                    ((filter * channels + channel) * w.kernel_height + ky) * w.kernel_width
                  sum += weight[place + kx] * input[(plane * w.height + row) * w.width + column]
                }
              }
            }
            output.append(sum)
          }
        }
      }
    }
    return output
  }
}
