import Ballast
import OrderedCollections
import ToolSupport

/// Arrays that a model is given, or that it gives, by name; one alone may be without.
struct NamedArrays {
  /// The name of an array that was given none.
  static let nameless = ""

  private(set) var arrays: OrderedDictionary<String, NDArray> = [:]
  /// Where each is from, for messages.
  private(set) var places: [String: String] = [:]
  /// What reading lost and noted, by the file.
  private(set) var remarks: [(path: String, losses: [ConversionLoss], notes: [String])] = []

  /// Arrays by name.
  init(_ arrays: OrderedDictionary<String, NDArray>) { self.arrays = arrays }

  /// Reads arrays: `x.npy`, `name=x.npy`, or a file that has several by their names, such as
  /// `inputs.npz` or `inputs.safetensors`.
  ///
  /// - Throws: `UsageError` for two arrays of one name, or a name for a file of several; the errors of
  ///   reading.
  init(reading arguments: [String]) throws {
    for argument in arguments {
      let (name, path) = Self.parts(argument)
      if path.hasSuffix(".npy") {
        try add(try NPYFile.read(path), name ?? Self.nameless, from: path)
        continue
      }
      guard name == nil else {
        throw UsageError("\(argument): a name is for one array, which is a .npy file")
      }
      let opened = try OpenedCheckpoint(path, access: .verified)
      if let uncertainty = opened.uncertainty { throw uncertainty }
      if !opened.losses.isEmpty || !opened.notes.isEmpty {
        remarks.append((path, opened.losses, opened.notes))
      }
      guard !opened.checkpoint.state.isEmpty else { throw UsageError("\(path) has no arrays") }
      for (key, entry) in opened.checkpoint.state.entries { try add(entry.array, key, from: path) }
    }
  }

  /// The name and the path of an argument. A path may have an equals sign too: what is before one is a
  /// name if nothing in it belongs to a path.
  private static func parts(_ argument: String) -> (name: String?, path: String) {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
      return (nil, argument)
    }
    let name = argument[..<sign]
    guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
      return (nil, argument)
    }
    return (String(name), String(argument[argument.index(after: sign)...]))
  }

  private mutating func add(_ array: NDArray, _ name: String, from path: String) throws {
    guard arrays[name] == nil else {
      throw UsageError(
        name == Self.nameless
          ? "\(path): two arrays have no name; give each one, as in input_ids=\(path)"
          : "\(path): there is another array \"\(name)\"")
    }
    arrays[name] = array
    places[name] = path
  }

  /// What NumPy, PyTorch's tensors alone, and this call an array in a file of several that was given no name.
  private static let stand: Set = ["arr_0", "tensor", "output"]

  /// The name of the array here that one of another file is to be held against; nil if there is none.
  ///
  /// A name that is missing on one side is no other name.
  func counterpart(of name: String) -> String? {
    if arrays[name] != nil { return name }
    guard arrays.count == 1, let only = arrays.keys.first else { return nil }
    let isNameless = name == Self.nameless || only == Self.nameless && Self.stand.contains(name)
    return isNameless ? only : nil
  }

  /// The names, for messages.
  var names: String {
    arrays.keys.map { $0 == Self.nameless ? "one array without a name" : $0 }
      .joined(separator: ", ")
  }

  /// What messages call an array: its name, and where it is from.
  func title(_ name: String) -> String {
    let place = places[name] ?? "the output"
    return name == Self.nameless ? place : "\(name) (\(place))"
  }

  /// Writes the arrays: one as `.npy`, or all of them by name, as the ending says.
  ///
  /// - Throws: `UsageError` if the file holds one array and there are several.
  func write(to path: String, _ overwrite: ReplacementFile.Overwrite) throws {
    if path.hasSuffix(".npy") {
      guard arrays.count == 1, let array = arrays.values.first else {
        throw UsageError(
          "\(path) holds one array, and the model gives \(names): "
            + "end it as in outputs.npz")
      }
      try NPYFile.write(array, to: path, overwrite: overwrite)
      return
    }
    let format = try OutputFormat(fileName: path, advice: "end it as in y.npy or y.npz").format
    var state = StateDict()
    for (name, array) in arrays {
      state[name == Self.nameless ? "output" : name] = array
    }
    var options = WriteOptions()
    options.overwrite = overwrite
    try Checkpoint(state: state).write(to: path, format: format, options: options)
  }
}
