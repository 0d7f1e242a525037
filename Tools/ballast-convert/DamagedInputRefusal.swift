import Checkpoints

/// The input does not match its own checksums, so that it is not converted.
struct DamagedInputRefusal: Error, CustomStringConvertible {
  private let damage: DamagedInput

  init(_ damage: DamagedInput) { self.damage = damage }

  var description: String { "\(damage). --no-verify converts what the file holds" }
}
