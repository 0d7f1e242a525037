import Arrays
import Autograd
import Files

/// A model that predicts the next token of a text, token by token.
public protocol CausalLanguageModel: NamedInputs {
  /// The maximum number of tokens of a text; nil if there is none.
  var maximumLength: Int? { get }

  /// The scores of the token after each of these.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens).
  ///   - attentionMask: (batch, tokens, including those of the cache): zero where a token is padding.
  ///   - positionIDs: (batch, tokens): the positions; those that follow the cache if nil.
  ///   - cache: The tokens before, to which these are added.
  /// - Returns: (batch, tokens, vocabulary).
  func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor?, positionIDs: Tensor?, cache: KeyValueCache?
  ) -> Tensor
}

extension CausalLanguageModel {
  /// Continues texts, each time with the token that scores highest. Equivalent to `generate` of
  /// transformers with `do_sample=False`, for texts without padding.
  ///
  /// ```swift
  /// let all = try model.eval().generate(prompt, maxNewTokens: 20)
  /// ```
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens): the texts so far, all of one length.
  ///   - maxNewTokens: How many tokens follow at most.
  ///   - endToken: The token that ends a text; nil for none. After it come tokens `padToken`, until
  ///     all texts have ended.
  ///   - padToken: What follows the end of a text; `endToken` if nil.
  /// - Returns: (batch, tokens + new tokens), of type `int64`.
  /// - Throws: ``ModelError`` if the texts do not fit the model, or become too long for it.
  public func generate(
    _ inputIDs: Tensor, maxNewTokens: Int, endToken: Int? = nil, padToken: Int? = nil
  ) throws(ModelError) -> Tensor {
    _ = try CheckedInputs(["input_ids": inputIDs], for: self)
    require(maxNewTokens >= 0, "generate: \(maxNewTokens) new tokens")
    if let maximumLength, inputIDs.shape[1] + maxNewTokens > maximumLength {
      throw ModelError(
        input: "input_ids",
        reason: "\(inputIDs.shape[1]) tokens and \(maxNewTokens) new ones are more than "
          + "\(maximumLength), which is the length that the model can take")
    }
    return noGrad { continued(inputIDs.to(.int64), maxNewTokens, endToken, padToken ?? endToken) }
  }

  private func continued(
    _ inputIDs: Tensor, _ count: Int, _ endToken: Int?, _ padToken: Int?
  ) -> Tensor {
    let cache = KeyValueCache()
    let batch = inputIDs.shape[0]
    var hasEnded = [Bool](repeating: false, count: batch)
    var (all, next) = (inputIDs, inputIDs)
    for _ in 0..<count {
      let scores = self(next, attentionMask: nil, positionIDs: nil, cache: cache)
      let best = scores.select(1, next.shape[1] - 1).argmax(-1).elements(as: Int64.self)
      let tokens = best.indices.map { text in
        hasEnded[text] ? Int64(padToken ?? 0) : best[text]
      }
      next = Tensor(NDArray(tokens, shape: [batch, 1]))
      all = .concatenated([all, next], axis: 1)
      for text in tokens.indices where endToken.map({ Int64($0) == tokens[text] }) ?? false {
        hasEnded[text] = true
      }
      if hasEnded.allSatisfy(\.self) { break }
    }
    return all
  }
}
