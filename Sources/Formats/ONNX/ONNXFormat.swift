import Checkpoints
import Files
import OrderedCollections
import States

/// The ONNX format: a model as a message of protocol buffers, and the files beside it that hold elements of its
/// tensors.
struct ONNXFormat: CheckpointFormat {
  let id = "onnx"
  let displayName = "ONNX"
  let endings = ["onnx"]

  /// Written and read, with roles, without compression.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.options = ONNXOptions.self
    traits.mixesTensors = true
    return traits
  }

  /// Recognises a file by its fields, since the format has no mark: all that there are, and none of another wire
  /// type than it has in a model, with a version and a graph among them.
  ///
  /// - Returns: Certain, or nil. A file of the format's name that begins as one is recognised too, so that opening
  ///   it reports the damage.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard !probe.isFolder, let first = probe.head.first, Self.begins(with: first) else {
      return nil
    }
    let isNamed = probe.name.lowercased().hasSuffix(".onnx")
    // The version comes first in whatever programs write.
    if isNamed, first == 0x08 { return .certain }
    let isSound = try ifSound {
      var reader = ProtobufReader(try probe.file)
      var numbers: Set<Int> = []
      while let field = try reader.next() {
        guard Self.kinds[field.number] == field.content.wireType else { return false }
        numbers.insert(field.number)
      }
      return numbers.isSuperset(of: [1, 7])
    }
    return isSound == true ? .certain : nil
  }

  /// Whether a byte is the first of a model: the key of one of its fields.
  static func begins(with byte: UInt8) -> Bool {
    kinds.contains { $0.key << 3 | $0.value == Int(byte) }
  }

  /// The fields of a model, with the type that each has on the wire.
  private static let kinds = [
    1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2,
  ]

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try ONNXSource(probe, access)
  }

  /// The types of the tensors that are held as bytes; what a file says of itself is of what is left behind.
  func originEntry(ofModelIn entry: Value) -> Value? {
    var origin = ONNXOrigin(entry)
    origin.header = ONNXHeader()
    return origin.value
  }

  /// The types of those tensors of the part that are held as bytes.
  func originEntry(_ entry: Value, ofPartWith keys: [String: String]) -> Value? {
    let whole = ONNXOrigin(entry)
    var part = ONNXOrigin(nil)
    for (key, before) in keys { part.packed[key] = whole.packed[before] }
    return part.value
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    guard let template = options.onnx.template else {
      return try ONNXWriter(checkpoint, to: path, options)
    }
    return try ONNXTemplateWriter(checkpoint, template: template, to: path, options)
  }
}

extension ProtobufField.Content {
  /// The number of the wire type.
  fileprivate var wireType: Int {
    switch self {
    case .varint: 0
    case .fixed64: 1
    case .bytes: 2
    case .fixed32: 5
    }
  }
}

extension FileFormat {
  /// The ONNX format: the weights and constants of a model, in one file or with further ones beside it.
  ///
  /// The graph that computes with them does not come over. Written are weights alone, or weights into a model
  /// that is there: see ``ONNXOptions/template``. What named tensors cannot express (roles, ties, the optimizer,
  /// typed metadata) travels as JSON in the metadata of the model, where other programs pass over it.
  public static let onnx = FileFormat(ONNXFormat())
}

/// How ONNX files are written.
///
/// ```swift
/// var options = WriteOptions()
/// options.onnx.template = "deployed.onnx"
/// try checkpoint.write(to: "tuned.onnx", format: .onnx, options: options)
/// ```
public struct ONNXOptions: FormatOptions {
  /// The format's name in a sentence, for errors.
  public static let formatName = "ONNX"

  /// The path of an ONNX file whose initializers and constants get the values of the tensors of their names;
  /// everything else in it is copied to the byte, and so are the files beside it. nil, the default, writes the
  /// weights alone.
  ///
  /// Planning the file throws `CheckpointError` with code `unsupported` if a tensor of the same name has another
  /// type or shape or is not of the main graph alone, or if the template has a batch normalisation folded into other
  /// weights, which cannot be replaced by those of the model then. What one of the two has and the other has not is
  /// a loss.
  public var template: String?

  /// From how many bytes of tensors on these go into a file beside the model, `NAME.onnx.data`, since no library
  /// reads a message of 2 GiB or more. 1.5 GiB, the default, leaves room for everything else.
  public var inlineByteCount = 3 << 29

  /// The default options: the weights alone, in one file below 1.5 GiB.
  public init() {}
}

extension WriteOptions {
  /// The options for ONNX files. Writing any other format with options other than the defaults is refused.
  public var onnx: ONNXOptions {
    get { self[ONNXOptions.self] }
    set { self[ONNXOptions.self] = newValue }
  }
}
