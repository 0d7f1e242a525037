import Arrays
import Checkpoints
import NN
import States

/// How another source names the tensors of a model, as a way from its names to the model's own.
///
/// A model declares the sources that it knows: see ``NamedBySources``. A naming is only taken if by it
/// every tensor of the file has its place in the model and none is left, and the report of the load
/// names it.
///
/// ```swift
/// let naming = KeyNaming(
///   "ours-from-theirs", try TensorMapping(rules: [.rename(pattern: "^net\\.", to: "", inverse: nil)]))
/// ```
public struct KeyNaming: Sendable {
  /// The name, for messages: what it makes, and what it makes that of, as in
  /// `torchvision-vit-from-timm`.
  public let name: String
  /// The rules that lead to the model's names.
  public let mapping: TensorMapping
  /// Tensors that the source saves and the model lacks, by the model's naming, each with the one
  /// whose copy it is. They are left out where the two are the same to the bit, as a tied head is.
  public let copies: [String: String]
  /// What the source does otherwise, though the keys do not show it; told with the name.
  public let remark: String?

  /// A naming.
  ///
  /// - Parameters:
  ///   - name: The name, for messages.
  ///   - mapping: The rules that lead to the model's names.
  ///   - copies: Tensors that the source saves and the model lacks, each with the one whose copy
  ///     it is, both by the model's naming.
  ///   - remark: What the source does otherwise, though the keys do not show it.
  public init(
    _ name: String, _ mapping: TensorMapping, copies: [String: String] = [:],
    remark: String? = nil
  ) {
    self.name = name
    self.mapping = mapping
    self.copies = copies
    self.remark = remark
  }

  /// The name, and what is to be known beside it of a checkpoint to which it was applied.
  func label(for checkpoint: Checkpoint, became result: Checkpoint) -> String {
    var remarks = [remark].compactMap(\.self)
    if let mapped = try? mapping.apply(to: checkpoint).checkpoint {
      for (key, original) in copies.sorted(by: { $0.key < $1.key })
      where mapped.state[key] != nil && result.state[key] == nil {
        remarks.append("'\(key)' is a copy of '\(original)' and was left out")
      }
    }
    return remarks.isEmpty ? name : "\(name) (\(remarks.joined(separator: "; ")))"
  }

  /// The checkpoint by the model's naming; nil if the rules do not fit it, or change nothing.
  func apply(to checkpoint: Checkpoint) -> Checkpoint? {
    guard var result = try? mapping.apply(to: checkpoint).checkpoint else { return nil }
    for (key, original) in copies {
      guard let copy = result.state[key], let array = result.state[original],
        copy.isBitwiseEqual(to: array)
      else { continue }
      result.state[key] = nil
    }
    let isChanged =
      result.state.keys != checkpoint.state.keys
      || result.state.entries.contains { key, entry in
        checkpoint.state[key]?.layout != entry.array.layout
      }
    return isChanged ? result : nil
  }
}

/// A model that knows how other sources name its tensors.
///
/// `Module.load(from:)` of the umbrella `Ballast` and `ballast-load` try these names where a file has
/// not the model's own; ``/NN/Module/loadStateDict(_:strict:assign:skippingMismatched:)`` does not, as
/// in PyTorch. The prefixes that wrappers put before all keys, such as `module.`, are known of all
/// models that are so.
public protocol NamedBySources: Module {
  /// The sources beside the model's own names.
  var namings: [KeyNaming] { get }
}

extension NamedBySources {
  /// None but the model's own names, and wrappers' prefixes.
  public var namings: [KeyNaming] { [] }
}
