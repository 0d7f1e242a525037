import Autograd
import Foundation
import NN
import Testing

/// What is no value, and is handed to threads all the same.
private struct Shared<Object>: @unchecked Sendable {
  let object: Object
}

@Suite struct SharedModelTests {
  /// Threads may use a model that none of them changes, with and without gradients; it makes views of its
  /// parameters for them.
  @Test(arguments: [false, true]) func threadsUseOneModel(_ isRecorded: Bool) {
    var options = TransformerOptions()
    options.dropout = 0
    options.batchFirst = true
    options.dimFeedforward = 16
    let model = Sequential(
      Linear(8, 8), TransformerEncoderLayer(8, 2, options), LayerNorm([8]))
    model.eval()
    let input = Tensor.randn([2, 5, 8])
    let expected = noGrad { model(input).array }
    let shared = Shared(object: (model, input, expected))
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      let (model, input, expected) = shared.object
      for _ in 0..<60 {
        let result = isRecorded ? model(input) : noGrad { model(input) }
        #expect(result.array.isBitwiseEqual(to: expected))
      }
    }
    // All views are gone again, and the parameters can be changed.
    noGrad { for (_, parameter) in model.namedParameters() { parameter.zero_() } }
    #expect(model(input).abs().sum().item() == 0)
  }
}
