import NN

extension ModelCatalog {
  static let paddings: [String: Maker] = [
    "ZeroPad1d": padding(1, mayCut: true) { ZeroPad1d($0) },
    "ZeroPad2d": padding(2, mayCut: true) { ZeroPad2d($0) },
    "ZeroPad3d": padding(3, mayCut: true) { ZeroPad3d($0) },
    "ReflectionPad1d": padding(1) { ReflectionPad1d($0) },
    "ReflectionPad2d": padding(2) { ReflectionPad2d($0) },
    "ReflectionPad3d": padding(3) { ReflectionPad3d($0) },
    "ReplicationPad1d": padding(1) { ReplicationPad1d($0) },
    "ReplicationPad2d": padding(2) { ReplicationPad2d($0) },
    "ReplicationPad3d": padding(3) { ReplicationPad3d($0) },
    "CircularPad1d": padding(1) { CircularPad1d($0) },
    "CircularPad2d": padding(2) { CircularPad2d($0) },
    "CircularPad3d": padding(3) { CircularPad3d($0) },
    "ConstantPad1d": constant(1) { ConstantPad1d($0, $1) },
    "ConstantPad2d": constant(2) { ConstantPad2d($0, $1) },
    "ConstantPad3d": constant(3) { ConstantPad3d($0, $1) },
  ]

  /// A layer that takes how much is put before and after each of `rank` dimensions.
  private static func padding(
    _ rank: Int, mayCut: Bool = false, _ make: @escaping @Sendable ([Int]) -> Module
  ) -> Maker {
    { arguments throws(ModelError) in
      make(try sides(rank, &arguments, mayCut: mayCut))
    }
  }

  /// The same with the number that is put there.
  private static func constant(
    _ rank: Int, _ make: @escaping @Sendable ([Int], LayerNumber) -> Module
  ) -> Maker {
    { arguments throws(ModelError) in
      make(try sides(rank, &arguments, mayCut: true), try arguments.given("value"))
    }
  }

  private static func sides(
    _ rank: Int, _ arguments: inout LayerArguments, mayCut: Bool
  ) throws(ModelError) -> [Int] {
    try arguments.lengths(
      "padding", count: 2 * rank, minimum: mayCut ? -LayerArguments.maximumLength : 0)
  }
}
