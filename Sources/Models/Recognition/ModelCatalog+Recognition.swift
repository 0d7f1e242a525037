import Arrays
import Checkpoints
import NN
import States

extension ModelCatalog {
  /// Says which of the architectures a state belongs to, for a message where a model refused it.
  ///
  /// Keys and shapes are compared with those of every architecture in its usual size; then sizes are
  /// read off the shapes. What is said holds by a whole comparison with the architecture.
  ///
  /// ```swift
  /// ModelCatalog.resemblance(of: state)       // "The keys and shapes are those of resnet34 without fc."
  /// ```
  ///
  /// - Parameters:
  ///   - state: The state.
  ///   - description: The model that refused it, if it has a description.
  /// - Returns: A sentence; nil if nothing is similar.
  public static func resemblance(
    of state: StateDict, refusedBy description: ModelDescription? = nil
  ) -> String? {
    guard !state.isEmpty else { return nil }
    var best: Verdict?
    for (plain, note) in state.variants {
      guard let verdict = verdict(plain, refusedBy: description) else { continue }
      if verdict.problemCount < best?.problemCount ?? .max {
        best = verdict
        best?.note = note
      }
      if verdict.problemCount == 0 { break }
    }
    return best?.sentence
  }

  /// What a state has to do with an architecture.
  private struct Verdict {
    let name: String
    let what: String
    /// How many keys stand against it.
    let problemCount: Int
    var spec: String?
    /// What was done to the keys, as a clause.
    var note: String?

    var sentence: String {
      "The keys and shapes\(note.map { ", \($0)," } ?? "") are those of \(name)\(what)"
        + (spec.map { ": --model '\($0)'." } ?? ".")
    }
  }

  /// The keys and shapes of each architecture that has a usual size.
  private static let listings:
    [(architecture: Architecture, shapes: StateShapes, type: ObjectIdentifier)] =
      architectures.compactMap { architecture in
        architecture.outline().map {
          (architecture, StateShapes($0), ObjectIdentifier(type(of: $0)))
        }
      }

  /// The architectures that are of the class of a module, whose usual sizes have names; those that have
  /// more of its shapes first.
  static func architectures(like module: Module, _ shapes: StateShapes) -> [Architecture] {
    listings.filter { $0.type == ObjectIdentifier(type(of: module)) }
      .map { (architecture: $0.architecture, likeness: $0.shapes.likeness(to: shapes)) }
      .sorted { $0.likeness > $1.likeness }.map(\.architecture)
  }

  private static func verdict(
    _ state: StateDict, refusedBy description: ModelDescription?
  ) -> Verdict? {
    let shapes = StateShapes(state)
    // Of two names of one thing, that of a size is the plainer.
    let near = listings.map { (listing: $0, likeness: $0.shapes.likeness(to: shapes)) }
      .filter { $0.likeness >= 0.5 }
      .sorted {
        ($0.likeness, $0.listing.architecture.sizeOf == nil ? 0 : 1)
          > ($1.likeness, $1.listing.architecture.sizeOf == nil ? 0 : 1)
      }
    let verdicts = near.prefix(3).compactMap { compare(state, $0.listing.architecture) }
    let closest = verdicts.min { $0.problemCount < $1.problemCount }
    if let closest, closest.problemCount == 0 { return closest }
    return sized(state, shapes, refusedBy: description) ?? closest
  }

  /// How a state differs from an architecture in its usual size; nil if it differs in too many ways.
  private static func compare(_ state: StateDict, _ architecture: Architecture) -> Verdict? {
    guard let model = architecture.outline() else { return nil }
    let report = model.loadReport(for: state)
    var parts: [String] = []
    if !report.missing.isEmpty {
      parts.append("without \(listed(report.missing.parts(of: report.matched)))")
    }
    if !report.unexpected.isEmpty {
      parts.append("and also \(listed(report.unexpected.parts(of: report.matched)))")
    }
    if !report.shapeMismatches.isEmpty {
      let keys = report.shapeMismatches.map(\.key)
      parts.append("but for the shape of \(listed(keys))")
    }
    let count = report.missing.count + report.unexpected.count + report.shapeMismatches.count
    return Verdict(
      name: architecture.name, what: parts.isEmpty ? "" : " " + parts.joined(separator: ", "),
      problemCount: count, spec: count == 0 ? architecture.name : nil)
  }

