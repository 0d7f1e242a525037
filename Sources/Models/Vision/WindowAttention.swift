import Arrays
import Autograd
import NN

/// Self-attention within windows of an image, with a learned bias for each distance between two
/// patches: torchvision's `ShiftedWindowAttention`.
///
/// Keys: `relative_position_bias_table`, (distances, heads); `relative_position_index`, the row of
/// that table for each pair of patches of a window, `int64`; `qkv`, `proj`. Where windows are
/// shifted, the image is rolled, and patches that were not neighbours before do not see each other.
final class WindowAttention: Module {
  private let relativePositionBiasTable: Parameter
  private let relativePositionIndex: Buffer
  private let qkv: Linear
  private let proj: Linear
  private let window: [Int]
  private let shift: [Int]
  private let numHeads: Int
  private let attentionDropout: Double
  private let dropout: Double

  init(
    _ features: Int, numHeads: Int, isShifted: Bool, _ configuration: SwinTransformer.Configuration
  ) {
    window = configuration.windowSize
    shift = isShifted ? window.map { $0 / 2 } : [0, 0]
    self.numHeads = numHeads
    attentionDropout = configuration.attentionDropout
    dropout = configuration.dropout
    qkv = Linear(features, 3 * features)
    proj = Linear(features, features)
    let spans = window.map { 2 * $0 - 1 }
    relativePositionBiasTable = Parameter(Tensor.zeros([spans[0] * spans[1], numHeads]))
    let area = window[0] * window[1]
    relativePositionIndex = Buffer(
      Device.current == .meta
        ? Tensor.zeros([area * area], dtype: .int64)
        : Tensor(NDArray(Self.positionIndex(window))))
    super.init()
    Initialization.truncNormal(relativePositionBiasTable, std: 0.02)
  }

  /// For each patch of a window and each other, the number of their distance: rows of distances
  /// downwards, in which those to the right rise.
  private static func positionIndex(_ window: [Int]) -> [Int64] {
    let patches = (0..<window[0]).flatMap { row in (0..<window[1]).map { (row, $0) } }
    return patches.flatMap { row, column in
      patches.map { otherRow, otherColumn in
        let down = row - otherRow + window[0] - 1
        let across = column - otherColumn + window[1] - 1
        return Int64(down * (2 * window[1] - 1) + across)
      }
    }
  }

  /// - Parameter input: (batch, height, width, features).
  /// - Returns: The same shape.
  override func forward(_ input: Tensor) -> Tensor {
    let (batch, height, width, features) = (
      input.shape[0], input.shape[1], input.shape[2], input.shape[3]
    )
    let counts = [(height + window[0] - 1) / window[0], (width + window[1] - 1) / window[1]]
    let size = [counts[0] * window[0], counts[1] * window[1]]
    // A single window has no neighbour to shift to.
    let shift = (0..<2).map { counts[$0] > 1 ? self.shift[$0] : 0 }
    let isShifted = shift != [0, 0]
    var x = input.padded(1, before: 0, after: size[0] - height)
      .padded(2, before: 0, after: size[1] - width)
    if isShifted { x = x.rolled(-shift[0], 1).rolled(-shift[1], 2) }

    let area = window[0] * window[1]
    let windows = x.reshaped(batch, counts[0], window[0], counts[1], window[1], features)
      .permuted([0, 1, 3, 2, 4, 5])
      .reshaped(batch, counts[0] * counts[1], area, features)
    let parts = qkv(windows).chunked(3, axis: 3).map {
      $0.reshaped(batch, counts[0] * counts[1], area, numHeads, features / numHeads)
        .permuted([0, 1, 3, 2, 4])
    }
    var bias = relativePositionBiasTable.indexSelect(0, relativePositionIndex)
      .reshaped(area, area, numHeads).permuted([2, 0, 1])
    if isShifted { bias = bias + separation(size, counts, shift).to(bias.dtype) }
    let attended = parts[0].scaledDotProductAttention(
      parts[1], parts[2], mask: bias, dropout: isTraining ? attentionDropout : 0)

    let joined = proj(attended.permuted([0, 1, 3, 2, 4]).reshaped(windows.shape))
      .dropout(dropout, training: isTraining)
    var result = joined.reshaped(batch, counts[0], counts[1], window[0], window[1], features)
      .permuted([0, 1, 3, 2, 4, 5]).reshaped(batch, size[0], size[1], features)
    if isShifted { result = result.rolled(shift[0], 1).rolled(shift[1], 2) }
    return result.sliced(1, 0..<height).sliced(2, 0..<width)
  }

  /// What is added to the scores between patches that rolling has brought together: −100, as in the
  /// reference, and 0 elsewhere. Shape: (windows, 1, patches, patches).
  private func separation(_ size: [Int], _ counts: [Int], _ shift: [Int]) -> Tensor {
    func region(_ position: Int, _ axis: Int) -> Int {
      guard shift[axis] > 0, position >= size[axis] - window[axis] else { return 0 }
      return position < size[axis] - shift[axis] ? 1 : 2
    }
    let area = window[0] * window[1]
    var scores: [Float] = []
    scores.reserveCapacity(counts[0] * counts[1] * area * area)
    for top in stride(from: 0, to: size[0], by: window[0]) {
      for left in stride(from: 0, to: size[1], by: window[1]) {
        let regions = (0..<area).map {
          3 * region(top + $0 / window[1], 0) + region(left + $0 % window[1], 1)
        }
        for one in regions {
          for other in regions { scores.append(one == other ? 0 : -100) }
        }
      }
    }
    return Tensor(NDArray(scores, shape: [counts[0] * counts[1], 1, area, area]))
  }
}
