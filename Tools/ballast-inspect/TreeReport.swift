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
    var table: [[String]] = []
    var open: [Substring] = []
    for tensor in inventory.tensors {
      let parts = tensor.key.printable.utf8
        .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Substring.init)
      let groups = parts.dropLast()
      let shared = zip(open, groups).prefix { $0 == $1 }.count
      for depth in shared..<max(groups.count, shared) {
        table.append([Self.indent(depth) + groups[depth]])
      }
      table.append([Self.indent(groups.count) + (parts.last ?? "")] + Self.cells(tensor))
      open = Array(groups)
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
    var widths: [Int] = []
    for cells in table {
      if cells.count > widths.count {
        widths += repeatElement(0, count: cells.count - widths.count)
      }
      for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.width) }
    }
    return table.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        line += cell
        // Nothing follows the last cell.
        guard column < cells.count - 1 else { break }
        line += String(repeating: " ", count: widths[column] - cell.width + 2)
      }
      return line
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
  /// How many characters it has, which for ASCII are its bytes.
  fileprivate var width: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }
}
