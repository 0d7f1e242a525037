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
    ]
    let total = inventory.total
    if !inventory.others.isEmpty {
      lines.append(
        "\(total.count.of("tensor")), \(total.byteCount.byteCountText) in the whole file")
    }
    if !inventory.tensors.isEmpty { lines += [""] + tensorLines }
    if let text = inventory.optimizerText { lines += ["", "optimizer  \(text)"] + slotLines }
    lines += modelLines
    for (place, optimizer) in inventory.optimizers {
      lines += ["", "optimizer \(place.printable)  \(Inventory.text(optimizer))"]
    }
    let others = inventory.others.filter { $0.kind == "metadata" }
    if !inventory.metadata.isEmpty || !others.isEmpty {
      lines += ["", "metadata"]
      lines += inventory.metadata.map { "  \($0.key): \(Self.short($0.value))" }
      lines += Self.table(others.map { ["    \($0.key)"] + Self.cells($0).dropFirst() })
    }
    if inventory.candidates.contains(where: { !$0.isTaken }) {
      lines += ["", "parts that --root takes"]
      lines += inventory.candidates.map {
        "  \($0.root.isEmpty ? "(the file itself)" : $0.root)  \($0.tensorCount.of("tensor"))"
          + ($0.isTaken ? "  taken for the model" : "")
      }
    }
    let remarks = inventory.losses.lines + inventory.notes.map { "note: \($0)" }
    if !remarks.isEmpty { lines += [""] + remarks }
    return lines
  }

  /// The models in the metadata.
  private var modelLines: [String] {
    var names: [String] = []
    var models: [String: [Inventory.Tensor]] = [:]
    for tensor in inventory.others {
      guard let model = tensor.model else { continue }
      if models[model] == nil { names.append(model) }
      models[model, default: []].append(tensor)
    }
    return names.flatMap { name in
      let tensors = models[name] ?? []
      let byteCount = tensors.reduce(0) { $0 + $1.byteCount }
      return [
        "", "model \(name.printable)  \(tensors.count.of("tensor")), \(byteCount.byteCountText)",
      ]
        + Self.table(
          tensors.map { ["  \($0.key.dropFirst(name.count + 1))"] + Self.cells($0) })
    }
  }

  private var tensorLines: [String] {
    var rows: [(name: String, tensor: Inventory.Tensor?)] = []
    var open: [Substring] = []
    for tensor in inventory.tensors {
      let parts = tensor.key.printable.split(separator: ".", omittingEmptySubsequences: false)
      let groups = Array(parts.dropLast())
      let shared = zip(open, groups).prefix { $0 == $1 }.count
      for depth in shared..<max(groups.count, shared) {
        rows.append((Self.indent(depth) + groups[depth], nil))
      }
      rows.append((Self.indent(groups.count) + (parts.last ?? ""), tensor))
      open = groups
    }
    let table = rows.map { name, tensor in
      tensor.map { [name] + Self.cells($0) } ?? [name]
    }
    return Self.table(table)
  }

  /// The optimizer's tensors: how many there are in each slot, and their bytes.
  private var slotLines: [String] {
    var names: [Substring] = []
    var slots: [Substring: [Inventory.Tensor]] = [:]
    for tensor in inventory.others where tensor.kind == "optimizer" {
      let slot = tensor.key.split(separator: ".").last ?? ""
      if slots[slot] == nil { names.append(slot) }
      slots[slot, default: []].append(tensor)
    }
    return Self.table(
      names.map { name in
        let tensors = slots[name] ?? []
        let byteCount = tensors.reduce(0) { $0 + ($1.tiedTo == nil ? $1.byteCount : 0) }
        return ["  \(name)", tensors.count.of("tensor"), byteCount.byteCountText]
      })
  }

  /// Rows of cells in columns.
  private static func table(_ table: [[String]]) -> [String] {
    let columnCount = table.map(\.count).max() ?? 0
    let widths = (0..<columnCount).map { column in
      table.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return table.map { cells in
      // The last cell is not padded: nothing follows it.
      var padded = zip(cells, widths).map { $0.padded(to: $1) }
      padded[cells.count - 1] = cells[cells.count - 1]
      return padded.joined(separator: "  ")
    }
  }

  /// What stands beside the name of a tensor, a cell for each column.
  private static func cells(_ tensor: Inventory.Tensor) -> [String] {
    var cells = [
      tensor.kind, tensor.dtype.rawValue, tensor.shape.description, tensor.byteCount.byteCountText,
    ]
    if let statistics = tensor.statistics { cells += statistics.cells }
    if let original = tensor.tiedTo { cells.append("= \(original)") }
    return cells
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
