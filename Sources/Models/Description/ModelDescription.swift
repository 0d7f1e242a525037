import Arrays
import Autograd
import NN
import OrderedCollections
import States

/// A model described as data, so that a checkpoint can say how to build the module it belongs to.
///
/// The description is JSON. A module is an object whose `module` names a layer by PyTorch's name;
/// the other members are the layer's arguments, by PyTorch's names and with its defaults:
///
/// ```json
/// {
///   "module": "Sequential",
///   "buffers": {"class_weights": {"shape": [4]}},
///   "children": {
///     "features": {"module": "Sequential", "children": [
///       {"module": "Conv2d", "in_channels": 1, "out_channels": 8, "kernel_size": 3, "padding": 1},
///       {"module": "ReLU"}
///     ]},
///     "classifier": {"module": "Linear", "in_features": 1152, "out_features": 4}
///   }
/// }
/// ```
///
/// The children of a `Sequential` run one after the other. They are an object, whose names are
/// those of the modules, or a list, which numbers them. `parameters` and `buffers` register tensors
/// of a `shape` and a `dtype` (`float32` if absent; zeros until they are loaded) that the forward
/// pass does not use; a buffer may be `"persistent": false`.
///
/// A well-known architecture is given by its name: `{"module": "resnet18", "num_classes": 10}`. See
/// ``ModelCatalog``.
public struct ModelDescription: Sendable {
  /// The description, as read from JSON.
  public let value: Value

  /// A description, which is checked only when it is built.
  ///
  /// - Parameter value: An object with the member `module`.
  public init(_ value: Value) { self.value = value }

  /// Builds the module, with initial values from the current random generator.
  ///
  /// ```swift
  /// let json = #"{"module": "Linear", "in_features": 4, "out_features": 2}"#
  /// let model = try ModelDescription(Value(json: json)).build()
  /// ```
  ///
  /// - Returns: The module, in training mode.
  /// - Throws: ``ModelError`` with the path of the offending module, for an unknown layer, an
  ///   argument that is missing, unknown or out of range, more than 100,000 modules, more than
  ///   64 levels, or more than 2³⁴ elements of parameters and buffers.
  public func build() throws(ModelError) -> Module {
    // Lengths that are possible one by one may not be together, so that the whole is first made
    // without values.
    let outline = Device.with(.meta) {
      Result { () throws(ModelError) in
        var budget = Budget()
        return try Self.build(value, path: "", depth: 0, &budget)
      }
    }
    let module = try outline.get()
    if Device.current == .meta { return module }
    var budget = Budget()
    return try Self.build(value, path: "", depth: 0, &budget)
  }

  /// Limits to what a description from a file may build.
  private struct Budget {
    var moduleCount = 100_000
    /// The elements of all parameters and buffers so far.
    var elementCount = 0.0
    static let depth = 64
    static let maximumElementCount = 0x1p34

    /// Counts the tensors of a module, of which those of the children of a `Sequential` are already
    /// counted.
    mutating func count(_ module: Module, recurse: Bool, path: String) throws(ModelError) {
      for parameter in module.parameters(recurse: recurse) {
        elementCount += Double(parameter.elementCount)
      }
      for buffer in module.buffers(recurse: recurse) { elementCount += Double(buffer.elementCount) }
      guard elementCount <= Self.maximumElementCount else {
        throw ModelError(
          path: path,
          reason:
            "it would have \(elementCount) parameters and numbers in buffers with what is before, "
            + "and a model may have \(Self.maximumElementCount)")
      }
    }
  }

  private static func build(
    _ value: Value, path: String, depth: Int, _ budget: inout Budget
  ) throws(ModelError) -> Module {
    budget.moduleCount -= 1
    guard budget.moduleCount >= 0, depth < Budget.depth else {
      throw ModelError(path: path, reason: "it has too many modules, or too deeply nested ones")
    }
    guard value.dictionary != nil, let name = value["module"]?.stringValue else {
      throw ModelError(path: path, reason: "a module is an object with the name of its \"module\"")
    }
    var arguments = LayerArguments(value, path: path)
    arguments.ignore("module")
    let module: Module
    if name == "Sequential" {
      module = try sequential(&arguments, path: path, depth: depth, &budget)
    } else {
      do throws(ModelError) {
        module = try ModelCatalog.make(name, &arguments)
      } catch {
        // What a layer refuses it refuses without knowing where it is.
        throw error.path.isEmpty ? ModelError(path: path, reason: error.reason) : error
      }
    }
    try register(&arguments, in: module)
    try arguments.finish(name)
    try budget.count(module, recurse: name != "Sequential", path: path)
    // What a Sequential has may change; what its parts were made of is kept with them.
    if name != "Sequential" { module.builtFrom = value }
    return module
  }

  private static func sequential(
    _ arguments: inout LayerArguments, path: String, depth: Int, _ budget: inout Budget
  ) throws(ModelError) -> Module {
    let sequential = Sequential()
    for (name, child) in try children(arguments.value("children"), path: path) {
      let childPath = path.isEmpty ? name : "\(path).\(name)"
      guard !name.isEmpty, !name.contains(".") else {
        throw ModelError(path: childPath, reason: "a module's name is not empty and has no dot")
      }
      sequential.add(name, try build(child, path: childPath, depth: depth + 1, &budget))
    }
    return sequential
  }

  private static func children(
    _ value: Value?, path: String
  ) throws(ModelError) -> [(String, Value)] {
    switch value {
    case nil: return []
    case .list(let children): return children.enumerated().map { (String($0.offset), $0.element) }
    case .dict(let children): return children.map { ($0.key.text, $0.value) }
    default: throw ModelError(path: path, reason: "\"children\" is neither an object nor a list")
    }
  }

  private static func register(
    _ arguments: inout LayerArguments, in module: Module
  ) throws(ModelError) {
    for (name, tensor) in try arguments.tensors("parameters") {
      module.registerParameter(name, Parameter(tensor.array))
    }
    for (name, tensor) in try arguments.tensors("buffers") {
      module.registerBuffer(name, Tensor(tensor.array), persistent: tensor.isPersistent)
    }
  }
}
