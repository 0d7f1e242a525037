import Arrays
import States
import ToolSupport

/// The inventory as a tree of modules in the terminal.
struct TreeReport {
  private let inventory: Inventory

  init(_ inventory: Inventory) { self.inventory = inventory }

  var lines: [String] {
    var lines = [
      "\(inventory.path)  (\(inventory.format.displayName))",
      "\(inventory.tensors.count.of("tensor")), \(inventory.byteCount.byteCountText), "
        + "\(inventory.parameterElementCount.of("learned value"))",
      "",
    ]
    lines += tensorLines
    if let text = inventory.optimizerText { lines += ["", "optimizer  \(text)"] }
    if !inventory.metadata.isEmpty {
      lines += ["", "metadata"]
      lines += inventory.metadata.map { "  \($0.key): \(Self.short($0.value))" }
    }
    if !inventory.notes.isEmpty { lines += [""] + inventory.notes.map { "note: \($0)" } }
    return lines
  }

  private var tensorLines: [String] {
    var rows: [(name: String, tensor: Inventory.Tensor?)] = []
    var open: [Substring] = []
    for tensor in inventory.tensors {
      let parts = tensor.key.split(separator: ".", omittingEmptySubsequences: false)
      let groups = Array(parts.dropLast())
      let shared = zip(open, groups).prefix { $0 == $1 }.count
      for depth in shared..<max(groups.count, shared) {
        rows.append((Self.indent(depth) + groups[depth], nil))
      }
      rows.append((Self.indent(groups.count) + (parts.last ?? ""), tensor))
      open = groups
    }
    let nameWidth = rows.map(\.name.count).max() ?? 0
    let typeWidth = inventory.tensors.map(\.dtype.rawValue.count).max() ?? 0
    let shapeWidth = inventory.tensors.map(\.shape.description.count).max() ?? 0
    return rows.map { name, tensor in
      guard let tensor else { return name }
      var line = "\(name.padded(to: nameWidth))  \(tensor.kind.padded(to: 9))  "
      line += "\(tensor.dtype.rawValue.padded(to: typeWidth))  "
      line +=
        "\(tensor.shape.description.padded(to: shapeWidth))  \(tensor.byteCount.byteCountText)"
      if let original = tensor.tiedTo { line += "  = \(original)" }
      if let statistics = tensor.statistics { line += "  \(statistics.text)" }
      return line
    }
  }

  private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

  private static func short(_ value: Value) -> String {
    let text = value.json()
    return text.count > 100 ? text.prefix(99) + "…" : text
  }
}

extension String {
  /// The text with blanks behind it up to a width.
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
