import Checkpoints
import OrderedCollections
import States

/// What an ONNX file says, but for the elements of its tensors.
struct ONNXModel: Sendable {
  /// What the file says of itself.
  var header = ONNXHeader()
  /// The metadata of the model (`metadata_props`).
  var metadata: OrderedDictionary<String, String> = [:]
  /// The tensors by their keys: the initializers of the graph under their names, then what else the graph, its
  /// subgraphs and the functions have.
  var tensors: OrderedDictionary<String, ONNXTensor> = [:]
  /// The tensors of the graphs by which the model is trained, by their keys.
  var trainingTensors: OrderedDictionary<String, ONNXTensor> = [:]
  /// How many of them are initializers of the main graph: the first ones.
  var initializerCount = 0
  /// The keys of those that nothing takes by this name in the main graph: what is in graphs within it, in functions
  /// and in attributes, and what had to get another key than its name.
  var innerKeys: Set<String> = []
  /// The names of the main graph's tensors that others have too, each with the key of one of these.
  var sharedNames: [String: String] = [:]
  /// The elements in other files of what is no tensor here: sparse ones.
  var furtherRanges: [(name: String, range: ONNXExternalRange)] = []
  /// How many nodes there are in all graphs and functions, but for those by which the model is trained.
  var nodeCount = 0
  /// How many functions the file defines.
  var functionCount = 0
  /// How many nodes there are of each operator.
  var operators: OrderedDictionary<String, Int> = [:]
  /// How many inputs, outputs and types of values the main graph has.
  var valueCount = 0
  /// What of names that an exporter made up the graph tells.
  var proposals: [ONNXProposal] = []
  /// The tensors of other names that the graph multiplies from the right.
  var rightKeys: OrderedSet<String> = []
  /// The tensors of operators into which an optimiser says that it folded a batch normalisation.
  var foldedKeys: OrderedSet<String> = []
  /// What the file holds, and a checkpoint does not.
  var losses: [ConversionLoss] = []

  /// How many tensors are read of a file.
  static let maximumTensorCount = 1_000_000

  /// Whether a key is that of an initializer of the main graph.
  func isInitializer(_ key: String) -> Bool {
    tensors.index(forKey: key).map { $0 < initializerCount } ?? false
  }

  /// All elements that are in other files.
  var externalRanges: [(name: String, range: ONNXExternalRange)] {
    let ranges = [tensors, trainingTensors].flatMap { tensors in
      tensors.compactMap { name, tensor in tensor.externalRange.map { (name: name, range: $0) } }
    }
    return ranges + furtherRanges
  }
}