  /// An architecture whose options can be so that the state is whole.
  private static func sized(
    _ state: StateDict, _ shapes: StateShapes, refusedBy description: ModelDescription?
  ) -> Verdict? {
    // Among those of the same names, whose numbers of layers differ, the nearest come first.
    let byNames = listings.map { listing in
      (
        architecture: listing.architecture, names: listing.shapes.likenessOfNames(to: shapes),
        whole: listing.shapes.likeness(to: shapes)
      )
    }.filter { $0.names >= 0.5 }
      .sorted { ($0.names, $0.whole) > ($1.names, $1.whole) }.prefix(3)
    var tries = byNames.map { (architecture: $0.architecture, arguments: [String: Value]()) }
    if let name = description?.value["module"]?.stringValue,
      let asked = architectures.first(where: { $0.name == name })
    {
      var arguments = Dictionary(
        (description?.value.dictionary ?? [:]).map { ($0.key.text, $0.value) },
        uniquingKeysWith: { $1 })
      arguments["module"] = nil
      tries.insert((asked, arguments), at: 0)
    }
    for (architecture, arguments) in tries {
      guard let reading = OptionReading(architecture, arguments, from: shapes),
        !reading.changed.isEmpty, let model = architecture.outline(reading.arguments)
      else { continue }
      let report = model.loadReport(for: state)
      guard report.missing.isEmpty, report.unexpected.isEmpty, report.shapeMismatches.isEmpty
      else { continue }
      let options = reading.changed.map { "\($0.key)=\($0.value)" }
      let unseen =
        reading.unseen.isEmpty
        ? "" : " (not to be seen: \(reading.unseen.joined(separator: ", ")))"
      return Verdict(
        name: architecture.name, what: " with \(options.joined(separator: ", "))\(unseen)",
        problemCount: 0, spec: spec(architecture, reading.arguments))
    }
    return nil
  }

  /// The model as it is written on a command line; nil if an argument cannot be.
  private static func spec(_ architecture: Architecture, _ arguments: [String: Value]) -> String? {
    let texts = arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.json())" }
    guard texts.allSatisfy({ !$0.contains(",") && !$0.contains("'") }) else { return nil }
    return "\(architecture.name)(\(texts.joined(separator: ",")))"
  }

  /// The first few of some names.
  private static func listed(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ")
      + (names.count > 4 ? " and \(names.count - 4) more" : "")
  }
}

extension StateDict {
  /// The state, what it is without the prefixes that wrappers put before all keys, and what by the
  /// names of other sources.
  fileprivate var variants: [(state: StateDict, note: String?)] {
    var result: [(state: StateDict, note: String?)] = [(self, nil)]
    if let prefix = KeyPrefix.common(to: keys), let mapping = try? KeyPrefix.stripping(prefix),
      let plain = try? mapping.apply(to: Checkpoint(state: self)).checkpoint.state
    {
      result.append((plain, "without the prefix '\(prefix)'"))
    }
    for name in TensorMapping.builtInNames where name.hasPrefix("torchvision-") {
      for naming in KeyNaming.builtIn(name) {
        guard let renamed = naming.apply(to: Checkpoint(state: self)) else { continue }
        result.append((renamed.state, "with the mapping '\(name)'"))
      }
    }
    return result
  }
}

extension [String] {
  /// The shortest beginnings of these keys that no other key has, without the keys that they stand
  /// for; a beginning ends with a whole part.
  fileprivate func parts(of others: [String]) -> [String] {
    var result: [String] = []
    var taken: Set<String> = []
    var begun: Set<String> = []
    for other in others {
      var prefix = ""
      for part in other.split(separator: ".") {
        prefix += prefix.isEmpty ? part : "." + part
        begun.insert(prefix)
      }
    }
    for key in self {
      var prefix = ""
      for part in key.split(separator: ".") {
        prefix += prefix.isEmpty ? part : "." + part
        if !begun.contains(prefix) { break }
      }
      if taken.insert(prefix).inserted { result.append(prefix) }
    }
    return result
  }
}
