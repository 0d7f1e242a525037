extension Module: CustomStringConvertible {
  /// The module and its submodules, as PyTorch's `repr` prints them.
  public final var description: String {
    let extra = extraDescription
    let children = childDescriptions
    guard !children.isEmpty else {
      guard extra.contains("\n") else { return "\(typeName)(\(extra))" }
      return "\(typeName)(\n  \(indented(extra))\n)"
    }
    let lines = (extra.isEmpty ? [] : [extra]) + children
    return "\(typeName)(\n  " + lines.map(indented).joined(separator: "\n  ") + "\n)"
  }

  /// One line per child; in a list, one per run of equal children.
  private final var childDescriptions: [String] {
    let children = members().compactMap { member -> (name: String, text: String)? in
      guard case .module(let child?) = member.content else { return nil }
      return (member.name, child.description)
    }
    guard self is any ListOfModules else { return children.map { "(\($0.name)): \($0.text)" } }
    var lines: [String] = []
    var start = 0
    while start < children.count {
      var end = start + 1
      while end < children.count && children[end].text == children[start].text { end += 1 }
      lines.append(
        end - start == 1
          ? "(\(children[start].name)): \(children[start].text)"
          : "(\(children[start].name)-\(children[end - 1].name)): \(end - start) x "
            + children[start].text)
      start = end
    }
    return lines
  }

  private final func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
  }
}
