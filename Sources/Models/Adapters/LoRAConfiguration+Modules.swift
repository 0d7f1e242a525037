import Checkpoints

extension LoRAConfiguration {
  /// The name in ``modulesToSave`` by which a tensor of the model is trained as a whole; nil if it is
  /// not. PEFT takes the names for ends of paths, at whatever letter these begin.
  ///
  /// - Parameter key: The key of a tensor of the model, such as `score.weight`.
  func savedModule(of key: String) -> String? {
    guard !modulesToSave.isEmpty else { return nil }
    var path = key[...]
    while let dot = path.lastIndex(of: ".") {
      path = path[..<dot]
      if let name = modulesToSave.first(where: { path.hasSuffix($0) }) { return name }
    }
    return nil
  }

  /// Which modules have an adapter by the configuration.
  ///
  /// - Returns: A test of paths; nil if the configuration does not say, or by an expression that is not
  ///   supported.
  package func targetTest() -> ((String) -> Bool)? {
    guard let targetModules, let isNamed = Self.test(targetModules) else { return nil }
    var isExcluded: (String) -> Bool = { _ in false }
    if let excludeModules {
      guard let test = Self.test(excludeModules) else { return nil }
      isExcluded = test
    }
    let isSaved = modulesToSave.compactMap { try? KeyExpression("(^|.*\\.)\($0)($|\\..*)") }
    guard isSaved.count == modulesToSave.count else { return nil }
    return { [isExcluded] path in
      isNamed(path) && !isExcluded(path) && !isSaved.contains { $0.matches(path) }
        && hasNumber(path, targetModules)
    }
  }

  /// A test of paths by names or an expression; nil for an expression that is not supported.
  private static func test(_ modules: Modules) -> ((String) -> Bool)? {
    switch modules {
    case .names(let names):
      return { path in names.contains { path == $0 || path.hasSuffix(".\($0)") } }
    case .expression(let source):
      guard let expression = try? KeyExpression(source) else { return nil }
      return { expression.matches($0) }
    }
  }

  /// Whether a path is in one of the layers whose numbers are given, if any are. A path that is named
  /// as a whole need not be.
  private func hasNumber(_ path: String, _ targets: Modules) -> Bool {
    guard let layersToTransform, case .names(let names) = targets, !names.contains(path) else {
      return true
    }
    let steps = path.split(separator: ".")
    // PEFT looks behind a name, and before another: the number is neither first nor last.
    for (place, step) in steps.enumerated().dropFirst().dropLast() {
      guard let number = Int(step), step.allSatisfy(\.isNumber) else { continue }
      let list = String(steps[place - 1])
      if layersPattern.isEmpty {
        guard place > 1 else { continue }
        return layersToTransform.contains(number)
      }
      if layersPattern.contains(list) { return layersToTransform.contains(number) }
    }
    return false
  }
}
