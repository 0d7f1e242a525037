import NN

extension LayerSample {
  static let cells: [LayerSample] = [
    .init("RNNCell") { RNNCell(3, 4) },
    .init("RNNCell relu") { RNNCell(3, 4, nonlinearity: .relu) },
    .init("LSTMCell") { LSTMCell(3, 4) },
    .init("LSTMCell unbatched") { LSTMCell(3, 2, bias: false) },
    .init("GRUCell") { GRUCell(3, 4) },
    .init("LSTM projected") { LSTM(3, 4, projSize: 2) },
    .init("LSTM projected options") {
      LSTM(3, 3, numLayers: 2, bias: false, batchFirst: true, bidirectional: true, projSize: 2)
    },
    .init("MultiheadAttention added") {
      Itself(MultiheadAttention(4, 2, addBiasKV: true, addZeroAttention: true))
    },
  ]

  static let regularizers: [LayerSample] = [
    .init("InstanceNorm1d") { InstanceNorm1d(3) },
    .init("InstanceNorm1d unbatched") { InstanceNorm1d(3, eps: 1e-3, affine: true) },
    .init("InstanceNorm2d") { InstanceNorm2d(2, affine: true, trackRunningStats: true) },
    .init("InstanceNorm2d tracking") {
      InstanceNorm2d(2, momentum: 0.3, trackRunningStats: true)
    },
    .init("InstanceNorm3d") { InstanceNorm3d(2, affine: true, bias: false) },
    .init("Dropout1d") { Dropout1d(0.4) },
    .init("Dropout1d unbatched") { Dropout1d() },
    .init("Dropout2d") { Dropout2d(0.25) },
  ]

  static let resizings: [LayerSample] = [
    .init("AdaptiveMaxPool1d") { AdaptiveMaxPool1d(3) },
    .init("AdaptiveMaxPool2d") { AdaptiveMaxPool2d([2, 3]) },
    .init("AdaptiveAvgPool1d") { AdaptiveAvgPool1d(3) },
    .init("Unfold") { Unfold([2, 3], padding: 1, stride: [2, 1]) },
    .init("Fold") { Fold([3, 4], 2, dilation: [1, 2]) },
    .init("Upsample linear") { Upsample(size: 7, mode: .linear) },
    .init("Upsample exact") { Upsample(scaleFactor: [1.5, 2], mode: .nearestExact) },
    .init("Upsample trilinear") {
      Upsample(scaleFactor: 2, mode: .trilinear, alignCorners: true)
    },
  ]
}
