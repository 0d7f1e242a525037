import Arrays

/// What the shapes of an optimizer's parameters prove about which tensors they are.
///
/// Their order proves nothing: an optimizer has the parameters as its maker gave them, a model's last
/// layer first if need be.
struct ShapeEvidence {
  /// The place of each parameter, if all of them can be in one place only; else nil.
  let places: [Int]?
  /// The places of which it is certain that they are among the parameters, in order.
  let taken: [Int]
  /// The places of which it is certain that they are not, in order.
  let leftOut: [Int]

  /// - Parameters:
  ///   - parameters: The shape of each parameter, nil where the optimizer does not say.
  ///   - shapes: Those of the tensors that may be parameters.
  /// - Returns: nil if the parameters are not among the tensors.
  init?(of parameters: [Shape?], in shapes: [Shape]) {
    let placesOfShape = Dictionary(grouping: shapes.indices) { shapes[$0] }
    let wanted = Dictionary(grouping: parameters.indices) { parameters[$0] }
    let unknownCount = wanted[nil]?.count ?? 0
    guard !parameters.isEmpty, parameters.count <= shapes.count,
      wanted.allSatisfy({ shape, members in
        shape.map { members.count <= placesOfShape[$0]?.count ?? 0 } ?? true
      })
    else { return nil }
    // Then the tensors are the parameters, whatever the order.
    let takesAll = parameters.count == shapes.count
    func wantedCount(_ place: Int) -> Int { wanted[shapes[place]]?.count ?? 0 }
    taken = shapes.indices.filter {
      takesAll || wantedCount($0) == placesOfShape[shapes[$0]]?.count
    }
    leftOut = unknownCount == 0 ? shapes.indices.filter { wantedCount($0) == 0 } : []

    let free = shapes.indices.filter { wantedCount($0) == 0 }
    let found = parameters.compactMap { shape -> Int? in
      let possible = shape.map { placesOfShape[$0] ?? [] } ?? (unknownCount == 1 ? free : [])
      return possible.count == 1 ? possible[0] : nil
    }
    places = found.count == parameters.count ? found : nil
  }
}
