import Checkpoints

extension CheckpointShape {
  /// What may be the model, for those who ask what there is.
  var modelCandidates: [ModelCandidate] {
    let taken = Set(taken.map(\.path.text))
    return candidates.map { candidate in
      ModelCandidate(
        root: root(of: candidate), tensorCount: candidate.tensorCount,
        isTaken: taken.contains(candidate.path.text))
    }
  }

  private static let namedCount = 5

  /// Which part of the file was taken for the model, and which others there are, as a sentence; none
  /// where nobody could ask.
  var remarks: [String] {
    let known = Set(taken.map(\.path.text))
    let others = candidates.filter { !known.contains($0.path.text) }
    let isPlain = modelPath.count + (taken.count > 1 ? 1 : 0) < 2
    guard !others.isEmpty || !isPlain else { return [] }
    let chosen = taken.prefix(Self.namedCount).map { text($0) }
    let what =
      taken.isEmpty
      ? "no part of the file was taken for a model"
      : "the model was taken from " + chosen.joined(separator: ", ")
        + (taken.count > chosen.count ? " and \(taken.count - chosen.count) more" : "")
    guard !others.isEmpty else { return [what] }
    let rest = others.prefix(Self.namedCount).map { text($0) }
    let more = others.count - rest.count
    return [
      what + "; tensors are also in " + rest.joined(separator: ", ")
        + (more > 0 ? " and \(more) more places" : "") + ", which --root takes instead"
    ]
  }

  private func text(_ candidate: ModelSearch.Candidate) -> String {
    let count = candidate.tensorCount
    let root = root(of: candidate)
    return
      "\(root.isEmpty ? "the file itself" : "\"\(root)\"") (\(count) tensor\(count == 1 ? "" : "s"))"
  }
}
