import OrderedCollections

/// Text of a Python program. What comes from a file is in it as a literal or not at all, so that no
/// name in a file becomes a part of the program.
enum PythonText {
  /// A text as a literal of ASCII, in one line.
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case " "..."~": result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return result + "\""
  }

  /// A truth value.
  static func literal(_ value: Bool) -> String { value ? "True" : "False" }

  /// A number, nil if Python has no literal of it.
  static func literal(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    return value == value.rounded() && value.magnitude < 1e9
      ? "\(Int(value)).0" : "\(value)"
  }

  /// Lengths: one, or a tuple.
  static func lengths(_ values: [Int]) -> String {
    Set(values).count == 1 ? "\(values[0])" : tuple(values)
  }

  /// Numbers as a tuple.
  static func tuple(_ values: [Int]) -> String {
    "(" + values.map(String.init).joined(separator: ", ") + (values.count == 1 ? ",)" : ")")
  }

  /// Numbers as a list.
  static func list(_ values: [Int]) -> String {
    "[" + values.map(String.init).joined(separator: ", ") + "]"
  }

  /// Whether a name can be an attribute of a module of PyTorch's without being in the way of others.
  static func isAttribute(_ name: String) -> Bool {
    guard let first = name.utf8.first, first >= UInt8(ascii: "A"), first != UInt8(ascii: "_"),
      name.utf8.allSatisfy({ byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      })
    else { return false }
    return !keywords.contains(name) && !members.contains(name)
  }

  /// A name for an argument or a variable.
  static func identifier(_ name: String, besides taken: Set<String>) -> String {
    let isFree = isAttribute(name) && !names.contains(name)
    // Names with a number behind are those of variables.
    let base = isFree ? (name.last?.isNumber == true ? name + "_" : name) : "value"
    var result = base
    var number = 1
    while taken.contains(result) {
      number += 1
      result = "\(base)_\(number)_"
    }
    return result
  }

  private static let keywords: Set = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
  ]

  /// What modules of PyTorch's have already, by `dir(torch.nn.Module())` of PyTorch 2.13.
  private static let members: Set = [
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children",
    "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward",
    "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half", "ipu",
    "load_state_dict", "modules", "mtia", "named_buffers", "named_children", "named_modules",
    "named_parameters", "parameters", "register_backward_hook", "register_buffer",
    "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "register_full_backward_pre_hook", "register_load_state_dict_post_hook",
    "register_load_state_dict_pre_hook", "register_module", "register_parameter",
    "register_state_dict_post_hook", "register_state_dict_pre_hook", "requires_grad_",
    "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train",
    "training", "type", "xpu", "zero_grad",
  ]

  /// What the program itself uses.
  private static let names = Set(["self", "torch", "nn", "F", "math", "range", "zip", "reversed"])
    .union(TwinHelpers.all.keys)
}
