import Arrays
import Checkpoints
import OrderedCollections

/// What the file `.metadata` of a distributed checkpoint says: which keys there are, in which pieces, and
/// where each piece is.
///
/// It is a pickle of `torch.distributed.checkpoint.metadata.Metadata`, read as data. The names and states of
/// its classes are those of PyTorch 2.13 (`metadata.py`, `filesystem.py` and `planner_helpers.py` of
/// `torch/distributed/checkpoint`); what older versions leave out (`storage_meta`, `version`,
/// `transform_descriptors`) may be missing.
struct DistributedMetadata {
  /// A step on the way to a value in the object that was saved.
  enum Step: Hashable {
    case key(String)
    case index(Int)
  }

  /// A range of a file of the folder.
  struct Item: Hashable {
    let file: String
    let offset: Int
    let byteCount: Int
  }

  /// What is stored under a key.
  enum Content {
    /// An object that `torch.save` wrote.
    case object(Item)
    /// A tensor, and its boxes; those without elements need not be stored.
    case tensor(DType, shape: [Int], pieces: [(box: Box, item: Item?)])
  }

  /// The keys in order, as the file has them, flat.
  private(set) var contents: OrderedDictionary<String, Content> = [:]
  /// The way to each value, where the file says it.
  private(set) var paths: [String: [Step]] = [:]
  /// Which version of the table it is, if it says so.
  private(set) var version: String?
  /// The keys to whose values there is a way, and that no piece is of: they were saved, and are lost.
  private(set) var lostKeys: [String] = []
  /// The names of the files that hold the pieces, in order.
  private(set) var files: [String] = []

  /// The name of the file, and of what it is called until it is whole.
  static let fileName = ".metadata"
  static let temporaryName = ".metadata.tmp"
  /// The only version that PyTorch has had.
  private static let knownVersions: Set = ["1.0.0"]
  /// How deep values may lie in the object that was saved.
  private static let maximumStepCount = 200
  /// The largest place of an element in a list.
  private static let maximumIndex = 1 << 31

  /// Takes the table out of what was unpickled.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if it is none, or contradicts itself.
  init(_ root: PickleValue, file: String) throws(CheckpointError) {
    let reader = Reader(file: file)
    guard case .instance(let metadata) = root, metadata.hasName("Metadata"),
      let table = metadata.attributes?["state_dict_metadata"]?.dict
    else {
      throw CheckpointError(
        .notThisFormat, file: file,
        reason: "it holds \(root.kind), and no table of a distributed checkpoint")
    }
    version = metadata.attributes?["version"]?.stringValue
    if let version, !Self.knownVersions.contains(version) {
      throw CheckpointError(
        .newerVersion, file: file,
        reason: "its table is of version \(version.debugDescription), and 1.0.0 is known")
    }
    var items = try reader.items(metadata.attributes?["storage_data"])
    for (key, value) in table.entries {
      guard case .string(let key) = key else {
        throw reader.damaged(nil, "a key is \(key.kind), not a text")
      }
      // Swift has texts equal that Python has not.
      guard contents.updateValue(try reader.content(value, key, &items), forKey: key) == nil else {
        throw CheckpointError(
          .unsupported, file: file, place: key,
          reason: "two keys are the same text in other code points")
      }
    }
    if let (key, places) = items.first(where: { !$0.value.isEmpty }) {
      throw reader.damaged(
        key,
        "a piece at \((places.keys.first ?? nil) ?? []) is stored, and the table of keys has none there"
      )
    }
    try takePaths(metadata.attributes?["planner_data"], reader)
    var names: Set<String> = []
    for content in contents.values {
      switch content {
      case .object(let item): names.insert(item.file)
      case .tensor(_, _, let pieces):
        for piece in pieces { if let item = piece.item { names.insert(item.file) } }
      }
    }
    files = names.sorted(by: Self.isBefore)
  }

