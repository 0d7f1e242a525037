import Arrays
import OrderedCollections
import States

/// All that a checkpoint holds, whatever file it came from.
///
/// This is the common form between formats: readers make one, writers take one. Its tensors may
/// be in memory or in a mapped file, so a checkpoint larger than memory can be held.
public struct Checkpoint: Sendable {
  /// The model's parameters and buffers.
  public var state: StateDict
  /// The optimizer's state, if it was saved.
  public var optimizer: OptimizerState?
  /// Everything else that the user saved, by name, in order: `epoch`, `loss`, options.
  public var metadata: OrderedDictionary<String, Value>
  /// How to build the fresh model, if the checkpoint says: see the `Models` target.
  public var architecture: Value?
  /// What is kept of the file from which it came, for the way back to that file's format.
  public var origin = Origin()
  /// What the file that it was read from holds and this does not, or holds otherwise; empty if
  /// nothing was lost, and for a checkpoint that comes from no file.
  ///
  /// It says what reading did. Changing the checkpoint does not change it, and it is not written.
  public package(set) var losses: [ConversionLoss] = []
  /// What else is worth knowing about how it was read, a sentence each. Nothing was lost by it.
  public package(set) var notes: [String] = []
  /// How the file that it was read from is put together, as far as no other part of this says so.
  package var form: FileForm?

  /// A checkpoint of these parts.
  public init(
    state: StateDict, optimizer: OptimizerState? = nil,
    metadata: OrderedDictionary<String, Value> = [:], architecture: Value? = nil
  ) {
    self.state = state
    self.optimizer = optimizer
    self.metadata = metadata
    self.architecture = architecture
  }
}

/// How a file is put together, for the comparison of two of one format.
package struct FileForm: Sendable {
  /// The format's name, `FileFormat.id`.
  package var format: String
  /// The classes of the containers that the tensors of the model are in, by their places.
  package var containers: OrderedDictionary<String, String>

  /// The form of a file of a format.
  package init(format: String, containers: OrderedDictionary<String, String>) {
    self.format = format
    self.containers = containers
  }
}
