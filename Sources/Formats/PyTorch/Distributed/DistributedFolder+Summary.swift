import Checkpoints
import Files
import OrderedCollections

extension DistributedFolder {
  /// All pieces with the keys that they are of, each once.
  var items: [(key: String, item: DistributedMetadata.Item)] {
    var known: Set<DistributedMetadata.Item> = []
    var items: [(key: String, item: DistributedMetadata.Item)] = []
    for (key, content) in metadata.contents {
      let own: [DistributedMetadata.Item]
      switch content {
      case .object(let item): own = [item]
      case .tensor(_, _, let pieces): own = pieces.compactMap(\.item)
      }
      for item in own where known.insert(item).inserted { items.append((key, item)) }
    }
    return items
  }

  /// What is in the folder, counted.
  struct Summary {
    var tensorCount = 0
    var objectCount = 0
    var pieceCount = 0
    /// How many tensors are in one piece: they were replicated, or only one rank had them.
    var wholeCount = 0
    var files: OrderedDictionary<String, File> = [:]

    /// What is in one file.
    struct File {
      var byteCount = 0
      var wholeCount = 0
      var partCount = 0
      var objectCount = 0
    }
  }

  var summary: Summary {
    var summary = Summary()
    for name in metadata.files {
      summary.files[name] = .init(byteCount: files[name]?.byteCount ?? 0)
    }
    for content in metadata.contents.values {
      switch content {
      case .object(let item):
        summary.objectCount += 1
        summary.files[item.file]?.objectCount += 1
      case .tensor(_, _, let pieces):
        summary.tensorCount += 1
        summary.pieceCount += pieces.count
        let isWhole = pieces.count { !$0.box.isEmpty } <= 1
        if isWhole { summary.wholeCount += 1 }
        for case let item? in pieces.map(\.item) {
          if isWhole {
            summary.files[item.file]?.wholeCount += 1
          } else {
            summary.files[item.file]?.partCount += 1
          }
        }
      }
    }
    return summary
  }
}
