import Arrays
import Checkpoints
import OrderedCollections
import States

extension CheckpointBuilder {
  private static let namedCount = 5

  /// A note about tensors that a model may miss: floating-point ones with dimensions, in the metadata and in
  /// no model or optimizer there; nil if there are none.
  static func noteOfStrayTensors(_ metadata: OrderedDictionary<String, Value>) -> String? {
    var names: [String] = []
    func visit(_ value: Value, _ name: String) {
      switch value {
      case .tensor(let array) where array.dtype.isFloatingPoint && array.rank > 0:
        names.append(name)
      case .model, .optimizer: break
      default: for (member, inner) in value.members { visit(inner, "\(name).\(member)") }
      }
    }
    for (name, value) in metadata { visit(value, name) }
    guard !names.isEmpty else { return nil }
    let more = names.count - min(names.count, namedCount)
    return "in no model, and kept in the metadata: "
      + names.prefix(namedCount).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
