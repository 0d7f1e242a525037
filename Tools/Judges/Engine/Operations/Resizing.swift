extension Call {
  /// The lengths that something is resized to, or the factors, for each dimension of a picture.
  fileprivate func target(of x: Tensor) throws -> (size: [Int]?, factors: [Double]?) {
    func all<Number>(_ given: [Number]) -> [Number] {
      given.count == 1 ? Array(repeating: given[0], count: x.rank - 2) : given
    }
    return (
      try optionalInts(1, "size").map(all), try optionalNumbers(nil, "scale_factor").map(all)
    )
  }
}

func addResizing(to table: inout OperationTable) {
  let prefix = "nn.functional."
  table.add(prefix + "pad") { x, c in
    let word = try c.text(2, "mode", "constant")
    guard let mode = PaddingMode(rawValue: word == "constant" ? "zeros" : word) else {
      throw NotExpressible("mode='\(word)'")
    }
    return x.padded(try c.ints(1, "pad"), mode: mode, value: try c.number(3, "value", 0))
  }
  table.add("constant_pad_nd") { x, c in
    x.padded(try c.ints(1, "pad"), value: try c.number(2, "value", 0))
  }
  table.add(prefix + "interpolate") { x, c in
    let mode: InterpolationMode = try c.choice(nil, "mode", .nearest)
    let (size, factors) = try c.target(of: x)
    return x.interpolated(
      size: size, scaleFactor: factors, mode: mode,
      alignCorners: try c.bool(nil, "align_corners", false))
  }
  for (name, mode) in [
    ("upsample_nearest", InterpolationMode.nearest), ("upsample_bilinear", .bilinear),
  ] {
    table.add(prefix + name) { x, c in
      let (size, factors) = try c.target(of: x)
      return x.interpolated(
        size: size, scaleFactor: factors, mode: mode, alignCorners: mode == .bilinear)
    }
  }
  table.add(prefix + "grid_sample") { x, c in
    guard x.rank == 4 else { throw NotExpressible("volumes") }
    return x.gridSample(
      try c.tensor(1, "grid"), mode: try c.choice(2, "mode", .bilinear),
      paddingMode: try c.choice(3, "padding_mode", .zeros),
      alignCorners: try c.bool(4, "align_corners", false))
  }
  table.add(prefix + "pixel_shuffle") { x, c in x.pixelShuffled(try c.int(1, "upscale_factor")) }
  table.add(prefix + "pixel_unshuffle") { x, c in
    x.pixelUnshuffled(try c.int(1, "downscale_factor"))
  }
  table.add(prefix + "channel_shuffle") { x, c in x.channelShuffled(try c.int(1, "groups")) }
}
