import Checkpoints
import OrderedCollections
import States

/// The roles of the tensors in a part of a file, where it is a part of a model whose roles Ballast kept
/// beside the tensors.
struct PartRoles {
  private let roles: PyTorchOutline.Roles
  /// The keys of the model's tensors.
  private let keys: Set<String>
  /// What leads from the model to the part: a key of the model, or what keys begin with; empty if the
  /// part is all of it.
  private let name: String
  /// What is kept for the model by other formats; empty for a model beside the one that a reader loads.
  private let origin: Origin

  /// - Parameters:
  ///   - path: The place of the part in the object.
  /// - Returns: nil if it is no part of such a model.
  /// - Throws: ``CheckpointError`` if the file has too many parts to tell which is the model.
  init?(
    _ outline: PyTorchOutline, at path: String, in object: PickleObject,
    _ scriptClasses: ScriptClasses?
  ) throws(CheckpointError) {
    let file = object.storages.file.path
    func isInside(_ place: String) -> Bool {
      place.isEmpty || path == place || path.hasPrefix(place + ".")
    }
    var models: [(place: String, roles: PyTorchOutline.Roles, shape: CheckpointShape)] = []
    if let shape = try CheckpointShape(object.root, file: file, within: "") {
      models.append((shape.modelPath.text, outline.roles, shape))
    }
    for (place, roles) in outline.models where isInside(place) {
      let part = try PickleRoot(object.root, at: place, file: file)
      guard let shape = try CheckpointShape(part.value, file: file, within: place),
        shape.modelPath.isEmpty
      else { continue }
      models.append((place, roles, shape))
    }
    let around = models.filter { isInside($0.place) }
    guard let model = around.max(by: { $0.place.utf8.count < $1.place.utf8.count }) else {
      return nil
    }
    roles = model.roles
    origin = models.first?.place == model.place ? outline.origin : Origin()
    name = String(path.dropFirst(model.place.isEmpty ? 0 : model.place.count + 1))
    var collector = StateCollector(file: file, scriptClasses: scriptClasses)
    for (name, content) in model.shape.networks { try collector.add(content, network: name) }
    keys = Set(collector.items.map(\.key))
  }

  /// Whether the model has all tensors of which something is known.
  var fit: Bool { roles.buffers.union(roles.unknown).allSatisfy(keys.contains) }

  /// The key that a tensor of the part has in the model; nil if it is none of its tensors.
  private func modelKey(of key: String) -> String? {
    // A part that is one tensor has a key of its own.
    let modelKey = name.isEmpty ? key : keys.contains(name) ? name : "\(name).\(key)"
    return keys.contains(modelKey) ? modelKey : nil
  }

  /// What was kept for the whole, and the keys there of the tensors of the part.
  func whole(of state: StateDict) -> (origin: Origin, keys: [String: String])? {
    guard !origin.isEmpty else { return nil }
    let keys = state.keys.compactMap { key in modelKey(of: key).map { (key, $0) } }
    return (origin, Dictionary(uniqueKeysWithValues: keys))
  }

  /// Puts what is known of tensors in the place of what was guessed; what the file itself says of
  /// them stays, and so does what is no part of the model.
  func decide(_ decisions: inout OrderedDictionary<String, RoleAssignment.Decision>) {
    var unknown: Set<String> = []
    for (key, decision) in decisions where decision.rule != .parameterObject {
      guard let modelKey = modelKey(of: key) else { continue }
      if let role = roles.role(of: modelKey) {
        decisions[key] = RoleAssignment.Decision(role: role, rule: .outline)
      } else {
        unknown.insert(key)
      }
    }
    if !unknown.isEmpty { decisions.removeAll { unknown.contains($0.key) } }
  }
}
