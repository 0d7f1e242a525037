import Arrays
import Autograd
import NN
import States

/// What makes a module compute what it does, but for the values of its tensors: for each module its
/// class and its options, and for each tensor its key, its shape, its type, and with which it is tied.
///
/// Two modules that are alike compute the same with the same values. Hooks, and whether a module
/// trains, are not compared.
struct ModuleLikeness: Equatable {
  /// A line for each module: its path, its class and its options.
  private(set) var modules: [String] = []
  /// A line for each tensor.
  private(set) var tensors: [String] = []
  /// The first part of which cannot be said what it does, such as a function that was passed.
  private(set) var unknown: String?

  /// - Parameter module: The module; options are read where it stores them.
  init(_ module: Module) {
    var numbers: [ObjectIdentifier: Int] = [:]
    func number(_ object: AnyObject) -> Int {
      let identifier = ObjectIdentifier(object)
      if let known = numbers[identifier] { return known }
      numbers[identifier] = numbers.count
      return numbers.count - 1
    }
    for (path, part) in module.namedModules(removeDuplicate: false) {
      var options: [String] = []
      let isLayer = String(reflecting: type(of: part)).hasPrefix("NN.")
      for (label, value) in StoredProperties(part).all where !(isLayer && Self.isText(label)) {
        switch OptionText(value) {
        case .text(let text): options.append("\(label)=\(text)")
        case .tensorOrModule: continue
        case .unknown:
          unknown =
            unknown
            ?? "\(path.isEmpty ? "" : "\(path).")\(label) of \(part.typeName) is code, not an option"
        }
      }
      modules.append(
        "\(path) \(number(part)) \(type(of: part)) \(options.joined(separator: ", "))")
      for (name, tensor) in part.namedParameters(recurse: false) {
        tensors.append("\(path).\(name) \(tensor.shape) \(tensor.dtype) \(number(tensor))")
      }
      for (name, tensor) in part.namedBuffers(recurse: false) {
        tensors.append("\(path).\(name) \(tensor.shape) \(tensor.dtype) \(number(tensor)) buffer")
      }
    }
    tensors += module.stateDict(keepVars: true).map { "saved \($0.key)" }
  }

  /// Whether a property only says how an option is printed, such as `2` or `(2, 2)` for one length.
  private static func isText(_ label: String) -> Bool {
    label == "summary" || label == "text" || label.hasSuffix("Text")
  }

  /// The first line in which another differs, for a message; nil if none does.
  func difference(from other: ModuleLikeness) -> String? {
    for (mine, theirs) in [(modules, other.modules), (tensors, other.tensors)] {
      for (index, line) in mine.enumerated() where index >= theirs.count || theirs[index] != line {
        return line
      }
      if theirs.count > mine.count { return theirs[mine.count] }
    }
    return nil
  }
}

/// The properties that a module stores, those of superclasses first.
struct StoredProperties {
  let all: [(label: String, value: Any)]

  init(_ module: Module) {
    var mirrors: [Mirror] = []
    var next: Mirror? = Mirror(reflecting: module)
    while let mirror = next, mirror.subjectType != Module.self {
      mirrors.append(mirror)
      next = mirror.superclassMirror
    }
    all = mirrors.reversed().flatMap { mirror in
      mirror.children.compactMap { child in child.label.map { ($0, child.value) } }
    }
  }
}

/// An option as text, by which two are compared.
enum OptionText {
  case text(String)
  /// A tensor, a module, or a collection of them, which are compared as what they are.
  case tensorOrModule
  /// What cannot be compared.
  case unknown

  init(_ value: Any) {
    if value is Tensor || value is Module {
      self = .tensorOrModule
      return
    }
    if let array = value as? NDArray {
      let numbers = array.cast(to: .float64).elements(as: Double.self)
      self = .text("\(array.dtype) \(array.shape) \(numbers)")
      return
    }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == nil && "\(mirror.subjectType)".contains("->") {
      self = .unknown
      return
    }
    guard !mirror.children.isEmpty else {
      self = .text(mirror.displayStyle == .class ? "\(mirror.subjectType)" : "\(value)")
      return
    }
    var texts: [String] = []
    for child in mirror.children {
      switch OptionText(child.value) {
      case .text(let text): texts.append(child.label.map { "\($0): \(text)" } ?? text)
      case .tensorOrModule: continue
      case .unknown:
        self = .unknown
        return
      }
    }
    // A case of an enum with values is told by its label.
    self = texts.isEmpty ? .tensorOrModule : .text("(\(texts.joined(separator: ", ")))")
  }
}
