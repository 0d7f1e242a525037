import States

extension Checkpoint {
  /// How deep values may be nested: lists, dictionaries and instances within each other. Readers of
  /// every format refuse what is deeper, and so writers write none.
  package static let maximumNesting = 256

  /// Refuses a checkpoint with values that no reader would take.
  ///
  /// - Parameter file: The file that is to be written.
  /// - Throws: ``CheckpointError`` with code `unsupported`.
  package func checkNesting(file: String) throws(CheckpointError) {
    var places: [(name: String, value: Value)] = metadata.map { ($0.key, $0.value) }
    for (number, group) in (optimizer?.groups ?? []).enumerated() {
      places += group.options.map { ("optimizer group \(number): \($0.key)", $0.value) }
    }
    for (parameter, slots) in optimizer?.state ?? [:] {
      places += slots.map { ("optimizer state of \(parameter): \($0.key)", $0.value) }
    }
    // What is kept for a format has the user's values two levels down.
    for format in origin.formats {
      for (name, value) in origin[format]?.dictionary ?? [:] {
        places += (value.dictionary ?? [name: value]).map { (format, $0.value) }
      }
    }
    if let architecture { places.append(("the description of the model", architecture)) }
    for (name, value) in places where !value.isNested(atMost: Self.maximumNesting) {
      throw CheckpointError(
        .unsupported, file: file, place: name,
        reason: "values are nested more than \(Self.maximumNesting) deep, which no reader takes")
    }
  }
}

extension StateDict {
  /// How many groups within each other a format makes of the modules of a key, at most: see the layout
  /// of Ballast's files.
  fileprivate var deepestPath: Int {
    let greatest = 128
    let counts = keys.lazy.map { key in key.utf8.count { $0 == UInt8(ascii: ".") } }
    return Swift.min(counts.max() ?? 0, greatest) + 2
  }
}

extension Value {
  /// Whether no more than so many lists, dictionaries and instances are within each other.
  fileprivate func isNested(atMost depth: Int) -> Bool {
    func areNested(_ values: some Sequence<Value>) -> Bool {
      depth > 0 && values.allSatisfy { $0.isNested(atMost: depth - 1) }
    }
    return switch self {
    case .list(let elements), .tuple(let elements): areNested(elements)
    case .dict(let members): areNested(members.values)
    case .object(_, let state): areNested([state])
    case .optimizer: areNested(content.map { [$0] } ?? [])
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes, .tensor: true
    case .model(let state): depth > state.deepestPath
    }
  }
}
