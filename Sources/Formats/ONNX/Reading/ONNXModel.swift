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
  /// The initializers of the graphs by which the model is trained, by their keys.
  var trainingTensors: OrderedDictionary<String, ONNXTensor> = [:]
  /// The names of the main graph's initializers.
  var initializerCount = 0
  /// How many nodes there are in all graphs and functions.
  var nodeCount = 0
  /// How many functions the file defines.
  var functionCount = 0
  /// How many nodes there are of each operator.
  var operators: OrderedDictionary<String, Int> = [:]
  /// What of names that an exporter made up the graph tells.
  var proposals: [ONNXProposal] = []
  /// The tensors of operators into which an optimiser says that it folded a batch normalisation.
  var foldedKeys: [String] = []
  /// What the file holds, and a checkpoint does not.
  var losses: [ConversionLoss] = []

  /// How many tensors are read of a file.
  static let maximumTensorCount = 1_000_000
}
