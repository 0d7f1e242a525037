import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// The GGUF file, or the parts of a split one, that a path leads to, open for reading.
struct GGUFSource: CheckpointSource {
  private let parts: GGUFSet
  private let access: Access
  private var files: [GGUFFile] { parts.files }
  private var first: GGUFFile { files[0] }

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    parts = try GGUFSet(probe)
    self.access = access
  }

  /// Makes a checkpoint of the tensors and the metadata.
  ///
  /// With `Access.verified` all tensors are read into memory. What is read rather than mapped is compared
  /// with the checksums that Ballast writes with an outline, but for `Access.unverified`.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for the first tensor that does not match.
  func read() throws -> ReadResult {
    var tensors: OrderedDictionary<String, NDArray> = [:]
    let checksums = access == .unverified ? ChecksumTable() : try first.checksums()
    for file in files {
      var mine = file.tensors
      if access != .unverified {
        // What is not where it can be mapped was read when the file was opened.
        let comparison = try file.compared(
          with: checksums, access == .verified ? .copying : .inMemory)
        if let name = comparison.mismatched.first {
          throw ChecksumTable.mismatch(name, in: file.path)
        }
        mine = comparison.tensors
      }
      for (name, array) in mine { tensors[name] = array }
    }
    return try GGUFContent(parts, tensors).result()
  }

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    var unprotectedCount = 0
    var checksums = ChecksumTable()
    var areKnown = true
    do throws(CheckpointError) {
      checksums = try first.checksums()
    } catch {
      verification.problems.append(error)
      areKnown = false
    }
    for file in files {
      verification.tensorCount += file.tensors.count
      verification.byteCount += file.tensors.values.reduce(0) { $0 + $1.byteCount }
      guard areKnown else { continue }
      unprotectedCount += try verification.take(file.path) {
        try file.compared(with: checksums, .all, known: known)
      }
    }
    if checkpoint == nil {
      // An outline that cannot be used is damage as well: nothing can be read without it.
      do throws(CheckpointError) {
        _ = try CheckpointError.reporting(first.path) {
          try GGUFContent(parts, tensors).result()
        }
      } catch {
        guard error.code == .damaged || !verification.problems.isEmpty else { throw error }
        verification.problems.append(error)
      }
    }
    verification.notes += [
      ChecksumTable.note(
        unprotected: unprotectedCount, of: verification.tensorCount, formatName: "GGUF")
    ].compactMap(\.self)
    return verification
  }

  private var tensors: OrderedDictionary<String, NDArray> {
    var tensors: OrderedDictionary<String, NDArray> = [:]
    for file in files {
      for (name, array) in file.tensors { tensors[name] = array }
    }
    return tensors
  }

  /// The facts `version`, `byte_order`, `alignment`, `architecture`; of a split model `files` and `bytes`, the
  /// size of all; `types`, how many tensors and bytes are of each type; `bits_per_weight`, the mean over all
  /// elements; `blocks`, the type and shape of each tensor that is held as blocks; and `metadata`, the
  /// types of the values in the file.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [
        "version": .int(Int(first.header.version)),
        "byte_order": .string(first.header.isBigEndian ? "big-endian" : "little-endian"),
        "alignment": .int(first.header.alignment),
      ]
      if let name = first.header.pairs[GGUFMetadata.architectureKey]?.value.stringValue {
        facts["architecture"] = .string(name)
      }
      if files.count > 1 {
        facts["files"] = .int(files.count)
        facts["bytes"] = .int(try Folder.byteCount(of: files.map(\.path)))
      }
      let entries = files.flatMap { $0.header.entries.elements }
      var types: OrderedDictionary<String, (count: Int, byteCount: Int)> = [:]
      var blocks: OrderedDictionary<Value.Key, Value> = [:]
      var elementCount = 0.0
      for (name, entry) in entries {
        types[entry.type.name, default: (0, 0)].count += 1
        types[entry.type.name, default: (0, 0)].byteCount += entry.range.count
        elementCount += entry.dimensions.reduce(1.0) { $0 * Double($1) }
        guard entry.type.isBlocks else { continue }
        blocks[.string(name)] = .string("\(entry.type.name) \(Shape(entry.dimensions))")
      }
      facts["types"] = .dict(
        OrderedDictionary(
          uniqueKeysWithValues: types.map { name, sum in
            (.string(name), ["tensors": .int(sum.count), "bytes": .int(sum.byteCount)])
          }))
      if elementCount > 0 {
        let bits = 8 * Double(types.values.reduce(0) { $0 + $1.byteCount }) / elementCount
        facts["bits_per_weight"] = .float((bits * 1000).rounded() / 1000)
      }
      if !blocks.isEmpty { facts["blocks"] = .dict(blocks) }
      facts["metadata"] = .dict(
        OrderedDictionary(
          uniqueKeysWithValues: first.header.pairs.map {
            (.string($0.key), .string(Self.text($0.value)))
          }))
      return facts
    }
  }

  /// A value of the metadata in a line, with its type.
  private static func text(_ pair: GGUFHeader.Pair) -> String {
    switch (pair.type, pair.value) {
    case (.scalar(let type), .bytes(let bytes)): "\(type.name) of \(bytes.count) bytes"
    case (.scalar(let type), .string(let text)): "\(type.name) \(text)"
    case (.scalar(let type), let value): "\(type.name) \(value.json())"
    case (.array(let type), .list(let elements)): "\(elements.count) × \(type.name)"
    case (.array(let type), .tensor(let array)): "\(array.elementCount) × \(type.name)"
    case (_, let value): "\(value.elements?.count ?? 0) × ARRAY"
    }
  }
}
