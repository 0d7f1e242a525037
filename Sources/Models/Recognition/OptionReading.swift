import Arrays
import NN
import OrderedCollections
import States

/// Reads the integer options of an architecture off the keys and shapes of a state.
///
/// What an option changes is found by building the model without values with another number, so that
/// no architecture has to say it: a length that grows in proportion, or the number of layers.
struct OptionReading {
  /// The options that differ from those that were given, in the architecture's order.
  private(set) var changed: OrderedDictionary<String, Int> = [:]
  /// The integer options that neither keys nor shapes show.
  private(set) var unseen: [String] = []

  private let architecture: Architecture
  /// The arguments with what was read.
  private(set) var arguments: [String: Value]
  private var shapes: StateShapes

  /// Reads the options, each with those before it as they were read.
  ///
  /// - Parameters:
  ///   - arguments: The arguments that are given.
  ///   - state: The keys and shapes to explain.
  init?(_ architecture: Architecture, _ arguments: [String: Value], from state: StateShapes) {
    guard let model = architecture.outline(arguments) else { return nil }
    self.architecture = architecture
    self.arguments = arguments
    shapes = StateShapes(model)
    for option in architecture.options {
      let parts = option.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = String(parts[0])
      guard
        let value = arguments[name]?.intValue ?? (try? Value(json: String(parts[1])))?.intValue,
        value > 0, value <= 1 << 40
      else { continue }
      read(name, value, from: state)
    }
  }

  private mutating func read(_ name: String, _ value: Int, from state: StateShapes) {
    guard let other = outline(name, 2 * value) else { return }
    if other.shapes == shapes.shapes {
      unseen.append(name)
      return
    }
    guard let found = length(value, other, state) ?? count(value, other, state), found != value
    else { return }
    var fit = outline(name, found)
    if fit == nil {
      // A length has to be a multiple of the number of heads, which no shape shows.
      let given = arguments
      for heads in headOptions { arguments[heads] = .int(1) }
      fit = outline(name, found)
      if fit == nil { arguments = given }
    }
    guard let fitted = fit else { return }
    arguments[name] = .int(found)
    changed[name] = found
    shapes = fitted
  }

  /// The names of the options that are numbers of heads.
  private var headOptions: [String] {
    architecture.options.compactMap { option in
      let name = option.prefix { $0 != "=" }
      return name.hasSuffix("heads") ? String(name) : nil
    }
  }

  private func outline(_ name: String, _ value: Int) -> StateShapes? {
    var arguments = arguments
    arguments[name] = .int(value)
    return architecture.outline(arguments).map { StateShapes($0) }
  }

  /// The option if it is a length, by the tensor in which it has the smallest factor.
  private func length(_ value: Int, _ other: StateShapes, _ state: StateShapes) -> Int? {
    var best: (factor: Int, length: Int)?
    for (key, shape) in shapes.shapes {
      guard let twice = other.shapes[key], let found = state.shapes[key],
        shape.rank == twice.rank, shape.rank == found.rank
      else { continue }
      for axis in 0..<shape.rank where twice[axis] == 2 * shape[axis] {
        guard shape[axis].isMultiple(of: value) else { continue }
        let factor = shape[axis] / value
        guard found[axis].isMultiple(of: factor), found[axis] > 0 else { continue }
        if factor < best?.factor ?? .max { best = (factor, found[axis] / factor) }
      }
    }
    return best?.length
  }

  /// The option if it is the number of parts with numbers.
  private func count(_ value: Int, _ other: StateShapes, _ state: StateShapes) -> Int? {
    for key in other.shapes.keys.sorted() where shapes.shapes[key] == nil {
      var prefix = ""
      for part in key.split(separator: ".") {
        if part.allSatisfy(\.isNumber), shapes.count(behind: prefix) == value,
          other.count(behind: prefix) == 2 * value
        {
          return state.count(behind: prefix)
        }
        prefix += "\(part)."
      }
    }
    return nil
  }
}
