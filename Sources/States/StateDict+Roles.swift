extension StateDict {
  /// Takes the roles of tensors from a state dict that knows them, such as that of a fresh model.
  ///
  /// Only keys of both are given a role, whatever their shapes.
  ///
  /// - Returns: The keys that were given a role, in order.
  @discardableResult
  public mutating func assignRoles(from reference: StateDict) -> [String] {
    var assigned: [String] = []
    for key in keys {
      guard let role = reference.entries[key]?.role else { continue }
      entries[key]?.role = role
      assigned.append(key)
    }
    return assigned
  }
}
