import Checkpoints
import States

/// NumPy's types, scalars and arrays made from arguments.
extension PickleMachine {
  func constructNumPy(
    _ constructor: PickleGlobal.Constructor, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue? {
    switch constructor {
    case .numpyType:
      guard let code = arguments.first?.stringValue else { return nil }
      let type = try adopt(NumPyType(code: code))
      return .numpyType(type)
    case .numpyScalar:
      guard arguments.count == 2, case .numpyType(let type) = arguments[0] else { return nil }
      let array = try adopt(NumPyArray())
      array.type = type
      array.content = arguments[1]
      guard let value = NumPyScalar.value(of: array) else {
        return .instance(
          try adopt(PickleInstance(type: "numpy.\(type.code)", arguments: [arguments[1]])))
      }
      losses.append(
        ConversionLoss(
          .classChanged, nil,
          "numbers of NumPy's \(type.dtype?.rawValue ?? type.code) became Python's"))
      return value
    case .numpyReconstruct:
      guard case .global(let type)? = arguments.first else { return nil }
      guard type.name == "numpy.ndarray" else {
        return .instance(try adopt(PickleInstance(type: type.name)))
      }
      return .numpyArray(try adopt(NumPyArray()))
    case .numpyFromBuffer:
      guard arguments.count >= 3, case .bytes = arguments[0],
        case .numpyType(let type) = arguments[1], let shape = arguments[2].ints
      else { return nil }
      let array = try adopt(NumPyArray())
      array.type = type
      array.shape = shape
      array.content = arguments[0]
      array.isColumnMajor = arguments.count > 3 && arguments[3].stringValue == "F"
      return .numpyArray(array)
    default: return nil
    }
  }

  /// `(3, '<', None, None, None, -1, -1, 0)`: a version, the byte order, and parts of records.
  func build(_ type: NumPyType, _ state: PickleValue) throws(CheckpointError) {
    guard let parts = state.elements, parts.count >= 2, let order = parts[1].stringValue else {
      throw damaged("the state of a NumPy type is \(state.kind)")
    }
    type.isBigEndian = order == ">"
    let details = parts.dropFirst(2).prefix(3) + parts.dropFirst(8)
    if details.contains(where: { !$0.isNone }) {
      type.details = .tuple(try adopt(PickleTuple(Array(details))))
    }
  }

  /// `(1, shape, type, is column-major, content)`.
  func build(_ array: NumPyArray, _ state: PickleValue) throws(CheckpointError) {
    guard let parts = state.elements, parts.count == 5, let shape = parts[1].ints,
      case .numpyType(let type) = parts[2], let isColumnMajor = flag(parts[3])
    else { throw damaged("the state of a NumPy array is not one") }
    array.shape = shape
    array.type = type
    array.isColumnMajor = isColumnMajor
    array.content = parts[4]
  }

  private func flag(_ value: PickleValue) -> Bool? {
    value.boolValue ?? value.intValue.map { $0 != 0 }
  }
}
