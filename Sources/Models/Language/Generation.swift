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

/// How the next token is drawn from the scores. Equivalent to the options of `generate` of transformers
/// with `do_sample=True`, in its order: the temperature, then the best tokens, then the likeliest.
public struct Sampling: Hashable, Sendable {
  /// By what the scores are divided: below 1 what scores high is drawn more often.
  public var temperature: Double
  /// How many of the tokens that score highest can be drawn, and those that score as the last of them;
  /// all if nil.
  public var topK: Int?
  /// Only the likeliest tokens whose probabilities together reach this can be drawn, and at least one.
  public var topP: Double

  /// A way to draw. The defaults draw from all tokens, where those of transformers have a `top_k` of 50.
  ///
  /// - Parameters:
  ///   - temperature: By what the scores are divided.
  ///   - topK: How many of the tokens that score highest can be drawn; all if nil.
  ///   - topP: What the probabilities of the tokens that can be drawn reach together.
  public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// What is wrong, as a clause; nil if nothing is.
  fileprivate var problem: String? {
    if !(temperature > 0 && temperature.isFinite) { return "temperature is \(temperature)" }
    if let topK, topK < 1 { return "topK is \(topK)" }
    return (0...1).contains(topP) ? nil : "topP is \(topP)"
  }

  /// A token of each row of scores, drawn with the current random generator.
  fileprivate func draw(_ scores: Tensor) -> [Int64] {
    var scores = temperature == 1 ? scores : scores / temperature
    if let topK {
      let least = scores.topK(min(topK, scores.shape[1]), 1).values
        .select(1, min(topK, scores.shape[1]) - 1).unsqueezed(1)
      scores = scores.maskedFill(scores .< least, -.infinity)
    }
    if topP < 1 { scores = likeliest(scores) }
    return Tensor.multinomial(scores.softmax(1), 1).elements(as: Int64.self)
  }

  /// The scores, in which the tokens that are left out are minus infinity.
  private func likeliest(_ scores: Tensor) -> Tensor {
    let (sorted, order) = scores.sorted(1)
    let sums = [Float](sorted.softmax(1).cumsum(1).to(.float32))
    let places = order.elements(as: Int64.self)
    let count = scores.shape[1]
    var isOut = [Bool](repeating: false, count: sums.count)
    for index in sums.indices where index % count < count - 1 && sums[index] <= Float(1 - topP) {
      isOut[index / count * count + Int(places[index])] = true
    }
    return scores.maskedFill(Tensor(NDArray(isOut, shape: scores.shape)), -.infinity)
  }
}

extension CausalLanguageModel {
  /// Continues texts, each time with the token that scores highest, or with one that is drawn. Equivalent
  /// to `generate` of transformers.
  ///
  /// With the same seed as PyTorch's the same tokens are drawn. The model should be in evaluation mode.
  ///
  /// ```swift
  /// let all = try model.eval().generate(prompt, maxNewTokens: 20)
  /// let drawn = try Generator(seed: 1).use {
  ///   try model.generate(prompt, maxNewTokens: 20, sampling: Sampling(temperature: 0.7, topK: 50))
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens): the texts so far; shorter ones are padded on the left.
  ///   - attentionMask: (batch, tokens): zero where a token is padding, and positions are counted behind
  ///     it; nil if none is.
  ///   - maxNewTokens: How many tokens follow at most.
  ///   - sampling: How tokens are drawn; nil for the one that scores highest.
  ///   - endToken: The token that ends a text; nil for none. After it come tokens `padToken`, until
  ///     all texts have ended.
  ///   - padToken: What follows the end of a text; `endToken` if nil.
  /// - Returns: (batch, tokens + new tokens), of type `int64`.
  /// - Throws: ``ModelError`` if the texts do not fit the model, or become too long for it, if a text
  ///   ends with padding, or if the numbers of `sampling` are out of range.
  public func generate(
    _ inputIDs: Tensor, attentionMask: Tensor? = nil, maxNewTokens: Int, sampling: Sampling? = nil,
    endToken: Int? = nil, padToken: Int? = nil
  ) throws(ModelError) -> Tensor {
    var inputs = ["input_ids": inputIDs]
    inputs["attention_mask"] = attentionMask
    _ = try CheckedInputs(inputs, for: self)
    require(maxNewTokens >= 0, "generate: \(maxNewTokens) new tokens")
    if let problem = sampling?.problem { throw ModelError(input: "sampling", reason: problem) }
    if let maximumLength, inputIDs.shape[1] + maxNewTokens > maximumLength {
      throw ModelError(
        input: "input_ids",
        reason: "\(inputIDs.shape[1]) tokens and \(maxNewTokens) new ones are more than "
          + "\(maximumLength), which is the length that the model can take")
    }
    if let attentionMask {
      let last = attentionMask.select(1, inputIDs.shape[1] - 1).to(.float32)
      guard last.elements(as: Float.self).allSatisfy({ $0 == 1 }) else {
        throw ModelError(
          input: "attention_mask",
          reason: "a text ends with padding, behind which nothing follows: pad on the left")
      }
    }
    return noGrad {
      continued(
        inputIDs.to(.int64), attentionMask?.to(.int64), maxNewTokens, sampling, endToken,
        padToken ?? endToken)
    }
  }

  private func continued(
    _ inputIDs: Tensor, _ attentionMask: Tensor?, _ count: Int, _ sampling: Sampling?,
    _ endToken: Int?, _ padToken: Int?
  ) -> Tensor {
    let cache = KeyValueCache()
    let batch = inputIDs.shape[0]
    var hasEnded = [Bool](repeating: false, count: batch)
    var (all, next) = (inputIDs, inputIDs)
    var mask = attentionMask
    var positions = attentionMask.map { mask in
      let counted = mask.cumsum(1) - 1
      return counted.maskedFill(mask .== 0, 0).to(.int64)
    }
    for _ in 0..<count {
      let scores = self(next, attentionMask: mask, positionIDs: positions, cache: cache)
        .select(1, next.shape[1] - 1)
      let best = sampling?.draw(scores.to(.float32)) ?? scores.argmax(-1).elements(as: Int64.self)
      let tokens = best.indices.map { text in
        hasEnded[text] ? Int64(padToken ?? 0) : best[text]
      }
      if let shown = mask, let last = positions {
        mask = .concatenated([shown, Tensor.ones([batch, 1], dtype: .int64)], axis: 1)
        positions = last.sliced(1, (next.shape[1] - 1)..<next.shape[1]) + 1
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
