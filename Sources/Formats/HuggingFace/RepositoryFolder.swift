import Checkpoints
import OrderedCollections
import SafetensorsFiles

/// The files of weights in a folder, and which of them are read.
struct RepositoryFolder {
  /// What has the same weights: files of these are of one model.
  struct Group: Hashable {
    let family: String
    let variant: String?
  }

  /// The files that are read.
  struct Choice {
    /// The index, the single file, or one of a set of shards without an index, all of which are there.
    let file: WeightFile
    /// What is worth knowing of those that are not.
    let notes: [String]
  }

  let path: String
  /// The names of everything in the folder.
  let names: Set<String>
  /// The files of weights, those that are read first before the others.
  let groups: OrderedDictionary<Group, [WeightFile]>

  /// What diffusers call the list of a pipeline's parts.
  private static let pipeline = "model_index.json"

  init(_ path: String, _ names: [String]) {
    self.path = path
    self.names = Set(names)
    var groups: OrderedDictionary<Group, [WeightFile]> = [:]
    for file in names.sorted().compactMap(WeightFile.init) {
      // Trainers leave all sorts of things as .bin.
      if file.weights == .bin, file.form == .single, !file.isNamed { continue }
      groups[Group(family: file.family, variant: file.variant), default: []].append(file)
    }
    self.groups = groups.mapValues { files in
      files.enumerated().sorted {
        ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset)
      }.map(\.element)
    }
  }

  private var isPipeline: Bool { names.contains(Self.pipeline) }

  /// How sure it is that the folder is one of a repository with weights.
  var recognition: Recognition? {
    if isPipeline { return .certain }
    guard !groups.isEmpty else { return nil }
    let isNamed = groups.values.joined().contains { $0.isNamed || $0.form == .index }
    return isNamed ? .certain : .likely
  }

  /// Finds out what is read.
  ///
  /// - Parameter variant: The variant that is asked for, nil for the plain one, or the only one.
  /// - Throws: `CheckpointError`: `refused` if there are several models, or a pipeline; `damaged` if
  ///   there are shards without an index, and not all of a set; `notThisFormat` if there are no
  ///   weights.
  func choice(variant: String?) throws(CheckpointError) -> Choice {
    if isPipeline { throw try pipelineRefusal() }
    guard !groups.isEmpty else {
      throw CheckpointError(
        .notThisFormat, file: path, reason: "it is a folder without weights of Hugging Face's names"
      )
    }
    let wanted = variant ?? (groups.keys.contains { $0.variant == nil } ? nil : onlyVariant)
    var candidates = groups.filter { $0.key.variant == wanted }
    if candidates.count > 1 { candidates = try withoutParts(candidates) }
    guard let (group, files) = candidates.elements.first, let file = files.first else {
      throw noSuchVariant(variant)
    }
    guard candidates.count == 1 else { throw ambiguity(candidates.values.compactMap(\.first)) }
    var notes = notes(group, file, asked: variant)
    if case .shard(let shard) = file.form {
      try checkSet(shard, files.filter { $0.weights == file.weights })
      notes.append(shard.note)
    }
    return Choice(file: file, notes: notes)
  }

  /// Checks that shards without an index are one set, and all of it.
  private func checkSet(_ shard: ShardName, _ files: [WeightFile]) throws(CheckpointError) {
    for file in files {
      guard case .shard(let other) = file.form, other.first != shard.first else { continue }
      throw CheckpointError(
        .refused, file: path,
        reason: "it holds shards of several models, such as \(shard.name) and \(file.name), and no "
          + "index of them",
        advice: "Fetch the index, which says which shards are meant.")
    }
    let missing = Array(shard.siblings.filter { !names.contains($0) })
    guard missing.isEmpty else {
      throw CheckpointError(
        .damaged, file: path,
        reason: "it holds \(shard.count - missing.count) of \(shard.count) parts of a model; "
          + "\(missing.enumeration) \(missing.count == 1 ? "is" : "are") missing",
        advice: "Fetch what is missing.")
    }
  }

  /// The groups without those of files that the index of another names: their names say nothing.
  private func withoutParts(
    _ candidates: OrderedDictionary<Group, [WeightFile]>
  ) throws(CheckpointError) -> OrderedDictionary<Group, [WeightFile]> {
    var parts: Set<String> = []
    for index in candidates.values.compactMap(\.first) where index.form == .index {
      parts.formUnion(
        try ShardIndex("\(path.withoutSlash)/\(index.name)", ending: index.weights.ending).files)
    }
    return candidates.filter { !$0.value.allSatisfy { parts.contains($0.name) } }
  }

  /// The variant of all weights; nil if they have several.
  private var onlyVariant: String? {
    let variants = OrderedSet(groups.keys.compactMap(\.variant))
    return variants.count == 1 ? variants.first : nil
  }

  private var variants: [String] { OrderedSet(groups.keys.compactMap(\.variant)).elements }

  /// What is passed over.
  private func notes(_ group: Group, _ file: WeightFile, asked: String?) -> [String] {
    var notes: [String] = []
    if asked == nil, let variant = group.variant {
      notes.append("the folder holds the variant \(variant) alone, which was read")
    }
    let others = (groups[group] ?? []).filter { other in
      if case .shard = other.form { return false }
      return other != file
    }.map(\.name)
    if !others.isEmpty {
      notes.append(
        "\(file.name) was read, and not \(others.joined(separator: ", ")), which should be the same"
      )
    }
    let rest = variants.filter { $0 != group.variant }
    if asked == nil, !rest.isEmpty {
      notes.append("the folder holds other variants too: \(rest.joined(separator: ", "))")
    }
    return notes
  }

  // MARK: - Refusals

  private func advice(_ files: [WeightFile]) -> String {
    let name = files.first.map { "\(path.withoutSlash)/\($0.name)" } ?? path
    let variants = OrderedSet(files.compactMap(\.variant))
    let choice = variants.first.map { ", or a variant with --variant \($0)" } ?? ""
    return "Name the one that is meant, as in \(name)\(choice)."
  }

  private func ambiguity(_ files: [WeightFile]) -> CheckpointError {
    CheckpointError(
      .refused, file: path,
      reason: "it holds several models: \(files.map(\.name).joined(separator: ", "))",
      advice: advice(files))
  }

  private func noSuchVariant(_ variant: String?) -> CheckpointError {
    guard let variant else { return ambiguity(groups.values.compactMap(\.first)) }
    let others = variants
    return CheckpointError(
      .refused, file: path, reason: "it holds no weights of the variant \"\(variant)\"",
      advice: others.isEmpty
        ? "It has no variants." : "It has these: \(others.joined(separator: ", ")).")
  }

  /// - Throws: `CheckpointError` if what is in the folder cannot be read.
  private func pipelineRefusal() throws(CheckpointError) -> CheckpointError {
    var parts: [String] = []
    for name in names.sorted() where !name.hasPrefix(".") {
      let probe: FileProbe
      do throws(CheckpointError) {
        probe = try FileProbe("\(path.withoutSlash)/\(name)")
      } catch {
        // A link that leads nowhere is no model.
        guard error.cause?.isNotFound == true else { throw error }
        continue
      }
      if probe.isFolder, try !RepositoryFolder(probe.path, probe.names()).groups.isEmpty {
        parts.append(name)
      }
    }
    let advice =
      parts.first.map {
        "Name one of the folders of its models (\(parts.joined(separator: ", "))), as in "
          + "\(path.withoutSlash)/\($0)."
      } ?? "Name the folder of one of its models."
    return CheckpointError(
      .refused, file: path, reason: "it is a pipeline of diffusers, of several models",
      advice: advice)
  }
}

extension String {
  /// The path of a folder without slashes at its end.
  var withoutSlash: String {
    var path = self[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }
}