  /// The order of `__2_0.distcp` and `__10_0.distcp`: by rank.
  private static func isBefore(_ first: String, _ second: String) -> Bool {
    func numbers(_ name: String) -> [Int] {
      name.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    }
    let (mine, theirs) = (numbers(first), numbers(second))
    return mine == theirs ? first < second : mine.lexicographicallyPrecedes(theirs)
  }

  private mutating func takePaths(
    _ value: PickleValue?, _ reader: Reader
  ) throws(CheckpointError) {
    guard let value, !value.isNone else { return }
    guard let table = value.dict else {
      throw reader.damaged(nil, "the ways to its values (planner_data) are \(value.kind)")
    }
    // Any number of keys may have the same way.
    var known: [ObjectIdentifier: [Step]] = [:]
    for (key, steps) in table.entries {
      guard case .string(let key) = key else { continue }
      guard contents[key] != nil else {
        lostKeys.append(key)
        continue
      }
      guard let elements = steps.elements else {
        throw reader.damaged(key, "the way to its value is \(steps.kind)")
      }
      guard (1...Self.maximumStepCount).contains(elements.count) else {
        throw reader.damaged(
          key,
          "the way to its value has \(elements.count) steps, not 1 to \(Self.maximumStepCount)")
      }
      if let identity = steps.identity, let path = known[identity] {
        paths[key] = path
        continue
      }
      var path: [Step] = []
      for element in elements {
        switch element {
        case .string(let name): path.append(.key(name))
        case .int(let index) where index >= 0 && index <= Self.maximumIndex:
          path.append(.index(index))
        case .int(let index):
          throw reader.damaged(key, "the way to its value has element \(index)")
        default:
          throw reader.damaged(key, "the way to its value has a step that is \(element.kind)")
        }
      }
      paths[key] = path
      if let identity = steps.identity { known[identity] = path }
    }
  }
}

extension PickleValue {
  /// Which tuple it is; nil for all else.
  fileprivate var identity: ObjectIdentifier? {
    guard case .tuple(let tuple) = self else { return nil }
    return ObjectIdentifier(tuple)
  }
}

extension DistributedMetadata {
  /// Reads the parts of the table, and names the key in errors.
  private struct Reader {
    let file: String

    func damaged(_ key: String?, _ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file, place: key, reason: reason)
    }

    /// Where each piece is, by key and place; objects are at no place, which is written `nil`.
    func items(_ value: PickleValue?) throws(CheckpointError) -> [String: [[Int]?: Item]] {
      guard let table = value?.dict else {
        throw damaged(nil, "it does not say where the pieces are: storage_data is missing")
      }
      var items: [String: [[Int]?: Item]] = [:]
      for (index, info) in table.entries {
        guard case .instance(let index) = index, let facts = index.attributes,
          let key = facts["fqn"]?.stringValue
        else { throw damaged(nil, "a piece has \(index.kind) in the place of its index") }
        let place: [Int]?
        if let offset = facts["offset"], !offset.isNone {
          guard let numbers = lengths(offset) else {
            throw damaged(key, "a piece begins at \(offset.kind)")
          }
          place = numbers
        } else {
          place = nil
        }
        let item = try item(info, key)
        guard items[key, default: [:]].updateValue(item, forKey: place) == nil else {
          throw damaged(key, "two pieces are stored for the same place, \(place ?? [])")
        }
      }
      return items
    }

    private func item(_ value: PickleValue, _ key: String) throws(CheckpointError) -> Item {
      guard case .instance(let info) = value, let facts = info.attributes,
        let name = facts["relative_path"]?.stringValue, let offset = facts["offset"]?.intValue,
        let length = facts["length"]?.intValue
      else { throw damaged(key, "it is not said where a piece of it is") }
      guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.contains("\\"),
        !name.contains("\0")
      else {
        throw CheckpointError(
          .refused, file: file, place: key,
          reason:
            "a piece of it is said to be in \(name.debugDescription), which is no file of the "
            + "folder")
      }
      guard offset >= 0, length > 0, !offset.addingReportingOverflow(length).overflow else {
        throw damaged(key, "a piece of it is said to be \(length) bytes from byte \(offset) on")
      }
      if let transforms = facts["transform_descriptors"], !transforms.isNone,
        transforms.elements?.isEmpty != true
      {
        let names = transforms.elements?.compactMap(\.stringValue) ?? []
        throw CheckpointError(
          .unsupported, file: file, place: key,
          reason: "its bytes went through a transform (\(names.joined(separator: ", "))), which is "
            + "not undone here",
          advice: "Load it in PyTorch and save it without stream extensions.")
      }
      return Item(file: name, offset: offset, byteCount: length)
    }

