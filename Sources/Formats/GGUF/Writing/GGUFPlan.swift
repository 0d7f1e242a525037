import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// What will be in a GGUF file, before the first byte is written.
struct GGUFPlan {
  /// A tensor of the file.
  struct Item {
    /// The name in the file.
    let name: String
    let array: NDArray
    let type: GGUFTensorType
    /// The lengths, the outermost first.
    let dimensions: [Int]
    /// The type to which elements are converted as they are written.
    let writtenAs: DType
    /// What quantises it; nil for what is written as it is.
    let encoder: BlockEncoder?
    /// The bytes in the file.
    let byteCount: Int
  }

  /// The tensors, in the order of the file.
  private(set) var items: [Item] = []
  /// The metadata but for the checksums, in the order of the file.
  private(set) var pairs: OrderedDictionary<String, GGUFHeader.Pair> = [:]
  /// Of what offsets are multiples.
  private(set) var alignment = GGUFHeader.usualAlignment
  /// Whether there is an outline, with which checksums go.
  private(set) var hasOutline = false
  /// What other programs see in place of what is there. Ballast reads all but what is quantised back.
  private(set) var losses: [ConversionLoss] = []
  /// How many names of tensors there are.
  let tensorCount: Int

  /// The longest name that the loader of llama.cpp takes, in bytes.
  private static let maximumNameByteCount = 63

  /// What becomes of a name that the loader would not take.
  static func storedName(_ key: String) -> String {
    let isSound = !key.isEmpty && key.utf8.count <= maximumNameByteCount && !key.utf8.contains(0)
    guard !isSound else { return key }
    // Room for the number that a second one of the same would get.
    var beginning = ""
    for character in key where !character.utf8.contains(0) {
      guard beginning.utf8.count + character.utf8.count <= 40 else { break }
      beginning.append(character)
    }
    return "\(beginning)~\(Digest(crc32: CRC32.checksum(Array(key.utf8))))"
  }

  /// Decides the name and the type of every tensor, and what is said of them.
  ///
  /// - Parameters:
  ///   - file: The path, for errors.
  ///   - options: Whether tensors are converted or quantised.
  /// - Throws: `CheckpointError` with code `unsupported` if the outline cannot be written.
  init(
    _ checkpoint: Checkpoint, file: String, options: WriteOptions
  ) throws(CheckpointError) {
    let origin = checkpoint.origin.gguf
    // The file says itself what is kept for it, but for what it cannot hold in its own form.
    var kept = GGUFOrigin(nil)
    var rest = checkpoint
    rest.metadata = [:]
    var said: OrderedDictionary<String, GGUFHeader.Pair> = [:]
    for (key, value) in checkpoint.metadata {
      if let type = GGUFMetadata.type(of: value, key, kept: origin.types[key]) {
        said[key] = .init(type: type, value: value)
      } else {
        rest.metadata[key] = value
        guard case .nested? = origin.types[key], value.elements != nil else { continue }
        kept.types[key] = origin.types[key]
        losses.append(
          ConversionLoss(
            .metadataDropped, key,
            "llama.cpp refuses files with arrays of arrays; other programs do not see it, Ballast does"
          ))
      }
    }
    for (key, entry) in checkpoint.state.entries where Self.blocks(key, entry.array, origin) == nil
    {
      kept.blocks[key] = origin.blockType(of: key, entry.array)
    }
    rest.origin.gguf = kept
    let outline = try CheckpointOutline(
      rest, file: file, options: options, copyingTies: true, naming: Self.storedName)
    tensorCount = outline.tensorCount
    var carriers = GGUFCarriers()
    add(outline, of: checkpoint, origin, options, &carriers)
    let quantised = items.compactMap(\.encoder).first
    if let alignment = said[GGUFHeader.alignmentKey]?.value.intValue { self.alignment = alignment }
    if said[GGUFMetadata.architectureKey] == nil {
      pairs[GGUFMetadata.architectureKey] = Self.text(GGUFMetadata.ownArchitecture)
    }
    for (key, pair) in said { pairs[key] = pair }
    if let quantised {
      sayQuantised(quantised.type)
    } else if let dtype = options.floatingPointType, !items.contains(where: \.type.isBlocks) {
      sayFileType(of: dtype)
    }
    if !isRedundant(outline, rest, checkpoint, origin) {
      hasOutline = true
      pairs[GGUFMetadata.outlineKey] = Self.text(outline.json)
      let names = Array(said.keys) + rest.metadata.keys
      if !rest.metadata.isEmpty, names != Array(checkpoint.metadata.keys) {
        pairs[GGUFMetadata.orderKey] = .init(
          type: .array(.string), value: .list(checkpoint.metadata.keys.map { .string($0) }))
      }
    }
    if !carriers.records.isEmpty {
      pairs[GGUFMetadata.carriersKey] = Self.text(carriers.json)
    }
  }

  private static func text(_ text: String) -> GGUFHeader.Pair {
    .init(type: .scalar(.string), value: .string(text))
  }

  /// Decides the type of each tensor.
  private mutating func add(
    _ outline: CheckpointOutline, of checkpoint: Checkpoint, _ origin: GGUFOrigin,
    _ options: WriteOptions, _ carriers: inout GGUFCarriers
  ) {
    let keys = checkpoint.state.keys
    let encoder = options.gguf.quantization.map(BlockEncoder.init)
    for (index, tensor) in outline.tensors.enumerated() {
      // Those of the model come first, each under a name of its own.
      let key = index < keys.count ? keys[index] : nil
      let shape = tensor.array.shape
      if let key, key != tensor.name {
        losses.append(
          ConversionLoss(
            .keyChanged, key,
            "GGUF names have at most \(Self.maximumNameByteCount) bytes; other programs see the tensor "
              + "under \"\(tensor.name)\", Ballast under this"))
      }
      if let key, let (type, dimensions) = Self.blocks(key, tensor.array, origin) {
        append(tensor, type, dimensions, as: .uint8)
      } else if key != nil, let encoder, encoder.canEncode(tensor.array.dtype, shape) {
        append(tensor, encoder.type, shape.dimensions, as: tensor.array.dtype, encoder)
        losses.append(
          ConversionLoss(
            .valueRounded, key ?? tensor.name,
            "quantised to \(encoder.type.name) from \(tensor.array.dtype)"))
      } else {
        carry(tensor, key ?? tensor.name, &carriers)
      }
    }
  }

