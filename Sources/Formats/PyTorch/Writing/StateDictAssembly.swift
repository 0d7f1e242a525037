import OrderedCollections
import States

/// Puts the tensors of a state dict into dictionaries, nested as a structure says.
struct StateDictAssembly {
  private var nodes: OrderedDictionary<String, Node> = [:]
  /// Whether every tensor is in one of the structure's networks, if it has any.
  let fitsNetworks: Bool

  /// A dictionary of tensors and of other dictionaries.
  private final class Node {
    enum Item {
      case object(PythonObject)
      case node(Node)
    }

    var items: [(name: String, item: Item)] = []
    /// The names among them that are integers.
    var integers: Set<String> = []
    /// Behind the last entry that is no tensor; they stay in their order.
    var endOfExtras = 0
    /// Whether it is a plain dictionary, which has no place for versions.
    var isPlain = false
    /// The versions of modules, by their paths from here.
    var versions: [(path: String, version: Int)] = []

    private func key(_ name: String) -> PythonObject {
      guard integers.contains(name), let number = Int(name) else { return .string(name) }
      return .int(number)
    }

    var object: PythonObject {
      let entries = items.map { name, item in
        switch item {
        case .object(let object): PythonObject.Entry(key(name), object)
        case .node(let node): PythonObject.Entry(key(name), node.object)
        }
      }
      guard !versions.isEmpty else {
        return isPlain ? .dict(entries) : .orderedDict(entries, attributes: [])
      }
      let rows = versions.map { path, version in
        PythonObject.Entry(path, .dict([.init("version", .int(version))]))
      }
      return .orderedDict(
        entries, attributes: [.init("_metadata", .orderedDict(rows, attributes: []))])
    }
  }

  /// - Parameters:
  ///   - object: Makes what stands for a tensor.
  ///   - extras: Entries that are no tensors, by their keys.
  init(
    _ state: StateDict, _ structure: PyTorchStructure?,
    extras: [(key: String, object: PythonObject)],
    object: (String, StateDict.Entry) -> PythonObject
  ) {
    let networks = structure?.networks ?? []
    let places = Places(Set(networks), Set(structure?.dictionaries ?? []))
    fitsNetworks =
      !networks.isEmpty
      && state.keys.allSatisfy { key in networks.contains { Places.rest(of: key, after: $0) != nil }
      }
    // Networks that only some keys belong to are not what the structure was made for.
    let known = fitsNetworks || networks.isEmpty ? places : Places([], places.dictionaries)
    nodes[""] = Node()
    for name in fitsNetworks ? networks : [] { _ = node(name, known) }
    for (key, entry) in state.entries {
      let (place, name) = known.split(key)
      node(place, known).items.append((name, .object(object(key, entry))))
    }
    for key in structure?.integerKeys ?? [] {
      let (place, name) = known.split(key)
      nodes[place]?.integers.insert(name)
    }
    for (key, extra) in extras {
      let (place, name) = known.split(key)
      Self.insert(extra, name, into: node(place, known))
    }
    for place in structure?.plainDictionaries ?? [] { nodes[place]?.isPlain = true }
    for (path, version) in state.moduleVersions {
      let (place, name) = nodes[path].map { _ in (path, "") } ?? known.split(path)
      node(place, known).versions.append((name, version))
    }
  }

  /// The dictionary of all tensors, or of the networks.
  var root: PythonObject { nodes[""]?.object ?? .none }

  /// The entries of ``root``.
  var rootEntries: [PythonObject.Entry] { root.entries ?? [] }

  private mutating func node(_ path: String, _ places: Places) -> Node {
    if let known = nodes[path] { return known }
    let made = Node()
    nodes[path] = made
    let (parent, name) = places.split(path)
    node(parent, places).items.append((name, .node(made)))
    return made
  }

  /// Puts an entry where PyTorch does: after a module's own tensors, before its children's.
  private static func insert(_ extra: PythonObject, _ name: String, into node: Node) {
    let prefix = name.utf8.lastIndex(of: UInt8(ascii: ".")).map { Array(name.utf8[...$0]) } ?? []
    func isIn(_ other: String) -> Bool { other.utf8.starts(with: prefix) }
    func isOwn(_ other: String) -> Bool {
      isIn(other) && !other.utf8.dropFirst(prefix.count).contains(UInt8(ascii: "."))
    }
    let place =
      node.items.lastIndex { isOwn($0.name) }.map { $0 + 1 }
      ?? node.items.firstIndex { isIn($0.name) } ?? node.items.count
    node.items.insert((name, .object(extra)), at: max(place, node.endOfExtras))
    node.endOfExtras = max(place, node.endOfExtras) + 1
  }

  /// The names that stand for dictionaries.
  private struct Places {
    let networks: Set<String>
    let dictionaries: Set<String>

    init(_ networks: Set<String>, _ dictionaries: Set<String>) {
      self.networks = networks
      self.dictionaries = dictionaries
    }

    /// The dictionary that an entry is in, and its name there.
    func split(_ key: String) -> (place: String, name: String) {
      guard !networks.isEmpty || !dictionaries.isEmpty else { return ("", key) }
      var end = key.utf8.endIndex
      while let point = key.utf8[..<end].lastIndex(of: UInt8(ascii: ".")) {
        let place = String(key[..<point])
        if networks.contains(place) || dictionaries.contains(place) {
          return (place, String(key[key.utf8.index(after: point)...]))
        }
        end = point
      }
      return ("", key)
    }

    /// What follows a name and a point.
    static func rest(of key: String, after name: String) -> Substring.UTF8View? {
      guard key.utf8.starts(with: name.utf8) else { return nil }
      let rest = key.utf8.dropFirst(name.utf8.count)
      return rest.first == UInt8(ascii: ".") ? rest.dropFirst() : nil
    }
  }
}
