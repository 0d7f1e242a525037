import Checkpoints
import OrderedCollections
import States

/// What whole pickled modules have beside their parameters, buffers and modules.
///
/// Of a module that is saved as a whole, such as a detector of Ultralytics, its own attributes are data: the
/// names of classes, the strides, the configuration. Those of the outermost module are kept; of the modules
/// in it those that hold tensors which the state dict does not have, such as the quantisation state of
/// bitsandbytes. What refers to a module is told.
struct ModuleAttributes {
  /// Under which name the metadata has those of a module that is all of a file.
  static let key = key(of: "module")

  /// Under which name the metadata has those of a module.
  static func key(of name: String) -> String { "\(name)_attributes" }

  /// Those of the outermost modules, by the name of the network, which is empty if there is one.
  private var ofOutermost: OrderedDictionary<String, PickleDict> = [:]
  private var network = ""
  /// The outermost modules.
  private var outermost: Set<ObjectIdentifier> = []
  /// The attributes that hold tensors, by their names.
  private var holders: [Holder] = []
  /// The first attribute that has a tensor which is not read, and may be what the model computes with.
  private(set) var unread: (name: String, tensor: UnreadTensor)?
  /// What is told of attributes that are not kept.
  private var dropped: [ConversionLoss] = []
  /// What values hold that were looked through, since many modules may share one.
  private var contents: [ObjectIdentifier: Content] = [:]
  /// The tensors that the state dict has.
  private var known: Set<ObjectIdentifier> = []

  /// What a value holds.
  private struct Content {
    var tensors: Set<ObjectIdentifier> = []
    var hasModule = false
    /// Why a tensor among them is not read.
    var unread: UnreadTensor?
    /// Whether there is more in it than was looked at.
    var isTooLarge = false

    /// Why it is not kept; nil if it can be.
    var objection: String? {
      if hasModule { return "the attribute, which refers to a module, is not kept" }
      return isTooLarge
        ? "the attribute, which is too large or too deep to look through, is not kept" : nil
    }
  }

  /// An attribute of a module within an outermost one.
  private struct Holder {
    let network: String
    /// Its name, after the way to its module.
    let name: String
    let value: PickleValue
    let tensors: Set<ObjectIdentifier>
  }

  /// The attributes of `torch.nn.Module` itself, in all versions.
  private static let own: Set = [
    "training", "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set",
    "_backward_hooks", "_backward_pre_hooks", "_is_full_backward_hook", "_forward_hooks",
    "_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs", "_state_dict_hooks", "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks", "_backend",
  ]
  /// More than any attribute has in it; of what is larger it is not known whether it refers to a module.
  private static let greatestCount = 1_000_000
  private static let greatestDepth = 200
  /// How many values may still be looked at: what modules share is looked at for each.
  private var left = 4 * greatestCount

  /// Keeps the attributes of a module as data, but for modules in them: these would be there twice.
  mutating func keep(_ module: PickleInstance, _ network: String) {
    self.network = network
    outermost.insert(ObjectIdentifier(module))
    guard let attributes = module.attributes, !module.type.hasPrefix("torch.nn.") else { return }
    var kept: Set<Int> = []
    for (index, entry) in attributes.entries.enumerated() {
      guard let name = entry.key.stringValue, !Self.own.contains(name) else { continue }
      if content(of: entry.value).objection == nil { kept.insert(index) }
    }
    let dict = attributes.filtered { kept.contains($0) }
    if dict.count > 0 { ofOutermost[network] = dict }
  }

  /// Notes what of a module's attributes is told.
  mutating func look(at module: PickleInstance, _ path: String) {
    guard let attributes = module.attributes else { return }
    let isOutermost = outermost.contains(ObjectIdentifier(module))
    let isKept = isOutermost && !module.type.hasPrefix("torch.nn.")
    for entry in attributes.entries {
      guard let name = entry.key.stringValue, !Self.own.contains(name) else { continue }
      let content = content(of: entry.value)
      if let tensor = content.unread, unread == nil {
        unread = (path.isEmpty ? name : "\(path).\(name)", tensor)
      }
      if let objection = content.objection {
        let place = path.isEmpty ? name : "\(path).\(name)"
        dropped.append(ConversionLoss(.metadataDropped, place, objection))
      } else if !content.tensors.isEmpty && !isKept {
        let inner = path == network ? "" : path.dropFirst(network.isEmpty ? 0 : network.count + 1)
        holders.append(
          Holder(
            network: network, name: inner.isEmpty ? name : "\(inner).\(name)",
            value: entry.value, tensors: content.tensors))
      }
    }
  }

