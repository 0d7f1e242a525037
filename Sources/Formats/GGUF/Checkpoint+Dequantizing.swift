import Arrays
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// What became of quantised tensors.
public struct Dequantization: Sendable {
  /// The checkpoint with numbers in place of blocks.
  public var checkpoint: Checkpoint
  /// How many tensors were blocks.
  public var tensorCount = 0
  /// What rounding to a type narrower than `float32` lost.
  public var losses: [ConversionLoss] = []
  /// What is worth knowing, a sentence each.
  public var notes: [String] = []
}

extension Checkpoint {
  /// The keys of the tensors that are held as the bytes of quantised blocks.
  ///
  /// They are known by these keys, and other keys or shapes make plain bytes of them.
  public var quantisedKeys: [String] {
    let origin = origin.gguf
    return state.entries.compactMap { key, entry in
      origin.blockType(of: key, entry.array) == nil ? nil : key
    }
  }

  /// What is worth knowing of tensors that are held as the bytes of quantised blocks; nil if there are none.
  public var quantisedNote: String? {
    let origin = origin.gguf
    var counts: OrderedDictionary<String, Int> = [:]
    var opaque: [String] = []
    for (key, entry) in state.entries {
      guard let type = origin.blockType(of: key, entry.array) else { continue }
      counts[type.name, default: 0] += 1
      if BlockDecoder(type) == nil, !opaque.contains(type.name) { opaque.append(type.name) }
    }
    guard !counts.isEmpty else { return nil }
    let text = counts.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
    let advice =
      opaque.isEmpty
      ? "--dequantize makes numbers of them"
      : opaque.count == counts.count
        ? "no numbers are made of such"
        : "--dequantize makes numbers of them, but for \(opaque.joined(separator: ", "))"
    return "\(Dequantization.adviceBeginning) (\(text)); \(advice)"
  }

  /// How many numbers a tensor of the model has: of blocks those that are in them.
  public func numberCount(of key: String) -> Int {
    guard let array = state[key] else { return 0 }
    return origin.gguf.blockType(of: key, array)?.elementShape(ofBytes: array.shape.dimensions)?
      .reduce(1, *) ?? array.elementCount
  }

  /// Refuses tensors that are held as the bytes of quantised blocks, which are no weights to load.
  ///
  /// - Parameter file: The path of the file, for the error; nil to find it by what is mapped.
  /// - Throws: `CheckpointError` with code `unsupported` that names the first.
  public func requireNumbers(file: String? = nil) throws(CheckpointError) {
    let origin = origin.gguf
    for (key, entry) in state.entries {
      guard let type = origin.blockType(of: key, entry.array) else { continue }
      throw CheckpointError(
        .unsupported, file: file ?? mappedFiles.first?.path ?? "the checkpoint", place: key,
        reason: "it is held as the bytes of \(type.name) blocks, which are no numbers to load",
        advice: "Make numbers of them: ballast-convert --dequantize float32, or "
          + "Checkpoint.dequantized(to:).")
    }
  }

  /// The checkpoint with the numbers of quantised tensors in place of their blocks, as a GGUF file has them, or
  /// any file that was made of one. Ties stay ties.
  ///
  /// Numbers are made in `float32`, with the bits of `gguf.quants.dequantize` of `gguf` 0.19, and then
  /// converted. They are in memory, all of them. `general.file_type` of the metadata is made to say the new type.
  ///
  /// - Parameter type: `float32`, `float16` or `bfloat16`.
  /// - Throws: `CheckpointError` with code `unsupported` for blocks of which no numbers are made, as by `gguf`: Q8_1,
  ///   Q8_K and Q1_0. It names the first tensor, and the file that it is mapped from.
  public func dequantized(to type: DType = .float32) throws(CheckpointError) -> Dequantization {
    require(
      [.float32, .float16, .bfloat16].contains(type),
      "quantised tensors become float32, float16 or bfloat16, not \(type)")
    let origin = origin.gguf
    let file = mappedFiles.first?.path ?? "the checkpoint"
    // The names of one tensor stay names of one tensor.
    var work: OrderedDictionary<Blocks, [String]> = [:]
    var arrays: [(array: NDArray, decoder: BlockDecoder)] = []
    for (key, entry) in state.entries {
      guard let block = origin.blockType(of: key, entry.array) else { continue }
      guard let decoder = BlockDecoder(block) else {
        throw CheckpointError(
          .unsupported, file: file, place: key,
          reason: "no numbers are made of \(block.name) blocks",
          advice: "They can be kept as they are, or left out.")
      }
      let blocks = Blocks(identity: entry.array.identity, type: block)
      if work[blocks] == nil { arrays.append((entry.array, decoder)) }
      work[blocks, default: []].append(key)
    }
    var result = Dequantization(checkpoint: self)
    result.tensorCount = work.values.reduce(0) { $0 + $1.count }
    guard !work.isEmpty else { return result }
    let made = Mutex<[(array: NDArray, losses: [ConversionLoss])?]>(
      Array(repeating: nil, count: work.count))
    try CheckpointError.reporting(file) {
      try Parallel.forEach(work.count) { [work, arrays] number in
        let (blocks, keys) = work.elements[number]
        let numbers = arrays[number].decoder.decoded(arrays[number].array)
        let losses =
          type == .float32
          ? []
          : try numbers.conversionLosses(
            as: type, of: keys[0], "made \(type) of \(blocks.type.name) blocks"
          ).filter { $0.kind != .dtypeChanged }
        let converted = try numbers.converted(to: type)
        made.withLock { $0[number] = (converted, losses) }
      }
      try arrays.lazy.map(\.array).checkMappedFiles()
    }
    var rest = origin
    var counts: [String: Int] = [:]
    for ((blocks, keys), numbers) in zip(work, made.withLock { $0 }) {
      guard let numbers else { continue }
      for key in keys {
        result.checkpoint.state.entries[key]?.array = numbers.array
        rest.blocks[key] = nil
      }
      result.losses += numbers.losses
      counts[blocks.type.name, default: 0] += keys.count
    }
    result.checkpoint.origin.gguf = rest
    let text = counts.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
    result.notes.append("quantised tensors became \(type): " + text.joined(separator: ", "))
    result.sayFileType(type)
    return result
  }
}

/// A tensor that is held as blocks, whatever its names are.
private struct Blocks: Hashable {
  let identity: NDArray.Identity
  let type: GGUFTensorType
}

extension Dequantization {
  fileprivate static let adviceBeginning = "quantised tensors are kept as the bytes of their blocks"

  /// Whether a note of the reading says that blocks are kept, which is not so any more once numbers were made of them.
  public static func isAdvice(_ note: String) -> Bool { note.hasPrefix(adviceBeginning) }

  /// Says in the metadata of what type the file is, where they say it.
  fileprivate mutating func sayFileType(_ type: DType) {
    let key = LlamaFileType.key
    guard let number = LlamaFileType.number(of: type), let known = checkpoint.metadata[key],
      known != .int(number)
    else { return }
    checkpoint.metadata[key] = .int(number)
    notes.append("\(key) was \(known.json()), and is \(number) now")
  }
}
