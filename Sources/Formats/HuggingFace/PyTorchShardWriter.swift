import Arrays
import Checkpoints
import Files
import OrderedCollections
import PyTorchFiles
import States

/// Writes a model as files that are each a pickled state dict, as `torch.save` makes them.
///
/// Tensors go on in the next file when one is full, in order, and those that share memory into the
/// same file, as in huggingface_hub's `split_torch_state_dict_into_shards`. What is not the model has
/// no place in such files: transformers would take every entry for a tensor of the model. What formats
/// keep for the way back to them is in the first file, in a member that `torch.load` passes over.
struct PyTorchShardWriter {
  private let shards: [(keys: [String], writer: PyTorchWriter)]
  private let order: [String]
  private let dropped: [ConversionLoss]
  private let byteCount: Int

  init(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions, shardByteCount: Int
  ) {
    var options = options
    options.pytorch.layout = .stateDict
    let blocks = Self.blocks(checkpoint.state, options)
    var parts: [[String]] = []
    var size = 0
    for block in blocks {
      if parts.isEmpty || size > 0 && size + block.byteCount > shardByteCount {
        parts.append([])
        size = 0
      }
      parts[parts.count - 1] += block.keys
      size += block.byteCount
    }
    if parts.isEmpty { parts = [[]] }
    shards = parts.enumerated().map { number, keys in
      let keys = Set(keys)
      var part = Checkpoint(state: StateDict())
      part.state.entries = checkpoint.state.entries.filter { keys.contains($0.key) }
      if number == 0 {
        // Readers take these from whichever file has them.
        part.state.moduleVersions = checkpoint.state.moduleVersions
        part.architecture = checkpoint.architecture
      }
      let origin = number == 0 ? checkpoint.originForFirstFile(of: parts.count) : Origin()
      return (Array(part.state.keys), PyTorchWriter(part, to: path, options, carrying: origin))
    }
    order = Array(checkpoint.state.keys)
    byteCount = blocks.reduce(0) { $0 + $1.byteCount }
    dropped = Self.dropped(checkpoint)
  }

  /// Tensors that belong into one file, and the bytes of their elements, each counted once.
  private static func blocks(
    _ state: StateDict, _ options: WriteOptions
  ) -> [(keys: [String], byteCount: Int)] {
    var blocks: OrderedDictionary<ObjectIdentifier, (keys: [String], layouts: Set<View>)> = [:]
    for (key, entry) in state.entries {
      let array = entry.array
      let type = options.type(for: array.dtype)
      let id = ObjectIdentifier(array.storage)
      blocks[id, default: ([], [])].keys.append(key)
      blocks[id, default: ([], [])].layouts.insert(
        View(
          dtype: array.dtype, layout: array.layout,
          byteCount: array.elementCount * type.itemSize))
    }
    return blocks.values.map { ($0.keys, $0.layouts.reduce(0) { $0 + $1.byteCount }) }
  }

  /// What distinguishes tensors of one storage.
  private struct View: Hashable {
    let dtype: DType
    let layout: Layout
    let byteCount: Int
  }

  private static func dropped(_ checkpoint: Checkpoint) -> [ConversionLoss] {
    var losses: [ConversionLoss] = []
    if checkpoint.optimizer != nil {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil, "the optimizer's state was left out: pytorch_model.bin has none"))
    }
    for name in checkpoint.metadata.keys {
      losses.append(
        ConversionLoss(
          .metadataDropped, name, "it was left out: pytorch_model.bin holds the model alone"))
    }
    return losses
  }

  /// How many files there will be, the index not counted.
  var fileCount: Int { shards.count }

  /// What is going to be written.
  var summary: WriteSummary {
    WriteSummary(
      tensorCount: order.count, tensorByteCount: byteCount,
      losses: dropped + shards.flatMap(\.writer.losses))
  }

  /// Writes all files.
  ///
  /// - Returns: The bytes of all.
  func fill(_ files: [ReplacementFile], recording seen: ReadChecksums?) throws -> Int {
    try zip(files, shards).reduce(0) { total, pair in
      total + (try pair.1.writer.fill(pair.0, recording: seen).fileByteCount)
    }
  }

  /// The index of files of these names: which one has which tensor, in the order of the model.
  func indexJSON(of names: [String]) -> [UInt8] {
    var files: [String: String] = [:]
    for (shard, name) in zip(shards, names) {
      for key in shard.keys { files[key] = name }
    }
    var map: OrderedDictionary<Value.Key, Value> = [:]
    for key in order { map[.string(key)] = files[key].map(Value.string) }
    let index: Value = [
      "metadata": ["total_size": .int(byteCount)], "weight_map": .dict(map),
    ]
    return Array((index.json(pretty: true) + "\n").utf8)
  }
}
