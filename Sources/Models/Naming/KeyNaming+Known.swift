import Checkpoints

extension KeyNaming {
  /// The names of a mapping that comes with Ballast; none if there is none of this name.
  static func builtIn(_ name: String, remark: String? = nil) -> [KeyNaming] {
    TensorMapping(named: name).map { [KeyNaming(name, $0, remark: remark)] } ?? []
  }

  /// Names that all stand behind a prefix, which the model has not.
  static func stripping(_ prefix: String, copies: [String: String] = [:]) -> [KeyNaming] {
    guard let mapping = try? KeyPrefix.stripping(prefix) else { return [] }
    return [KeyNaming("strip-prefix \(prefix)", mapping, copies: copies)]
  }

  /// Names without the prefix that the model has before some of its parts.
  ///
  /// - Parameter parts: The first parts of these names, which are plain texts.
  static func adding(_ prefix: String, to parts: [String]) -> [KeyNaming] {
    renaming(
      "add-prefix \(prefix)",
      [("^(\(parts.joined(separator: "|")))\\.", "\(prefix)\\1.")])
  }

  /// Names of which expressions are replaced, in order.
  static func renaming(
    _ name: String, _ rules: [(pattern: String, to: String)], copies: [String: String] = [:]
  ) -> [KeyNaming] {
    let rules = rules.map {
      TensorMapping.Rule.rename(pattern: $0.pattern, to: $0.to, inverse: nil)
    }
    guard let mapping = try? TensorMapping(rules: rules) else { return [] }
    return [KeyNaming(name, mapping, copies: copies)]
  }
}
