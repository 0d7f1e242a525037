import Arrays
import OrderedCollections
import States

extension KerasOptimizer {
  typealias Named = (name: String?, array: NDArray)

  /// The variables of an older file of TF-Keras in the order of Keras 3, matched by their names:
  /// `Adam/m/dense/kernel:0`, or, of its first optimizers, `Adam/dense/kernel/m:0`.
  ///
  /// - Returns: The variables, and for each its position in the file; nil if they are not all there.
  func inOrder(_ values: [Named], _ plan: KerasPlan) -> (values: [Named], places: [Int])? {
    var places: [String: Int] = [:]
    for (index, value) in values.enumerated() {
      guard let name = value.name, places.updateValue(index, forKey: name) == nil else {
        return nil
      }
    }
    // The count of steps, and perhaps the rate.
    var order = Array(0..<min(scalarCount, values.count))
    let first = values.first?.name?.split(separator: "/").last
    guard first == "iter:0" || first == "iteration:0" else { return nil }
    let prefix = values.dropFirst(scalarCount).first?.name?.split(separator: "/").first ?? ""
    let trainable = plan.trainable
    for (parameter, slot) in self.order(trainable.count) {
      guard let weight = plan.variables[trainable[parameter]].weightName,
        weight.hasSuffix(":0")
      else { return nil }
      let plain = weight.dropLast(2)
      let place = slot.oldNames.lazy.compactMap { name in
        places["\(prefix)/\(name)/\(plain):0"] ?? places["\(prefix)/\(plain)/\(name):0"]
      }.first
      guard let place else { return nil }
      order.append(place)
    }
    guard order.count == values.count, Set(order).count == order.count else { return nil }
    return (order.map { values[$0] }, order)
  }
}
