import Arrays
import Autograd
import NN
import States

extension ModelCatalog {
  static let resizings: [String: Maker] = [
    "PixelShuffle": { arguments throws(ModelError) in
      PixelShuffle(try arguments.length("upscale_factor"))
    },
    "PixelUnshuffle": { arguments throws(ModelError) in
      PixelUnshuffle(try arguments.length("downscale_factor"))
    },
    "ChannelShuffle": { arguments throws(ModelError) in
      ChannelShuffle(try arguments.length("groups"))
    },
    "Upsample": { arguments throws(ModelError) in
      let name = try arguments.text("mode", default: "nearest")
      guard let mode = InterpolationMode(rawValue: name) else {
        throw ModelError(reason: "Upsample: there is no mode \"\(name)\"")
      }
      let alignCorners = try arguments.flag("align_corners", default: false)
      if let factor = try scaleFactor("Upsample", &arguments) {
        return Upsample(scaleFactor: factor, mode: mode, alignCorners: alignCorners)
      }
      if case .int? = arguments.value("size") {
        let size = try arguments.length("size")
        return Upsample(size: size, mode: mode, alignCorners: alignCorners)
      }
      let size = try arguments.shape("size").dimensions
      guard (1...3).contains(size.count), size.allSatisfy({ $0 > 0 }) else {
        throw ModelError(reason: "Upsample: size is one to three positive lengths")
      }
      return Upsample(size: size, mode: mode, alignCorners: alignCorners)
    },
    "UpsamplingNearest2d": { arguments throws(ModelError) in
      if let factor = try scaleFactor("UpsamplingNearest2d", &arguments) {
        return UpsamplingNearest2d(scaleFactor: factor)
      }
      return UpsamplingNearest2d(size: try arguments.pair("size", minimum: 1))
    },
    "UpsamplingBilinear2d": { arguments throws(ModelError) in
      if let factor = try scaleFactor("UpsamplingBilinear2d", &arguments) {
        return UpsamplingBilinear2d(scaleFactor: factor)
      }
      return UpsamplingBilinear2d(size: try arguments.pair("size", minimum: 1))
    },
  ]

  /// The factor, or nil if a size is given in its place.
  private static func scaleFactor(
    _ layer: String, _ arguments: inout LayerArguments
  ) throws(ModelError) -> Double? {
    switch (arguments.isGiven("size"), arguments.isGiven("scale_factor")) {
    case (true, true):
      throw ModelError(reason: "\(layer): either size or scale_factor is given, not both")
    case (true, false): return nil
    case (false, _):
      let factor = try arguments.number("scale_factor", default: 0)
      guard factor > 0, factor.isFinite else {
        throw ModelError(reason: "\(layer): neither size nor a positive scale_factor is given")
      }
      return factor
    }
  }
}
