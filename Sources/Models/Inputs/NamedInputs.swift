import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A model whose inputs and outputs have names, so that a program can run it without knowing its
/// class. The names are the reference's.
///
/// ```swift
/// if let model = model as? any NamedInputs {
///   let outputs = try model.run(["input_ids": ids, "attention_mask": mask])
///   print(outputs["logits"])
/// }
/// ```
///
/// The classes have a call of their own besides, whose arguments the compiler checks.
public protocol NamedInputs: Module {
  /// The inputs, those that are not optional first.
  var inputs: [ModelInput] { get }

  /// Checks what no single input shows, such as two that are given together or not at all. Does
  /// nothing unless a model says otherwise.
  ///
  /// - Parameter inputs: Inputs that fit ``inputs`` one by one.
  func check(_ inputs: CheckedInputs) throws(ModelError)

  /// The outputs by name, in the reference's order. Call ``run(_:)`` instead, which checks the
  /// inputs.
  ///
  /// - Parameter inputs: Inputs that fit ``inputs``.
  func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor>
}

extension NamedInputs {
  /// Nothing besides.
  public func check(_ inputs: CheckedInputs) throws(ModelError) {}

  /// Computes the outputs from inputs by name, after checking them.
  ///
  /// - Parameter tensors: The inputs by name. Those that are optional may be left out.
  /// - Returns: The outputs by name.
  /// - Throws: ``ModelError`` if an input is missing or unknown, of another type or shape, or has an
  ///   element that it must not have.
  public func run(
    _ tensors: [String: Tensor]
  ) throws(ModelError) -> OrderedDictionary<String, Tensor> {
    let inputs = try CheckedInputs(tensors, for: self)
    try check(inputs)
    return outputs(of: inputs)
  }
}

/// Inputs by name that fit a model: see ``NamedInputs``.
public struct CheckedInputs {
  private let tensors: [String: Tensor]

  /// The input of a name, which is there because it is not optional; any other traps.
  public subscript(name: String) -> Tensor {
    guard let tensor = tensors[name] else {
      trap("the model takes an input \"\(name)\" that it does not list as required")
    }
    return tensor
  }

  /// The input of a name, if it was given.
  public func optional(_ name: String) -> Tensor? { tensors[name] }

  /// Checks inputs for a model.
  ///
  /// - Throws: ``ModelError`` with the first input that does not fit.
  init(_ tensors: [String: Tensor], for model: any NamedInputs) throws(ModelError) {
    let inputs = model.inputs
    let names = inputs.map(\.name)
    for name in tensors.keys.sorted() where !names.contains(name) {
      let similar = KeySuggestion.closest(to: name, among: names)
      throw ModelError(
        input: name,
        reason: "\(model.typeName) has no such input"
          + (similar.map { "; did you mean \"\($0)\"?" }
            ?? "; it has \(names.joined(separator: ", "))"))
    }
    let types = Set(model.parameters().map(\.dtype).filter(\.isFloatingPoint))
    var lengths: [String: (length: Int, input: String)] = [:]
    for input in inputs {
      guard let tensor = tensors[input.name] else {
        guard input.isOptional else {
          throw ModelError(input: input.name, reason: "it is missing")
        }
        continue
      }
      try Self.check(tensor, input, types, &lengths)
    }
    self.tensors = tensors
  }

  private static func check(
    _ tensor: Tensor, _ input: ModelInput, _ types: Set<DType>,
    _ lengths: inout [String: (length: Int, input: String)]
  ) throws(ModelError) {
    func refuse(_ reason: String) -> ModelError {
      ModelError(input: input.name, reason: reason + ", and it should be \(input)")
    }
    guard tensor.rank == input.shape.count else {
      throw refuse("its shape is \(tensor.shape)")
    }
    for (length, wanted) in zip(tensor.shape, input.shape) {
      switch wanted {
      case .exactly(let exact):
        guard length == exact else { throw refuse("its shape is \(tensor.shape)") }
      case .any(let name, let limit):
        guard length > 0, length <= limit ?? .max else {
          throw refuse("its shape is \(tensor.shape)")
        }
        if let (other, first) = lengths[name], other != length {
          throw refuse(
            "its shape is \(tensor.shape), while \(name) is \(other) in \"\(first)\"")
        }
        lengths[name] = (length, input.name)
      }
    }
    switch input.elements {
    case .integers(let limit):
      guard tensor.dtype == .int64 || tensor.dtype == .int32 else {
        throw refuse("its type is \(tensor.dtype)")
      }
      try checkElements(tensor, refuse) { $0 >= 0 && $0 < Double(limit) }
    case .mask:
      guard tensor.dtype == .bool || tensor.dtype.isIntegral || tensor.dtype.isFloatingPoint
      else { throw refuse("its type is \(tensor.dtype)") }
      try checkElements(tensor, refuse) { $0 == 0 || $0 == 1 }
    case .numbers:
      guard tensor.dtype.isFloatingPoint else { throw refuse("its type is \(tensor.dtype)") }
      guard types.isEmpty || types.contains(tensor.dtype) else {
        let names = types.map { "\($0)" }.sorted().joined(separator: ", ")
        throw refuse(
          "its type is \(tensor.dtype), while that of the model's parameters is \(names)")
      }
    }
  }

  private static func checkElements(
    _ tensor: Tensor, _ refuse: (String) -> ModelError, _ isFine: (Double) -> Bool
  ) throws(ModelError) {
    guard tensor.device != .meta, tensor.dtype != .bool else { return }
    for element in tensor.detached().to(.float64).elements(as: Double.self)
    where !isFine(element) {
      throw refuse("one of its elements is \(element.formatted)")
    }
  }
}

extension Double {
  /// The number, without a fraction if it has none.
  fileprivate var formatted: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}

extension Module {
  /// Runs `body` on inputs of which some may be absent, with this module's hooks before and after,
  /// which see those that are there.
  func withHooks(
    given inputs: [Tensor?], _ body: ([Tensor?]) -> [Tensor]
  ) -> [Tensor] {
    withHooks(inputs.compactMap(\.self)) { (present: [Tensor]) in
      var next = present.makeIterator()
      return body(inputs.map { $0 == nil ? nil : next.next() })
    }
  }
}