    func content(
      _ value: PickleValue, _ key: String, _ items: inout [String: [[Int]?: Item]]
    ) throws(CheckpointError) -> Content {
      guard case .instance(let entry) = value else {
        throw damaged(key, "it is described by \(value.kind)")
      }
      if entry.hasName("BytesStorageMetadata") {
        guard let item = items[key]?.removeValue(forKey: nil) else {
          throw damaged(key, "it is not said where its bytes are")
        }
        return .object(item)
      }
      guard entry.hasName("TensorStorageMetadata") else {
        throw damaged(key, "it is described by an object of class \(entry.type)")
      }
      guard let facts = entry.attributes, let shape = facts["size"].flatMap(lengths),
        let chunks = facts["chunks"]?.elements
      else { throw damaged(key, "its description has no shape, or no pieces") }
      let dtype = try dtype(facts["properties"], key)
      guard let whole = Shape(validating: shape), whole.fits(dtype) else {
        throw damaged(key, "\(shape.listed) is the shape of no tensor of \(dtype)")
      }
      var pieces: [(box: Box, item: Item?)] = []
      pieces.reserveCapacity(chunks.count)
      for chunk in chunks {
        guard case .instance(let chunk) = chunk, let facts = chunk.attributes,
          let offsets = facts["offsets"].flatMap(lengths),
          let sizes = facts["sizes"].flatMap(lengths)
        else { throw damaged(key, "a piece of it is not described by offsets and sizes") }
        let box = Box(offsets, sizes)
        guard box.isWithin(shape) else {
          throw damaged(key, "\(BoxTiling.Fault.outside(box)), and its shape is \(shape.listed)")
        }
        let item = items[key]?[offsets]
        guard item != nil || box.isEmpty else {
          throw damaged(key, "it is not said where its piece \(box) is")
        }
        pieces.append((box, item))
      }
      for piece in pieces where piece.item != nil {
        items[key]?.removeValue(forKey: piece.box.offsets)
      }
      return .tensor(dtype, shape: shape, pieces: pieces)
    }

    private func dtype(_ properties: PickleValue?, _ key: String) throws(CheckpointError) -> DType {
      guard case .instance(let properties)? = properties else {
        throw damaged(key, "nothing says of which type it is")
      }
      let value = properties.state?.elements?.first ?? properties.attributes?["dtype"]
      guard case .global(let global)? = value, case .dtype(let dtype) = global.meaning else {
        throw CheckpointError(
          .unsupported, file: file, place: key,
          reason: "its type is \(value?.kind ?? "missing"), which is not a type that is read")
      }
      return dtype
    }

    /// The lengths of a shape, which may be a `torch.Size`; nil for what is none, or has more than
    /// ``maximumRank``: any number of pieces may have the same one.
    func lengths(_ value: PickleValue) -> [Int]? {
      var value = value
      if case .instance(let size) = value, size.type == "torch.Size" {
        guard let argument = size.arguments.first else { return nil }
        value = argument
      }
      guard let count = value.elements?.count, count <= Self.maximumRank else { return nil }
      return value.ints
    }

    /// PyTorch's own loops take tensors of up to 64 axes.
    private static let maximumRank = 128
  }
}

extension PickleInstance {
  /// Whether its class has this name, in whichever module that is by now.
  fileprivate func hasName(_ name: String) -> Bool {
    type.hasPrefix("torch.") && type.split(separator: ".").last.map(String.init) == name
  }
}
