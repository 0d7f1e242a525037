import Autograd
import NN
import States

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
  /// The name of the class if this is a size of it that has a name of its own.
  let sizeOf: String?
  /// Makes the model of a description's arguments.
  let make: ModelCatalog.Maker

  init(
    _ name: String, source: String, options: [String], sizeOf: String? = nil,
    make: @escaping ModelCatalog.Maker
  ) {
    self.name = name
    self.source = source
    self.options = options
    self.sizeOf = sizeOf
    self.make = make
  }

  /// The same architecture under another name, with other defaults, such as those of a size that
  /// has a name.
  func preset(_ name: String, _ defaults: KeyValuePairs<String, Value>) -> Architecture {
    let values = defaults.map { ($0.key, $0.value) }
    let changed = options.map { option in
      let key = option.split(separator: "=").first.map(String.init) ?? option
      return values.first { $0.0 == key }.map { "\(key)=\($0.1.json())" } ?? option
    }
    return Architecture(name, source: source, options: changed, sizeOf: sizeOf ?? self.name) {
      arguments throws(ModelError) in
      arguments.setDefaults(values)
      return try make(&arguments)
    }
  }
}
