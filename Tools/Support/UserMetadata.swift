import Checkpoints
import OrderedCollections
import States

extension Checkpoint {
  /// The metadata without what Ballast keeps in it for the way back to a file's format, under names
  /// that begin with `ballast.`.
  public var userMetadata: OrderedDictionary<String, Value> {
    metadata.filter { !$0.key.hasPrefix("ballast.") }
  }
}
