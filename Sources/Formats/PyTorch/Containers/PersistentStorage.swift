import Arrays
import Checkpoints

/// The meaning of persistent ids, by which pickles of PyTorch refer to storages.
enum PersistentStorage {
  /// `('storage', class, key, location, count)`, as zip archives have it.
  static func zip(
    _ value: PickleValue, _ machine: PickleMachine
  ) throws(CheckpointError) -> PickleValue {
    guard let parts = value.elements, parts.count == 5, parts[0].stringValue == "storage" else {
      throw machine.damaged("it refers to \(value.kind) outside the pickle, which is no storage")
    }
    return try storage(parts, view: nil, machine)
  }

  /// The same with a part of the storage, as the older run of pickles has it; or
  /// `('module', class, file, source)`, which stands for the class.
  static func legacy(
    _ value: PickleValue, _ machine: PickleMachine
  ) throws(CheckpointError) -> PickleValue {
    guard let parts = value.elements, let kind = parts.first?.stringValue else {
      throw machine.damaged("it refers to \(value.kind) outside the pickle, which is no storage")
    }
    if kind == "module", parts.count == 4, case .global = parts[1] { return parts[1] }
    guard kind == "storage", parts.count == 5 || parts.count == 6 else {
      throw machine.damaged("it refers to something outside the pickle that is no storage")
    }
    return try storage(parts, view: parts.count == 6 ? parts[5].elements : nil, machine)
  }

  private static func storage(
    _ parts: [PickleValue], view: [PickleValue]?, _ machine: PickleMachine
  ) throws(CheckpointError) -> PickleValue {
    guard case .global(let type) = parts[1], let location = parts[3].stringValue,
      let count = parts[4].intValue, count >= 0
    else { throw machine.damaged("a reference to a storage is not one") }
    let key: String
    switch parts[2] {
    case .string(let text): key = text
    case .int(let number): key = String(number)
    default: throw machine.damaged("the key of a storage is \(parts[2].kind)")
    }
    if case .quantizedStorage = type.meaning, machine.policy != .survey {
      let what = "a quantised tensor"
      return try machine.unread(
        UnreadTensor(
          reason: "it holds \(what) (\(type.name)), which is not read",
          advice: "Dequantise it in Python and save the checkpoint again.", what: what),
        type: type.name)
    }
    let dtype = try dtype(of: type, machine)
    let itemSize = dtype?.itemSize ?? 1
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: itemSize)
    guard !overflow else { throw machine.damaged("a storage is said to have \(count) elements") }
    guard let view else {
      return .storage(
        try machine.adopt(
          PickleStorage(key: key, dtype: dtype, location: location, byteCount: byteCount)))
    }
    guard view.count == 3, let offset = view[1].intValue, let length = view[2].intValue,
      offset >= 0, length >= 0, offset <= count, length <= count - offset
    else { throw machine.damaged("a part of a storage is not within it") }
    return .storage(
      try machine.adopt(
        PickleStorage(
          key: key, dtype: dtype, location: location, byteCount: byteCount,
          range: offset * itemSize..<(offset + length) * itemSize)))
  }

  private static func dtype(
    of type: PickleGlobal, _ machine: PickleMachine
  ) throws(CheckpointError) -> DType? {
    switch type.meaning {
    case .storage(let dtype): return dtype
    default:
      if machine.policy == .survey { return nil }
      throw machine.unsupported("it holds a storage of class \(type.name), which is not known")
    }
  }
}
