import OrderedCollections
import States

/// The class of a model, or of a model within one, as it is being written.
struct TwinModule {
  /// What the keys of its tensors begin with.
  let prefix: String
  /// Whether its layers follow one another, so that one variable does.
  let isChain: Bool
  /// The modules in it, by path.
  private(set) var definitions: OrderedDictionary<[String], String> = [:]
  /// Buffers that nothing uses, by path.
  private var buffers: [([String], String)] = []
  /// The keys of the tensors that it has.
  var keys: [String] = []
  /// The lines of `forward`.
  private(set) var lines: [String] = []
  private var count = 0

  init(prefix: String, isChain: Bool) {
    self.prefix = prefix
    self.isChain = isChain
  }

  /// Defines a module.
  ///
  /// - Returns: Whether there is no other of its path.
  mutating func define(_ path: [String], _ constructor: String) -> Bool {
    if let own = definitions[path] { return own == constructor }
    definitions[path] = constructor
    return true
  }

  /// Defines a buffer that nothing uses, and the modules that it is in.
  mutating func keep(_ path: [String], _ value: String) {
    for count in 1..<max(path.count, 1) where definitions[Array(path.prefix(count))] == nil {
      definitions[Array(path.prefix(count))] = "nn.Module()"
    }
    buffers.append((path, value))
  }

  /// Gives an expression a name, if it is none.
  mutating func assign(_ code: String, _ name: String? = nil) -> String {
    if name == nil, Self.isName(code) { return code }
    var name = name ?? "x"
    if name != "x" || !isChain {
      count += 1
      name += String(count)
    }
    if code != name { lines.append("\(name) = \(code)") }
    return name
  }

  /// Adds the last line.
  mutating func finish(_ code: String) { lines.append("return \(code)") }

  private static func isName(_ code: String) -> Bool {
    code.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  /// The expression for a module.
  static func reference(_ path: [String]) -> String {
    path.enumerated().reduce("self") { code, part in
      PythonText.isAttribute(part.element)
        ? "\(code).\(part.element)" : "\(code)._modules[\(PythonText.literal(part.element))]"
    }
  }

  /// The class.
  func text(_ name: String, of model: String, arguments: [String]) -> String {
    var text = "class \(name)(nn.Module):\n    # \(PythonText.literal(model))\n\n"
    text += "    def __init__(self):\n        super().__init__()\n"
    for (path, constructor) in definitions.sorted(by: { $0.key.count < $1.key.count }) {
      text += "        \(Self.reference(path)) = \(constructor)\n"
    }
    for (path, value) in buffers {
      let name = PythonText.literal(path[path.count - 1])
      text += "        \(Self.reference(path.dropLast())).register_buffer(\(name), \(value))\n"
    }
    text += "\n    def forward(\((["self"] + arguments).joined(separator: ", "))):\n"
    for line in lines { text += "        \(line)\n" }
    return text
  }
}
