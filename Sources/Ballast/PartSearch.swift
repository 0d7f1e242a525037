/// Finds a part of a checkpoint by the name that a program gives it.
///
/// Files of PyTorch name the same thing in many ways: `g_state_dict`, `optimizer_g`, `netG`, `models.g`.
/// What is asked for is looked for as it stands, then within a collection, then by what is left of the
/// names without the words that say what sort of thing they name, and at last without regard to case. The
/// first of these that finds something decides; if it finds two, it is not known which was meant.
struct PartSearch {
  /// What was found.
  enum Result: Equatable {
    case none
    case one(String)
    case several([String])
  }

  private let places: [String]
  private let keepsWords: Bool

  /// - Parameters:
  ///   - places: The names in the checkpoint.
  ///   - keepingWords: Whether nothing but words of the sort may be left of a name, as in a checkpoint that
  ///     has one such thing.
  init(_ places: some Sequence<String>, keepingWords: Bool = false) {
    self.places = Array(places)
    keepsWords = keepingWords
  }

  /// The part of a name.
  func find(_ name: String) -> Result {
    let own = Self.telling(name)
    func isNamed(_ place: String, _ change: (String) -> String = { $0 }) -> Bool {
      let words = Self.telling(place)
      if words.map(change) == own.map(change) { return keepsWords || !words.isEmpty }
      // The only one of a list needs no number.
      return keepsWords && own.isEmpty && words.count == 1 && Int(words[0]) != nil
    }
    let rules: [(String) -> Bool] = [
      { $0 == name },
      { place in
        guard let dot = place.firstIndex(of: ".") else { return false }
        return Self.kinds.contains(String(place[..<dot]))
          && place[place.index(after: dot)...] == name
      },
      { isNamed($0) },
      { isNamed($0) { $0.lowercased() } },
    ]
    for rule in rules {
      let found = places.filter(rule)
      if found.count == 1 { return .one(found[0]) }
      if found.count > 1 { return .several(found) }
    }
    return .none
  }

  /// The words of a name, which change at other signs than letters and digits, from lower to upper case, and
  /// before the last capital of several: `GScheduler` has two, as `netG` has.
  static func words(_ name: String) -> [String] {
    var words: [String] = []
    var last: Character = "."
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
      if character.isLetter || character.isNumber {
        let next = index + 1 < characters.count ? characters[index + 1] : "."
        let begins =
          !(last.isLetter || last.isNumber)
          || (character.isUppercase && (last.isLowercase || last.isUppercase && next.isLowercase))
        if begins { words.append("") }
        words[words.count - 1].append(character)
      }
      last = character
    }
    return words
  }

  /// Whether a name is that of a scheduler, or of several.
  static func isOfScheduler(_ name: String) -> Bool {
    words(name).contains { $0.lowercased().hasPrefix("sched") }
  }

  /// The words that tell one thing from another of its sort.
  private static func telling(_ name: String) -> [String] {
    words(name).filter { !kinds.contains($0.lowercased()) }
  }

  /// The words that say what sort of thing it is.
  private static let kinds: Set = [
    "model", "models", "net", "nets", "network", "networks", "state", "states", "dict", "dicts",
    "weights", "params", "optimizer", "optimizers", "optimiser", "optimisers", "optim", "optims",
    "opt", "opts", "scheduler", "schedulers", "sched", "lr", "checkpoint", "sd",
  ]
}
