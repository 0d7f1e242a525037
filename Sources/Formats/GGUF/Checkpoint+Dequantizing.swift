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

  /// The checkpoint with the numbers of quantised tensors in place of their blocks, as a GGUF file has them, or
  /// any file that was made of one.
  ///
  /// Numbers are made in `float32`, with the bits of `gguf.quants.dequantize` of `gguf` 0.19, and then
  /// converted. They are in memory, all of them. `general.file_type` of the metadata is made to say the new type.
  ///
  /// - Parameter type: `float32`, `float16` or `bfloat16`.
  /// - Throws: `CheckpointError` with code `unsupported` for blocks of which no numbers are made: IQ1, IQ2,
  ///   IQ3, Q8_1, Q8_K and Q1_0. It names the first tensor.
  public func dequantized(to type: DType = .float32) throws(CheckpointError) -> Dequantization {
    require(
      [.float32, .float16, .bfloat16].contains(type),
      "quantised tensors become float32, float16 or bfloat16, not \(type)")
    let origin = origin.gguf
    var work: [(key: String, array: NDArray, decoder: BlockDecoder, type: GGUFTensorType)] = []
    for (key, entry) in state.entries {
      guard let block = origin.blockType(of: key, entry.array) else { continue }
      guard let decoder = BlockDecoder(block) else {
        throw CheckpointError(
          .unsupported, file: key, reason: "no numbers are made of \(block.name) blocks",
          advice: "They can be kept as they are.")
      }
      work.append((key, entry.array, decoder, block))
    }
    var result = Dequantization(checkpoint: self)
    result.tensorCount = work.count
    guard !work.isEmpty else { return result }
    let made = Mutex<[(array: NDArray, losses: [ConversionLoss])?]>(
      Array(repeating: nil, count: work.count))
    try CheckpointError.reporting(work[0].key) {
      try Parallel.forEach(work.count) { [work] number in
        let (key, array, decoder, block) = work[number]
        let numbers = decoder.decoded(array)
        let losses =
          type == .float32
          ? []
          : try numbers.conversionLosses(as: type, of: key, "made \(type) of \(block.name) blocks")
            .filter { $0.kind != .dtypeChanged }
        let converted = try numbers.converted(to: type)
        made.withLock { $0[number] = (converted, losses) }
      }
      try work.lazy.map(\.array).checkMappedFiles()
    }
    var rest = origin
    for (part, numbers) in zip(work, made.withLock { $0 }) {
      guard let numbers else { continue }
      result.checkpoint.state.entries[part.key]?.array = numbers.array
      result.losses += numbers.losses
      rest.blocks[part.key] = nil
    }
    result.checkpoint.origin.gguf = rest
    let counts = Dictionary(grouping: work, by: \.type.name).mapValues(\.count)
    let text = counts.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
    result.notes.append("quantised tensors became \(type): " + text.joined(separator: ", "))
    result.sayFileType(type)
    return result
  }
}

extension Dequantization {
  /// Says in the metadata of what type the file is, where they say it.
  fileprivate mutating func sayFileType(_ type: DType) {
    let key = "general.file_type"
    // `LlamaFileType` of `gguf` 0.19: ALL_F32, MOSTLY_F16, MOSTLY_BF16.
    let number = type == .float32 ? 0 : type == .float16 ? 1 : 32
    guard let known = checkpoint.metadata[key], known != .int(number) else { return }
    checkpoint.metadata[key] = .int(number)
    notes.append("\(key) was \(known.json()), and is \(number) now")
  }
}
