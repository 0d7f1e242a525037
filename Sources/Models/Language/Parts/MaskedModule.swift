import Autograd
import Files
import NN

/// The base class of modules that take hidden states and, where there is padding, a mask.
class MaskedModule: Module {
  /// The output of the module; see each class.
  ///
  /// - Parameters:
  ///   - hidden: (batch, tokens, features).
  ///   - mask: Broadcasts to (batch, heads, queries, keys).
  func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    trap("\(typeName) does not compute anything")
  }

  /// The same, running the module's hooks.
  final func callAsFunction(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    withHooks(given: [hidden, mask]) { [compute($0[0] ?? hidden, mask: $0[1])] }[0]
  }
}
