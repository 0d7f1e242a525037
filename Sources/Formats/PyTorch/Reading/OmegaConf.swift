/// Configurations of OmegaConf, which Hydra, Lightning and fairseq keep beside the weights.
///
/// A `DictConfig` or `ListConfig` is a tree of nodes, each of which knows its parent, its type and its flags.
/// What it stands for are the plain values in it. Interpolations, such as `${model.width}`, are texts, and a
/// value that is missing is the text `???`: nothing is resolved.
enum OmegaConf {
  /// The classes of containers and of single values, in OmegaConf 1.4 to 2.3.
  private static let containers: Set = [
    "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig",
  ]
  private static let nodes: Set = [
    "omegaconf.nodes.AnyNode", "omegaconf.nodes.BooleanNode", "omegaconf.nodes.BytesNode",
    "omegaconf.nodes.EnumNode", "omegaconf.nodes.FloatNode", "omegaconf.nodes.IntegerNode",
    "omegaconf.nodes.InterpolationResultNode", "omegaconf.nodes.PathNode",
    "omegaconf.nodes.StringNode", "omegaconf.nodes.UntypedNode", "omegaconf.nodes.ValueNode",
  ]
  /// Classes of containers that are only Python's.
  private static let plainTypes: Set = ["builtins.dict", "builtins.list", "typing.Any"]

  /// The plain value that an object stands for; nil if it is none of OmegaConf's.
  static func content(of instance: PickleInstance) -> PickleValue? {
    let isContainer = containers.contains(instance.type)
    guard isContainer || nodes.contains(instance.type), let attributes = instance.attributes else {
      return nil
    }
    // Before version 2.0 the names had no underscore.
    let name = isContainer ? "content" : "val"
    return attributes["_" + name] ?? attributes[name]
  }

  /// What is lost with a container, in words.
  static func loss(of instance: PickleInstance) -> String? {
    guard containers.contains(instance.type) else { return nil }
    let name = instance.type.split(separator: ".").last ?? ""
    var text =
      "a \(name) of OmegaConf became plain values, without the types and flags of its nodes"
    if let type = objectType(of: instance) { text += "; it was of class \(type)" }
    return text
  }

  /// The class of a structured configuration.
  private static func objectType(of instance: PickleInstance) -> String? {
    guard case .instance(let metadata)? = instance.attributes?["_metadata"],
      case .global(let type)? = metadata.attributes?["object_type"],
      !plainTypes.contains(type.presentName)
    else { return nil }
    return type.presentName
  }
}
