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
    guard isSaved.count == modulesToSave.count, hasPlainPatterns else { return nil }
    return { [isExcluded] path in
      isNamed(path) && !isExcluded(path) && !isSaved.contains { $0.matches(path) }
        && hasNumber(path, targetModules)
    }
  }

  /// A test of paths by names or an expression; nil for an expression that is not supported.
  private static func test(_ modules: Modules) -> ((String) -> Bool)? {
    switch modules {
    case .names(let names):
      let endings = Set(names.map { Array($0.utf8) })
      return { path in
        let path = Array(path.utf8)
        return endings.contains(path)
          || path.indices.contains {
            path[$0] == UInt8(ascii: ".") && endings.contains(Array(path[($0 + 1)...]))
          }
      }
    case .expression(let source):
      // PEFT's word for all layers that it can change: which these are, the model knows.
      guard source.lowercased() != "all-linear" else { return nil }
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
    let steps = path.split(separator: ".", omittingEmptySubsequences: false)
    // PEFT looks behind a name, and before another: the number is neither first nor last.
    func number(behind list: [Substring]?) -> Int? {
      for (place, step) in steps.enumerated().dropFirst(list?.count ?? 2).dropLast() {
        guard let number = Int(step), step.utf8.allSatisfy({ (0x30..<0x3A).contains($0) }),
          list.map({ steps[(place - $0.count)..<place].elementsEqual($0) }) ?? true
        else { continue }
        return number
      }
      return nil
    }
    if layersPattern.isEmpty {
      return number(behind: nil).map(layersToTransform.contains) ?? false
    }
    // The first pattern that is anywhere in the path counts.
    for pattern in layersPattern {
      let list = pattern.split(separator: ".", omittingEmptySubsequences: false)
      if let number = number(behind: list) { return layersToTransform.contains(number) }
    }
    return false
  }

  /// Whether what may be an expression in ``layersPattern`` is a plain name in each.
  private var hasPlainPatterns: Bool {
    layersPattern.allSatisfy { pattern in
      pattern.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
    }
  }
}
