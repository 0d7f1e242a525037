import NN

extension LayerSample {
  static let paddings: [LayerSample] = [
    .init("ZeroPad1d") { ZeroPad1d([2, -1]) },
    .init("ZeroPad2d") { ZeroPad2d(1) },
    .init("ZeroPad3d") { ZeroPad3d([1, 0, 2, 1, 0, 1]) },
    .init("ConstantPad1d") { ConstantPad1d(2, 3.5) },
    .init("ConstantPad2d") { ConstantPad2d([1, -2, 0, 3], -0.25) },
    .init("ConstantPad3d") { ConstantPad3d(1, 2) },
    .init("ReflectionPad1d") { ReflectionPad1d([2, 1]) },
    .init("ReflectionPad2d") { ReflectionPad2d([1, 2, 0, 1]) },
    .init("ReflectionPad3d") { ReflectionPad3d(1) },
    .init("ReplicationPad1d") { ReplicationPad1d(3) },
    .init("ReplicationPad2d") { ReplicationPad2d([1, 2, 3, 0]) },
    .init("ReplicationPad3d") { ReplicationPad3d([1, 2, 0, 1, 1, 0]) },
    .init("CircularPad1d") { CircularPad1d([3, 1]) },
    .init("CircularPad2d") { CircularPad2d(2) },
    .init("CircularPad3d") { CircularPad3d([1, 0, 1, 2, 0, 1]) },
  ]

  static let poolings: [LayerSample] = [
    .init("AdaptiveAvgPool3d") { AdaptiveAvgPool3d([2, 3, 2]) },
    .init("AdaptiveAvgPool3d depth") { AdaptiveAvgPool3d(depth: nil, height: 2, width: 1) },
    .init("AdaptiveMaxPool3d") { AdaptiveMaxPool3d(2) },
    .init("AdaptiveMaxPool3d unbatched") {
      AdaptiveMaxPool3d(depth: 1, height: nil, width: 3)
    },
    .init("LPPool1d") { LPPool1d(2, 3) },
    .init("LPPool1d ceil") { LPPool1d(4, 2, stride: 2, ceilMode: true) },
    .init("LPPool2d") { LPPool2d(2, [2, 3], stride: 1) },
    .init("LPPool3d") { LPPool3d(2, [2, 1, 2]) },
    .init("LocalResponseNorm") { LocalResponseNorm(2) },
    .init("LocalResponseNorm options") {
      LocalResponseNorm(3, alpha: 0.5, beta: 0.6, k: 2.0)
    },
    .init("PixelUnshuffle") { PixelUnshuffle(2) },
    .init("ChannelShuffle") { ChannelShuffle(3) },
    .init("UpsamplingNearest2d") { UpsamplingNearest2d(scaleFactor: 2) },
    .init("UpsamplingBilinear2d") { UpsamplingBilinear2d(size: [4, 5]) },
  ]

  static let randomness: [LayerSample] = [
    .init("RReLU") { RReLU() },
    .init("RReLU options") { RReLU(lower: 0.1, upper: 0.9) },
    .init("Softmax2d") { Softmax2d() },
    .init("Softmax2d unbatched") { Softmax2d() },
    .init("Dropout3d") { Dropout3d(0.4) },
    .init("Dropout3d unbatched") { Dropout3d() },
    .init("AlphaDropout") { AlphaDropout(0.3) },
    .init("FeatureAlphaDropout") { FeatureAlphaDropout() },
  ]
}
