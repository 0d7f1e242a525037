import Arrays
import Autograd

extension OpSample {
  static let lines: [OpSample] = [
    .init("conv1d", [2, 4, 5], [2, 2, 3], [2]) {
      $0[0].conv1d($0[1], $0[2], stride: 2, padding: 1, groups: 2)
    },
    .init("convTranspose1d", [1, 2, 3], [2, 3, 2]) {
      $0[0].convTranspose1d($0[1], stride: 2, padding: 1, outputPadding: 1)
    },
    .init("maxPool1d", [1, 2, 6]) { $0[0].maxPool1d(3, stride: 2, padding: 1) },
    .init("avgPool1d", [1, 2, 6]) {
      $0[0].avgPool1d(3, stride: 2, padding: 1, countIncludePad: false)
    },
    .init("pad.reflect", [1, 4, 5]) { $0[0].padded(2, before: 3, after: 4, mode: .reflect) },
    .init("pad.replicate", [1, 2, 3]) { $0[0].padded(2, before: 4, after: 2, mode: .replicate) },
    .init("pad.circular", [1, 2, 3]) { $0[0].padded(-1, before: 3, after: 1, mode: .circular) },
    .init("interpolate.nearest", [1, 2, 3, 4]) { $0[0].interpolated(size: [5, 3]) },
    .init("interpolate.scale", [1, 1, 3, 4]) { $0[0].interpolated(scaleFactor: [1.7, 0.6]) },
    .init("interpolate.bilinear", [1, 2, 3, 4]) {
      $0[0].interpolated(size: [5, 3], mode: .bilinear)
    },
    .init("interpolate.aligned", [1, 1, 3, 4]) {
      $0[0].interpolated(size: [5, 1], mode: .bilinear, alignCorners: true)
    },
    .init("pixelShuffle", [2, 8, 2, 3]) { $0[0].pixelShuffled(2) },
    .init("groupNorm", [2, 4, 3], [4], [4]) {
      $0[0].groupNorm(2, weight: $0[1], bias: $0[2])
    },
    .init("instanceNorm", [2, 2, 2, 2], [2], [2]) {
      $0[0].instanceNorm(weight: $0[1], bias: $0[2])
    },
    .init("rmsNorm", [2, 3, 4], [3, 4]) { $0[0].rmsNorm([3, 4], weight: $0[1], eps: 1e-3) },
  ]
}