  /// Notes that a tensor is in the state dict.
  mutating func take(_ tensor: PickleValue) {
    if case .tensor(let tensor) = tensor { known.insert(ObjectIdentifier(tensor)) }
  }

  /// What is lost with the attributes that were looked at.
  var losses: [ConversionLoss] { dropped + merged.losses }

  /// What is kept, by the name of the network.
  var kept: OrderedDictionary<String, PickleDict> { merged.kept }

  private var merged: (kept: OrderedDictionary<String, PickleDict>, losses: [ConversionLoss]) {
    var kept = ofOutermost.mapValues { $0.filtered { _ in true } }
    var losses: [ConversionLoss] = []
    // The cell of an LSTM lists its own parameters.
    for holder in holders where holder.tensors.contains(where: { !known.contains($0) }) {
      let dict = kept[holder.network] ?? PickleDict()
      kept[holder.network] = dict
      guard dict.index(of: holder.name) == nil else {
        let isOfOutermost = ofOutermost[holder.network]?.index(of: holder.name) != nil
        let other = isOfOutermost ? "the outermost module has one" : "another module has one"
        losses.append(
          ConversionLoss(
            .metadataDropped,
            holder.network.isEmpty ? holder.name : "\(holder.network).\(holder.name)",
            "the attribute, since \(other) of this name, is not kept"))
        continue
      }
      dict.set(.string(holder.name), .string(ExactString(holder.name)), holder.value)
    }
    return (kept, losses)
  }

  /// What a value holds.
  private mutating func content(of value: PickleValue) -> Content {
    if let node = value.node, let known = contents[node] { return known }
    let content = Self.lookThrough(value, &left)
    if let node = value.node { contents[node] = content }
    return content
  }

  /// - Parameter allLeft: How many values may be looked at in what is left of the file.
  private static func lookThrough(_ value: PickleValue, _ allLeft: inout Int) -> Content {
    var left = min(greatestCount, allLeft)
    let start = left
    var content = Content()
    var seen: Set<ObjectIdentifier> = []
    func visit(_ value: PickleValue, _ depth: Int) {
      left -= 1
      guard left > 0, depth < greatestDepth else {
        content.isTooLarge = true
        return
      }
      guard content.objection == nil else { return }
      switch value {
      case .tensor(let node as PickleNode), .storage(let node as PickleNode),
        .numpyArray(let node as PickleNode):
        content.tensors.insert(ObjectIdentifier(node))
        if let unread = value.unread { content.unread = content.unread ?? unread }
      case .list(let node as PickleNode), .tuple(let node as PickleNode):
        guard seen.insert(ObjectIdentifier(node)).inserted else { return }
        for element in value.elements ?? [] { visit(element, depth + 1) }
      case .dict(let dict):
        guard seen.insert(ObjectIdentifier(dict)).inserted else { return }
        for value in dict.keys + dict.values { visit(value, depth + 1) }
      case .instance(let instance):
        guard seen.insert(ObjectIdentifier(instance)).inserted else { return }
        if let unread = instance.unread { content.unread = content.unread ?? unread }
        if instance.isModule { content.hasModule = true }
        for value in instance.arguments + instance.elements { visit(value, depth + 1) }
        if let state = instance.state { visit(state, depth + 1) }
        for value in (instance.items.map { $0.keys + $0.values } ?? []) { visit(value, depth + 1) }
      default: break
      }
    }
    visit(value, 0)
    allLeft -= start - max(left, 0)
    // Of what is not kept its tensors do not matter.
    if content.objection != nil { content.tensors = [] }
    return content
  }
}
