/// An argument of a sample, as PyTorch's sample inputs give it.
indirect enum Argument {
  case none
  case bool(Bool)
  case int(Int)
  case number(Double)
  case text(String)
  case list([Argument])
  case tensor(Tensor)
  case dtype(DType)
  case slice(from: Int?, to: Int?, step: Int?)
  case ellipsis
  /// A device, a layout or a memory format, which the engine has one of.
  case place
  /// The arguments of a layer, by their names.
  case fields([String: Argument])
  /// Something that has no counterpart, such as a function.
  case other(String)

  /// Reads an argument; `tensor` makes the tensors, in the order in which they stand.
  init(_ value: Value, tensor: (_ number: Int, _ needsGradient: Bool) throws -> Tensor) throws {
    switch value {
    case .none: self = .none
    case .bool(let truth): self = .bool(truth)
    case .int(let number): self = .int(number)
    case .float(let number): self = .number(number)
    case .string(let text): self = .text(text)
    case .list(let parts): self = .list(try parts.map { try Argument($0, tensor: tensor) })
    case .dict:
      if let number = value["tensor"]?.intValue {
        self = .tensor(try tensor(number, value["grad"]?.boolValue ?? false))
      } else if let parts = value["tuple"]?.elements {
        self = .list(try parts.map { try Argument($0, tensor: tensor) })
      } else if let text = value["float"]?.stringValue, let number = Double(text) {
        self = .number(number)
      } else if let name = value["dtype"]?.stringValue {
        self = DType(rawValue: name).map(Argument.dtype) ?? .other(name)
      } else if let bounds = value["slice"]?.elements {
        self = .slice(
          from: bounds[0].intValue, to: bounds[1].intValue, step: bounds[2].intValue)
      } else if value["ellipsis"] != nil {
        self = .ellipsis
      } else if let fields = value["fields"]?.dictionary {
        var read: [String: Argument] = [:]
        for (key, value) in fields {
          if case .string(let name) = key { read[name] = try Argument(value, tensor: tensor) }
        }
        self = .fields(read)
      } else if value["place"] != nil {
        self = .place
      } else {
        self = .other(value["other"]?.stringValue ?? "\(value)")
      }
    default: self = .other("\(value)")
    }
  }

  /// What it is, for a reason why a call cannot be expressed.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool(let truth): truth ? "True" : "False"
    case .int: "an integer"
    case .number: "a float"
    case .text(let text): "'\(text)'"
    case .list: "a list"
    case .tensor: "a tensor"
    case .dtype(let dtype): "\(dtype)"
    case .slice: "a slice"
    case .ellipsis: "..."
    case .place: "a place"
    case .fields: "a layer"
    case .other(let text): text
    }
  }

  /// Whether leaving it out changes nothing.
  var isIdle: Bool {
    switch self {
    case .none, .place: true
    default: false
    }
  }
}
