import Checkpoints
import States

/// Why a tensor has no values here: it is of a sort that is not read, or was saved without any.
///
/// Within the model or an optimizer that is read it makes the file one that is refused; beside them it is
/// lost alone.
struct UnreadTensor {
  /// What is said of a file whose model has it.
  let reason: String
  let advice: String

  /// What it is, for a loss.
  let what: String

  func error(file: String, place: String) -> CheckpointError {
    CheckpointError(.unsupported, file: file, place: place, reason: reason, advice: advice)
  }

  /// What is told where it stands beside the model.
  func loss(at place: String) -> ConversionLoss {
    ConversionLoss(.metadataDropped, place, "\(what), which is not read, became None")
  }
}

extension UnreadTensor {
  /// One that only a function or class makes that is known to make what is not read.
  init(_ what: String, made name: String) {
    self.init(
      reason: "it holds \(what) (\(name)), which is not read",
      advice: "Convert it to a plain tensor in Python and save the checkpoint again.", what: what)
  }

  /// A tensor of the device `meta`.
  static let withoutValues = UnreadTensor(
    reason: "the tensor has a shape and no values, as it was saved on the device \"meta\"",
    advice: "Save the model again after its values were loaded.",
    what: "a tensor without values, of the device \"meta\"")
}

extension PickleValue {
  /// Why the value is a tensor and cannot be read; nil of anything else.
  var unread: UnreadTensor? {
    switch self {
    case .instance(let instance): instance.unread
    case .tensor(let tensor): tensor.hasNoValues ? .withoutValues : nil
    default: nil
    }
  }
}

/// Looks for tensors that are not read within values that stand among the tensors of a model.
///
/// They may be a part of it in a tuple too: the weights of a layer that was quantised are. Each node is looked at
/// once, however many values share it.
struct UnreadSearch {
  private var seen: Set<ObjectIdentifier> = []

  private static let greatestDepth = 200

  /// Why the first tensor in a value that cannot be read is not; nil if there is none, or it was found before.
  mutating func first(in value: PickleValue, depth: Int = 0) -> UnreadTensor? {
    if let unread = value.unread { return unread }
    guard depth < Self.greatestDepth, let node = value.node, seen.insert(node).inserted else {
      return nil
    }
    var inner = value.elements ?? []
    if let dict = value.dict { inner = dict.values }
    if case .instance(let instance) = value {
      inner = instance.arguments + instance.elements + (instance.items?.values ?? [])
      inner += [instance.state].compactMap(\.self)
    }
    for value in inner {
      if let found = first(in: value, depth: depth + 1) { return found }
    }
    return nil
  }
}

extension PickleTensor {
  /// Whether it has elements, and was saved without them.
  var hasNoValues: Bool {
    !shape.contains(0) && (storage == nil || storage?.location == "meta")
  }
}

extension PickleMachine {
  /// A tensor that is not read, as a value.
  func unread(_ tensor: UnreadTensor, type: String) throws(CheckpointError) -> PickleValue {
    .instance(try adopt(PickleInstance(type: type, unread: tensor)))
  }
}
