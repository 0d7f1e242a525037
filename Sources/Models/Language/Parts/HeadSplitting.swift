import Arrays
import Autograd
import Files

extension Tensor {
  /// (batch, tokens, heads · features) as (batch, heads, tokens, features).
  final func splitIntoHeads(_ count: Int) -> Tensor {
    reshaped([shape[0], shape[1], count, shape[2] / count]).permuted([0, 2, 1, 3])
  }

  /// (batch, heads, tokens, features) as (batch, tokens, heads · features).
  final func joinedHeads() -> Tensor {
    permuted([0, 2, 1, 3]).reshaped([shape[0], shape[2], shape[1] * shape[3]])
  }
}

/// Masks of attention: true where a query may look at a key.
enum AttentionMask {
  /// The mask of a batch in which some tokens are padding.
  ///
  /// - Parameter mask: (batch, keys): not zero where a token counts.
  /// - Returns: (batch, 1, 1, keys).
  static func padding(_ mask: Tensor) -> Tensor {
    require(mask.rank == 2, "attention mask: its shape is \(mask.shape), not (batch, tokens)")
    let counts = mask.dtype == .bool ? mask : mask .!= 0
    return counts.reshaped([mask.shape[0], 1, 1, mask.shape[1]])
  }

  /// The mask by which a token looks at itself and those before.
  ///
  /// - Parameters:
  ///   - queries: The number of queries, which are the last tokens.
  ///   - past: How many tokens precede them.
  ///   - window: How many tokens a query may look at, itself included; nil for all.
  /// - Returns: (queries, past + queries).
  static func causal(_ queries: Int, past: Int = 0, window: Int? = nil) -> Tensor {
    let query = (Tensor.arange(queries) + past).unsqueezed(1)
    let key = Tensor.arange(past + queries)
    let isPast = key .<= query
    guard let window else { return isPast }
    return isPast .& (key .> query - window)
  }

  /// Causal, and without padding where there is a mask of (batch, past + queries).
  static func causal(
    _ queries: Int, past: Int, window: Int? = nil, padding mask: Tensor?
  ) -> Tensor {
    let causal = causal(queries, past: past, window: window)
    guard let mask else { return causal }
    require(
      mask.rank == 2 && mask.shape[1] == past + queries,
      "attention mask: its shape is \(mask.shape), for \(past + queries) tokens")
    return causal .& padding(mask)
  }
}
