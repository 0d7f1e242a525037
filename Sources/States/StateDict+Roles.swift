extension StateDict {
  /// Copies the roles of tensors from a state dict that has them, such as that of a fresh model.
  ///
  /// Formats without roles, such as plain PyTorch files, yield entries whose role is nil; this
  /// fills them in. Only keys of both are affected. Shapes are not compared.
  ///
  /// - Parameter reference: The state dict to take the roles from.
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
