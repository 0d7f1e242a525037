import Checkpoints
import OrderedCollections
import States

extension ONNXModelReader {
  /// A name and the number of the scope in which it means something.
  struct ScopedName: Hashable {
    let scope: Int
    let name: String
  }

  /// Gives the tensors that are no initializers of the main graph their keys: their names, behind the path of the
  /// graph or function that they are in, and numbered where another tensor has that key.
  ///
  /// - Returns: The keys of those that nodes take by names that were made up.
  mutating func placeFurther() throws(CheckpointError) -> [ScopedName: String] {
    var numbers: [String: Int] = [:]
    var keys: [ScopedName: String] = [:]
    var inner: [(name: String, key: String)] = []
    for item in further {
      let (name, scope, isNamed, tensor) = (item.name, item.scope, item.isNamed, item.tensor)
      let place = scopes[scope]
      let wanted = place.path.isEmpty ? name : "\(place.path)/\(name)"
      let key = try freeKey(wanted, &numbers, isOfTraining: place.isOfTraining)
      try loseDetails(of: tensor, key)
      guard !place.isOfTraining else {
        model.trainingTensors[key] = tensor
        continue
      }
      model.tensors[key] = tensor
      if scope != ONNXScope.main || !isNamed || key != wanted {
        model.innerKeys.insert(key)
        if isNamed { inner.append((name, key)) }
      }
      if isNamed, key == wanted, ONNXProposal.isMadeUp(name) {
        keys[ScopedName(scope: scope, name: name)] = key
      }
    }
    for (name, key) in inner where model.tensors[name] != nil && !model.innerKeys.contains(name) {
      model.sharedNames[name] = key
    }
    further = []
    return keys
  }

  /// A key that no tensor has yet: the one that is wanted, or with a number behind it, which is told.
  ///
  /// - Parameter numbers: The last number behind each key, so that no number is tried twice.
  private mutating func freeKey(
    _ wanted: String, _ numbers: inout [String: Int], isOfTraining: Bool
  ) throws(CheckpointError) -> String {
    func isTaken(_ key: String) -> Bool {
      isOfTraining ? model.trainingTensors[key] != nil : model.tensors[key] != nil
    }
    guard isTaken(wanted) else { return wanted }
    var number = numbers[wanted] ?? 1
    var key: String
    repeat {
      number += 1
      key = "\(wanted)~\(number)"
    } while isTaken(key)
    numbers[wanted] = number
    try lose(
      .keyChanged, key, "another tensor has the key \"\(ProtobufReader.short(wanted))\" too")
    return key
  }

  /// The key of the tensor that a node takes; nil if it is none.
  func key(of use: ONNXUse, _ keys: [ScopedName: String]) -> String? {
    var scope = Optional(use.scope)
    while let number = scope {
      if let key = keys[ScopedName(scope: number, name: use.name)] { return key }
      if number == ONNXScope.main {
        return model.isInitializer(use.name) ? use.name : nil
      }
      scope = scopes[number].outer
    }
    return nil
  }

  // MARK: - What is told

  mutating func readAnnotation(_ message: ProtobufReader) throws(CheckpointError) {
    var message = message
    var name = ""
    var parts: [String] = []
    while let field = try message.next() {
      switch field.number {
      case 1: name = try message.text(field)
      case 2 where parts.count < 8:
        let entry = try Self.entry(message.message(field))
        parts.append("\(ProtobufReader.short(entry.key)) \(ProtobufReader.short(entry.value))")
      default: break
      }
    }
    try lose(
      .metadataDropped, name,
      "how the tensor is quantised is not kept: \(parts.joined(separator: ", "))")
  }

  mutating func readSparse(
    _ message: ProtobufReader, _ place: String
  ) throws(CheckpointError) {
    var message = message
    var name = place
    var lengths: [String] = []
    var ranges: [ONNXExternalRange] = []
    while let field = try message.next() {
      switch field.number {
      case 1, 2:
        let part = try ONNXTensor(message, message.range(of: field), "a sparse tensor")
        try takeUnknown(part.unknownFields, of: "a tensor")
        if field.number == 1, !part.name.isEmpty { name = part.name }
        if let range = part.externalRange { ranges.append(range) }
      case 3:
        try message.forEachVarint(field) { bits in
          if lengths.count < ONNXTensor.maximumRank {
            lengths.append("\(Int(truncatingIfNeeded: bits))")
          }
        }
      default: break
      }
    }
    model.furtherRanges += ranges.map { (name, $0) }
    try lose(
      .tensorDropped, name,
      "it is a sparse tensor of shape (\(lengths.joined(separator: ", "))), which no tensor here holds"
    )
  }
}
