import Arrays
import OrderedCollections

/// What is put into a pickle: the objects that `torch.load(weights_only=True)` makes.
indirect enum PythonObject {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits: little-endian, two's complement.
  case bigInt([UInt8])
  case float(Double)
  case complex(Double, Double)
  case string(String)
  case bytes([UInt8])
  case list([PythonObject])
  case tuple([PythonObject])
  case set([PythonObject])
  case dict([Entry])
  /// A `collections.OrderedDict`, with the attributes that are put on it if there are any.
  case orderedDict([Entry], attributes: [Entry])
  /// A name that stands for itself, such as `torch.float32`.
  case global(module: String, name: String)
  /// What a function makes of arguments, such as `torch.device("cpu")`.
  case call(module: String, name: String, arguments: [PythonObject])
  /// An object of a class, made without calling it, that is given a state; none if that is nil.
  case instance(module: String, name: String, state: PythonObject?)
  /// One of the tensors that were collected.
  case tensor(Int)
  /// One of them as a `torch.nn.Parameter`.
  case parameter(Int, requiresGradient: Bool)

  /// A key and its value.
  struct Entry {
    let key: PythonObject
    let value: PythonObject

    init(_ key: PythonObject, _ value: PythonObject) {
      self.key = key
      self.value = value
    }

    init(_ key: String, _ value: PythonObject) { self.init(.string(key), value) }
  }

  /// The entries of a dictionary.
  var entries: [Entry]? {
    switch self {
    case .dict(let entries), .orderedDict(let entries, _): entries
    default: nil
    }
  }

  /// A dictionary of the same class with other entries.
  func with(_ entries: [Entry]) -> PythonObject {
    guard case .orderedDict(_, let attributes) = self else { return .dict(entries) }
    return .orderedDict(entries, attributes: attributes)
  }

  /// Whether Python takes it as a key, or into a set.
  var isHashable: Bool {
    switch self {
    case .list, .set, .dict, .orderedDict: false
    case .tuple(let elements): elements.allSatisfy(\.isHashable)
    default: true
    }
  }
}

/// The tensors that are met while a pickle is put together, by number.
final class TensorCollection {
  /// A tensor, and the type as which it is written.
  struct Tensor {
    let array: NDArray
    let writtenType: DType
  }

  private(set) var tensors: [Tensor] = []

  /// The number of a tensor.
  func add(_ array: NDArray, as dtype: DType? = nil) -> Int {
    tensors.append(Tensor(array: array, writtenType: dtype ?? array.dtype))
    return tensors.count - 1
  }
}