  /// The type and the lengths of a tensor that is written as blocks; nil for one that is none, or of a shape that
  /// the loader of llama.cpp does not take.
  private static func blocks(
    _ key: String, _ array: NDArray, _ origin: GGUFOrigin
  ) -> (type: GGUFTensorType, dimensions: [Int])? {
    let shape = array.shape
    guard shape.rank <= GGUFCarriers.maximumRank, shape.elementCount > 0,
      let type = origin.blockType(of: key, array),
      let dimensions = type.elementShape(ofBytes: shape.dimensions)
    else { return nil }
    return (type, dimensions)
  }

  /// Adds a tensor that is no blocks, and says what it is where GGUF cannot.
  private mutating func carry(
    _ tensor: CheckpointOutline.StoredTensor, _ subject: String, _ carriers: inout GGUFCarriers
  ) {
    let shape = tensor.array.shape
    guard shape.elementCount > 0 else {
      carriers.add(tensor.name, tensor.dtype, shape)
      losses.append(
        ConversionLoss(
          .tensorDropped, subject,
          "GGUF has no tensors without elements; other programs do not see it, Ballast does"))
      return
    }
    let carrier = GGUFCarriers.carrier(of: tensor.dtype, shape)
    let isSame =
      carrier.type.dtype == tensor.dtype && carrier.dimensions == shape.dimensions
    if !isSame {
      carriers.add(tensor.name, tensor.dtype, shape)
      losses.append(
        ConversionLoss(
          .dtypeChanged, subject,
          "GGUF has no \(tensor.dtype) of shape \(shape); other programs see \(carrier.type.name) of shape "
            + "\(Shape(carrier.dimensions)), Ballast the same tensor"))
    }
    append(tensor, carrier.type, carrier.dimensions, as: carrier.writtenAs)
  }

  private mutating func append(
    _ tensor: CheckpointOutline.StoredTensor, _ type: GGUFTensorType, _ dimensions: [Int],
    as dtype: DType, _ encoder: BlockEncoder? = nil
  ) {
    // Of blocks as many bytes as their array has, or fewer than those that are quantised; of others the
    // bytes of their elements, which are in memory or in a file.
    let byteCount = dimensions.reduce(1, *) / type.blockElementCount * type.blockByteCount
    items.append(
      Item(
        name: tensor.name, array: tensor.array, type: type, dimensions: dimensions,
        writtenAs: dtype, encoder: encoder, byteCount: byteCount))
  }

  /// Says what llama.cpp's own files say when they have quantised tensors.
  private mutating func sayQuantised(_ type: GGUFTensorType) {
    // `LlamaFileType` of `gguf` 0.19: MOSTLY_Q8_0 and MOSTLY_Q4_0.
    let sayings = [
      (LlamaFileType.key, type == .q80 ? 7 : 2), ("general.quantization_version", 2),
    ]
    for (key, number) in sayings { say(key, number, type.name) }
  }

  /// Says of what type the file is, where it said it before and is of another now.
  private mutating func sayFileType(of dtype: DType) {
    guard pairs[LlamaFileType.key] != nil, let number = LlamaFileType.number(of: dtype) else {
      return
    }
    say(LlamaFileType.key, number, "\(dtype)")
  }

  private mutating func say(_ key: String, _ number: Int, _ what: String) {
    if let known = pairs[key], known.value != .int(number) {
      losses.append(
        ConversionLoss(
          .metadataDropped, key,
          "it was \(known.value.json().prefix(40)), and is \(number) for \(what)"))
    }
    pairs[key] = .init(type: .scalar(.uint32), value: .int(number))
  }

  /// Whether a reader finds the same checkpoint without the outline.
  private func isRedundant(
    _ outline: CheckpointOutline, _ rest: Checkpoint, _ checkpoint: Checkpoint,
    _ origin: GGUFOrigin
  ) -> Bool {
    !outline.describesNames && items.map(\.name) == Array(checkpoint.state.keys)
      && rest.state.moduleVersions.isEmpty && rest.optimizer == nil && rest.architecture == nil
      && rest.origin.isEmpty && rest.metadata.isEmpty
      && zip(checkpoint.state.entries, items).allSatisfy { entry, item in
        guard let role = entry.value.role else { return true }
        // Of blocks a reader takes the roles by their names alone.
        let dtype = item.type.isBlocks ? .float32 : entry.value.array.dtype
        let isBuffer = RoleRule.isBufferByTypeOrName(entry.key, dtype) {
          checkpoint.state[$0] != nil
        }
        return role == (isBuffer ? .buffer : .parameter)
      }
  }
}

/// What files of llama.cpp say of the type of most of their tensors: `LlamaFileType` of `gguf` 0.19.
enum LlamaFileType {
  /// The key in the metadata.
  static let key = "general.file_type"

  /// The number for tensors of a plain type: ALL_F32, MOSTLY_F16, MOSTLY_BF16; nil for others.
  static func number(of dtype: DType) -> Int? {
    switch dtype {
    case .float32: 0
    case .float16: 1
    case .bfloat16: 32
    default: nil
    }
  }
}
