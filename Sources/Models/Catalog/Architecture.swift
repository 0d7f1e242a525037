import NN

/// A well-known architecture, as ``ModelCatalog`` lists it: the name by which a description asks
/// for it, where it comes from, and how it is made of its options.
public struct Architecture: Sendable {
  /// The name, such as `resnet50`: the reference's own where it has one.
  public let name: String
  /// The reference implementation whose keys and outputs the model has, such as
  /// `torchvision.models.resnet50`.
  public let source: String
  /// The options that a description may give, each with its default as JSON, such as
  /// `num_classes=1000`; an option without a default must be given.
  public let options: [String]
  /// Makes the model of a description's arguments.
  let make: ModelCatalog.Maker

  init(
    _ name: String, source: String, options: [String], make: @escaping ModelCatalog.Maker
  ) {
    self.name = name
    self.source = source
    self.options = options
    self.make = make
  }
}
