// Embeds sentences with a BERT encoder, as sentence-transformers does, and compares them by the angles
// between them.
//
//     swift run SentenceEmbedding [folder of the sample data]
//
// The folder `encoder` is as Hugging Face transformers saves a model: `config.json` says how it is built,
// and the weights are loaded strictly. That of all-MiniLM-L6-v2 works in the same way. See
// `Samples/Data/make_models.py` for the twin in Python.
import Ballast
import Foundation

/// Vectors of length 1 for texts: the mean of the encoder's outputs over the tokens that are not padding.
func embeddings(_ encoder: BertModel, _ ids: Tensor, _ mask: Tensor) -> Tensor {
  let hidden = noGrad { encoder(ids, attentionMask: mask).lastHiddenState }
  let weights = mask.to(.float32).unsqueezed(2)
  let mean = (hidden * weights).sum([1]) / weights.sum([1])
  return mean / mean.square().sum([-1], keepDims: true).sqrt()
}

/// Rows of integers in JSON as a tensor.
func integers(_ value: Value?) -> Tensor {
  let rows = value?.elements?.map { $0.elements?.compactMap(\.intValue) ?? [] } ?? []
  return Tensor(
    NDArray(rows.flatMap { $0.map { Int64($0) } }, shape: [rows.count, rows.first?.count ?? 0]))
}

@main
enum SentenceEmbedding {
  struct NotAnEncoder: Error {}

  static func main() throws {
    let folder = CommandLine.arguments.dropFirst().first ?? "Samples/Data"
    let model = try ModelSpec("\(folder)/encoder/config.json").description.build()
    guard let encoder = model as? BertModel else { throw NotAnEncoder() }
    print(try encoder.eval().load(from: "\(folder)/encoder/model.safetensors"))

    let text = try String(contentsOfFile: "\(folder)/sentences.json", encoding: .utf8)
    let batch = try Value(json: text)
    let vectors = embeddings(
      encoder, integers(batch["input_ids"]), integers(batch["attention_mask"]))
    let angles = vectors.matmul(vectors.transposed(0, 1))
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
      let cosine = angles.select(0, first).select(0, second).item()
      print("cosine of sentences \(first) and \(second): \(String(format: "%.4f", cosine))")
    }

    let expected = try NPYFile.read("\(folder)/sentences.npy").elements(as: Float.self)
    let mine = vectors.elements(as: Float.self)
    let difference = zip(mine, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    let isSame = mine.count == expected.count && difference < 1e-5
    print(isSame ? "the same embeddings as transformers" : "NOT the embeddings of transformers")
  }
}
