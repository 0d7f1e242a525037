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

  static let volumes: [LayerSample] = [
    .init("Conv3d") { Conv3d(2, 3, kernelSize: 2) },
    .init("Conv3d options") {
      Conv3d(
        2, 4, kernelSize: [2, 1, 2], stride: [1, 2, 1], padding: [1, 0, 1], dilation: [2, 1, 1],
        groups: 2, bias: false)
    },
    .init("Conv3d same") {
      Conv3d(
        2, 2, kernelSize: [2, 3, 1], padding: .same, dilation: [1, 1, 2], paddingMode: .replicate)
    },
    .init("Conv3d zeros to the same size") { Conv3d(1, 2, kernelSize: [2, 3, 4], padding: .same) },
    .init("Conv3d reflect") {
      Conv3d(1, 2, kernelSize: 3, stride: [1, 2, 1], padding: [1, 2, 0], paddingMode: .reflect)
    },
    .init("Conv3d circular") { Conv3d(1, 1, 2, padding: 1, paddingMode: .circular) },
    .init("ConvTranspose3d") { ConvTranspose3d(2, 3, kernelSize: 2) },
    .init("ConvTranspose3d options") {
      ConvTranspose3d(
        2, 2, kernelSize: [2, 3, 2], stride: 2, padding: [0, 1, 0], outputPadding: [1, 0, 1],
        groups: 2, bias: false, dilation: [1, 1, 2])
    },
    .init("MaxPool3d") { MaxPool3d(2) },
    .init("MaxPool3d options") {
      MaxPool3d([3, 2, 2], stride: [1, 2, 1], padding: 1, dilation: [1, 1, 2], ceilMode: true)
    },
    .init("AvgPool3d") { AvgPool3d([2, 1, 2]) },
    .init("AvgPool3d options") {
      AvgPool3d(2, stride: 1, padding: 1, ceilMode: true, countIncludePad: false)
    },
    .init("BatchNorm3d") { BatchNorm3d(2) },
    .init("Hardshrink") { Hardshrink() },
    .init("Softshrink") { Softshrink(lambda: 0.25) },
    .init("Threshold") { Threshold(0.1, 20) },
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
    .init("AdaptiveMaxPool2d height") { AdaptiveMaxPool2d(height: nil, width: 2) },
    .init("AdaptiveAvgPool2d width") { AdaptiveAvgPool2d(height: 3, width: nil) },
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
