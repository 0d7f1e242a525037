import Checkpoints
import Files
import OrderedCollections
import States

/// The GGUF format of llama.cpp: one file, or the parts of a split one.
struct GGUFFormat: CheckpointFormat {
  let id = "gguf"
  let displayName = "GGUF"
  let endings = ["gguf"]

  /// Written and read, with roles, without compression.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.options = GGUFOptions.self
    traits.mixesTensors = true
    traits.holdsAsValue = { key, checkpoint in
      checkpoint.metadata[key].flatMap {
        GGUFMetadata.type(of: $0, key, kept: checkpoint.origin.gguf.types[key])
      } != nil
    }
    traits.compression = .none("it has blocks of quantised numbers instead")
    return traits
  }

  /// Recognises a file by its first four bytes.
  ///
  /// - Returns: Certain, or nil. One that was cut short within these is recognised by its name, so that
  ///   opening it reports the damage.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard !probe.isFolder, !probe.head.isEmpty else { return nil }
    if probe.head.starts(with: GGUFHeader.magic) { return .certain }
    return GGUFHeader.magic.starts(with: probe.head) && probe.name.hasSuffix(".gguf")
      ? .certain : nil
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try GGUFSource(probe, access)
  }

  /// The types of the tensors that are blocks; those of the metadata are of what is left behind.
  func originEntry(ofModelIn entry: Value) -> Value? {
    var origin = GGUFOrigin(entry)
    origin.types = [:]
    return origin.value
  }

  /// The types of those tensors of the part that are blocks.
  func originEntry(_ entry: Value, ofPartWith keys: [String: String]) -> Value? {
    let whole = GGUFOrigin(entry)
    var part = GGUFOrigin(nil)
    for (key, before) in keys { part.blocks[key] = whole.blocks[before] }
    return part.value
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try GGUFWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// The GGUF format of llama.cpp: one file, or the parts of a split one, which are read as one.
  ///
  /// Tensors of quantised numbers are held as the bytes of their blocks, with the type kept in the origin:
  /// see `Checkpoint.dequantized(to:)`. What the format cannot say (roles, the optimizer, types that it
  /// lacks) travels as JSON in values of its metadata, where other programs pass over it.
  public static let gguf = FileFormat(GGUFFormat())
}

/// How GGUF files are written.
///
/// ```swift
/// var options = WriteOptions()
/// options.gguf.quantization = .q8
/// try checkpoint.write(to: "model.gguf", format: .gguf, options: options)
/// ```
public struct GGUFOptions: FormatOptions {
  /// A way to quantise numbers.
  public enum Quantization: String, Sendable, CaseIterable {
    /// Q8_0: 8 bits for each of 32 numbers, with a scale of half precision: 8.5 bits for each.
    case q8 = "q8_0"
    /// Q4_0: 4 bits for each of 32 numbers, with a scale of half precision: 4.5 bits for each.
    case q4 = "q4_0"
  }

  /// The format's name in a sentence, for errors.
  public static let formatName = "GGUF"

  /// How the model's floating-point tensors of two to four dimensions are quantised, if their rows are
  /// multiples of 32 elements; nil, the default, does not. The others stay as they are.
  public var quantization: Quantization?

  /// The default options: nothing is quantised.
  public init() {}
}

extension WriteOptions {
  /// The options for GGUF files. Writing any other format with options other than the defaults is refused.
  public var gguf: GGUFOptions {
    get { self[GGUFOptions.self] }
    set { self[GGUFOptions.self] = newValue }
  }
}
