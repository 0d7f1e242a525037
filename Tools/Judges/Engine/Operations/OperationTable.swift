/// What Ballast does where PyTorch has an operation: from the arguments of a call to its results.
typealias Operation = @Sendable (Call) throws -> [Tensor]

/// The table of operations by PyTorch's names, as `op_db` has them: `name` or `name.variant`.
struct OperationTable: Sendable {
  private var operations: [String: Operation] = [:]

  /// All families.
  static let all: OperationTable = {
    var table = OperationTable()
    addUnary(to: &table)
    addBinary(to: &table)
    addBlending(to: &table)
    addReductions(to: &table)
    addShapes(to: &table)
    addJoining(to: &table)
    addIndexing(to: &table)
    addSelection(to: &table)
    addProducts(to: &table)
    addActivations(to: &table)
    addConvolutions(to: &table)
    addPooling(to: &table)
    addNormalization(to: &table)
    addResizing(to: &table)
    addLosses(to: &table)
    addFurtherLosses(to: &table)
    addCreation(to: &table)
    addMathematics(to: &table)
    addMatrices(to: &table)
    addPlaces(to: &table)
    return table
  }()

  /// The names, in order.
  var names: [String] { operations.keys.sorted() }

  /// The operation of a name: that of its variant, or that of all variants.
  subscript(name: String) -> Operation? {
    get {
      if let exact = operations[name] { return exact }
      // Some names have points of their own, `nn.functional.relu`: only the last part is a variant's.
      guard let point = name.lastIndex(of: ".") else { return nil }
      return operations[String(name[..<point])]
    }
    set { operations[name] = newValue }
  }

  /// A function of one tensor without further arguments.
  mutating func unary(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
    operations[name] = { [function(try $0.tensor(0))] }
  }

  /// A function of one tensor whose further arguments are read from the call.
  mutating func add(
    _ name: String, _ function: @escaping @Sendable (Tensor, Call) throws -> Tensor
  ) {
    operations[name] = { [try function(try $0.tensor(0), $0)] }
  }

  /// A function with several results.
  mutating func several(
    _ name: String, _ function: @escaping @Sendable (Tensor, Call) throws -> [Tensor]
  ) {
    operations[name] = { try function(try $0.tensor(0), $0) }
  }

  /// A function of two tensors.
  mutating func pair(
    _ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) {
    operations[name] = { [function(try $0.tensor(0), try $0.tensor(1, "other"))] }
  }
}
