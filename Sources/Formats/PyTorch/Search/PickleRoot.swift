import Checkpoints
import States

/// The part of the object of a pickle that is read as if it were all of it.
struct PickleRoot {
  /// The part.
  let value: PickleValue
  /// The way to it, empty for the object itself.
  let path: String
  /// What the keys of the tensors begin with that are meant, where the rest of the way leads through
  /// names of tensors and not through dictionaries.
  let prefix: String?
  /// What is beside the way.
  let outside: [String]

  /// - Parameters:
  ///   - root: The object.
  ///   - path: The way to the part, the keys with points between them; nil for the object.
  /// - Throws: ``CheckpointError`` with code `unsupported` if there is no such part, or it can be
  ///   read in more than one way.
  init(_ root: PickleValue, at path: String?, file: String) throws(CheckpointError) {
    guard let path, !path.isEmpty else {
      (value, self.path, prefix, outside) = (root, "", nil, [])
      return
    }
    let names = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    var search = Search()
    search.follow(names[...], from: root, [], [])
    guard search.found.count < 2 else {
      throw CheckpointError(
        .unsupported, file: file,
        reason: "\"\(path)\" can be read in more than one way: keys have "
          + "points in them")
    }
    if let end = search.found.first {
      (value, self.path, prefix, outside) = (end.value, path, nil, end.outside)
      return
    }
    if let end = search.prefixes.first {
      let known = names.dropLast(end.left).joined(separator: ".")
      (value, self.path, outside) = (end.value, known, end.outside)
      prefix = names.suffix(end.left).joined(separator: ".")
      return
    }
    let roots = ModelSearch(root).candidates.map(\.path.text).filter { !$0.isEmpty }
    let known = roots.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
    throw CheckpointError(
      .unsupported, file: file, reason: "it has no part \"\(path)\"",
      advice: KeySuggestion.closest(to: path, among: roots).map { "Did you mean \"\($0)\"?" }
        ?? (roots.isEmpty ? nil : "There are \(known)\(roots.count > 8 ? ", …" : "")."))
  }

  private struct Search {
    struct End {
      let value: PickleValue
      let left: Int
      let outside: [String]
    }

    /// The parts to which the whole way leads, the one by the longest keys first.
    var found: [End] = []
    /// Dictionaries that have tensors whose keys begin with the rest of the way.
    var prefixes: [End] = []
    private var steps = 0

    mutating func follow(
      _ names: ArraySlice<String>, from value: PickleValue, _ way: [String], _ outside: [String]
    ) {
      guard !names.isEmpty else {
        found.append(End(value: value, left: 0, outside: outside))
        return
      }
      steps += 1
      guard steps < 10_000, let dict = value.parts else { return }
      for count in stride(from: names.count, to: 0, by: -1) {
        let key = names.prefix(count).joined(separator: ".")
        guard let index = dict.index(of: key) else { continue }
        let others = dict.keys.indices.filter { $0 != index }
          .map { (way + [dict.keys[$0].description]).joined(separator: ".") }
        follow(names.dropFirst(count), from: dict.values[index], way + [key], others + outside)
      }
      let prefix = names.joined(separator: ".") + "."
      if dict.keys.contains(where: { $0.stringValue?.hasPrefix(prefix) == true }) {
        prefixes.append(End(value: value, left: names.count, outside: outside))
      }
    }
  }
}

extension PickleValue {
  /// The parts that have names: of a module its modules.
  fileprivate var parts: PickleDict? {
    if case .instance(let instance) = self, instance.isModule {
      return instance.attributes?["_modules"]?.dict
    }
    return asDictionary
  }
}
