import States
import ToolSupport

/// The inventory as a page for the browser: one file, without scripts or anything from elsewhere.
struct HTMLReport {
  private let inventory: Inventory

  init(_ inventory: Inventory) { self.inventory = inventory }

  var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <title>\(escaped(inventory.path))</title>
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left; }
    td.key, td.number { font-family: ui-monospace, monospace; }
    td.number { text-align: right; }
    tr.buffer td.kind { color: #777; }
    @media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } td, th { border-color: #333; } }
    </style>
    </head>
    <body>
    <h1>\(escaped(inventory.path))</h1>
    <p>\(escaped(inventory.format.displayName)): \(inventory.tensors.count.of("tensor")), \
    \(inventory.byteCount.byteCountText), \(inventory.parameterElementCount.of("learned value")).</p>
    \(tensorTable)
    \(optimizerSection)
    \(metadataSection)
    \(remarkSection)
    </body>
    </html>

    """
  }

  private var tensorTable: String {
    let statisticsHeader =
      inventory.tensors.contains { $0.statistics != nil } ? "<th>values</th>" : ""
    let rows = inventory.tensors.map { tensor in
      let tie = tensor.tiedTo.map { " = \($0)" } ?? ""
      let statistics = tensor.statistics.map { "<td>\(escaped($0.text))</td>" } ?? ""
      return """
        <tr class="\(tensor.kind)"><td class="key">\(escaped(tensor.key + tie))</td>\
        <td class="kind">\(tensor.kind)</td><td>\(tensor.dtype)</td><td>\(tensor.shape)</td>\
        <td class="number">\(tensor.byteCount.byteCountText)</td>\(statistics)</tr>
        """
    }
    return """
      <h2>Tensors</h2>
      <table>
      <tr><th>key</th><th>kind</th><th>type</th><th>shape</th><th>size</th>\(statisticsHeader)</tr>
      \(rows.joined(separator: "\n"))
      </table>
      """
  }

  private var optimizerSection: String {
    inventory.optimizerText.map { "<h2>Optimizer</h2>\n<p>\(escaped($0))</p>" } ?? ""
  }

  private var metadataSection: String {
    guard !inventory.metadata.isEmpty else { return "" }
    let rows = inventory.metadata.map {
      "<tr><td class=\"key\">\(escaped($0.key))</td><td>\(escaped($0.value.json()))</td></tr>"
    }
    return "<h2>Metadata</h2>\n<table>\n\(rows.joined(separator: "\n"))\n</table>"
  }

  /// What the checkpoint does not have of the file, and what else is worth knowing.
  private var remarkSection: String {
    let remarks = inventory.losses.lines + inventory.notes.map { "note: \($0)" }
    guard !remarks.isEmpty else { return "" }
    let rows = remarks.map { "<li>\(escaped($0))</li>" }
    return "<h2>Not shown</h2>\n<ul>\n\(rows.joined(separator: "\n"))\n</ul>"
  }

  /// A text from the file, with nothing in it that a browser would act upon.
  private func escaped(_ text: String) -> String {
    var result = ""
    // Scalars and not characters: a combining mark would make another character of "<".
    for scalar in text.printable.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
