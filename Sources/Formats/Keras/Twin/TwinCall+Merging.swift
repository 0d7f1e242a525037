import States

extension TwinCall {
  /// The inputs with their axes and features in one order.
  private func aligned() throws(Missing) -> [TwinValue] {
    guard named.isEmpty, let first = inputs.first, inputs.allSatisfy({ $0.rank == first.rank })
    else { throw missing("its inputs are of different ranks") }
    if inputs.allSatisfy({ $0.axes == first.axes && $0.features == first.features }) {
      return inputs
    }
    // What has one feature has it in any order.
    let order =
      inputs.first { $0.features != .plain && $0.shape.last != 1 }?.features ?? .plain
    let axes = inputs.lazy.map(\.axes).first { $0 != .keras } ?? .keras
    return inputs.map { value in
      let order = value.shape.last == 1 ? value.features : order
      guard case .first(let lead) = axes else { return value.inKerasAxes(order) }
      return value.featuresFirst(order, lead: lead)
    }
  }

  private func broadcast(_ values: [TwinValue]) -> [Int?] {
    values[0].shape.indices.map { axis in
      let lengths = Set(values.map { $0.shape[axis] }).subtracting([1])
      return lengths.count > 1 ? nil : lengths.first ?? 1
    }
  }

  /// Elements put together one by one.
  ///
  /// - Parameter join: Puts two expressions together.
  mutating func merged(
    isMean: Bool = false, _ join: (String, String) -> String
  ) throws(Missing) -> TwinValue {
    let values = try aligned()
    guard values.count > 1 else { throw missing("it is given one tensor, or a number") }
    guard
      values.allSatisfy({ value in
        zip(value.shape, broadcast(values)).allSatisfy { $0 == $1 || $0 == 1 || $0 == nil }
      })
    else { throw missing("its inputs are of different shapes") }
    let code = values.dropFirst().reduce(values[0].code) { join($0, $1.code) }
    let wide = values.first { $0.shape.last != 1 } ?? values[0]
    return TwinValue(
      isMean ? "(\(code)) / \(values.count)" : code, broadcast(values), axes: wide.axes,
      features: wide.features)
  }

  /// One after the other.
  mutating func joined() throws(Missing) -> TwinValue {
    guard inputs.count > 1, named.isEmpty, let rank = inputs.first?.rank,
      inputs.allSatisfy({ $0.rank == rank })
    else { throw missing("its inputs are of different ranks") }
    let axis = layer.config["axis"]?.intValue ?? -1
    let index = axis < 0 ? rank + axis : axis - 1
    guard (0..<rank).contains(index) else { throw missing("it has no axis \(axis)") }
    var values: [TwinValue]
    var order = KerasArrangement.plain
    let isFirst = inputs.contains { $0.axes != .keras }
    if isFirst {
      values = inputs.map { $0.featuresFirst() }
    } else if index == rank - 1 {
      order = .joined(inputs.map { ($0.features, $0.shape.last ?? nil) })
      values = inputs
      if order.reason != nil {
        order = .plain
        values = inputs.map { $0.inKerasAxes() }
      }
    } else {
      order = inputs[0].features
      values = inputs.map { $0.inKerasAxes(order) }
    }
    var shape = broadcast(values)
    let lengths = values.map { $0.shape[index] }
    shape[index] =
      lengths.contains(nil)
      ? nil : KerasLayer.possible(lengths.compactMap(\.self).reduce(0, +))
    let dimension = values[0].dimension(index)
    let list = values.map(\.code).joined(separator: ", ")
    return TwinValue(
      "torch.cat((\(list)), dim=\(dimension))", shape, axes: values[0].axes, features: order)
  }
}
