import Arrays
import Checkpoints
import HDF5

/// What hdf5storage says of a value of Python's, beside what MATLAB sees of it.
struct PythonAttributes {
  /// The type of the value: `numpy.ndarray`, `str`, `builtins.NoneType`.
  private(set) var typeName: String?
  /// The type of the elements of an array: `float32`, `str160`, whose letters have 32 bits, `bytes40`.
  private(set) var elementName: String?
  /// The shape of an array.
  private(set) var shape: Shape?
  /// Whether it is an array, and not a single value.
  private(set) var isArray = false
  /// The texts that these are made of, in bytes.
  private(set) var textByteCount = 0
  private var dictionaryForm: String?
  private var keyTypes: String?

  /// What the names begin with.
  private static let prefix = "Python."
  /// What MATLAB's own attributes say too, or the names in the file do.
  private static let passedOver: Set = ["Empty", "Fields", "dict.keys_values_names"]

  /// Nothing is said yet.
  init() {}

  /// Takes an attribute.
  ///
  /// - Returns: Whether it is one of these.
  /// - Throws: `CheckpointError` if the file cannot be read.
  mutating func take(_ attribute: HDF5ScannedAttribute) throws -> Bool {
    guard attribute.name.hasPrefix(Self.prefix) else { return false }
    let name = String(attribute.name.dropFirst(Self.prefix.count))
    func text() throws -> String? {
      let text = try attribute.text
      textByteCount += text?.utf8.count ?? 0
      return text
    }
    switch name {
    case "Type": typeName = try text()
    case "Shape": shape = try attribute.integers.flatMap(Shape.init(validating:))
    case "numpy.UnderlyingType": elementName = try text()
    case "numpy.Container": isArray = try text() != "scalar"
    case "dict.StoredAs": dictionaryForm = try text()
    case "dict.key_str_types": keyTypes = try text()
    default: return Self.passedOver.contains(name)
    }
    return true
  }

  /// The type of the elements, if they are numbers.
  var dtype: DType? { elementName.flatMap(DType.init(rawValue:)) }

  /// How texts are made up: those of an array of them, or a single one.
  struct TextForm {
    /// Whether a letter is a byte, and not a character of Unicode.
    let areBytes: Bool
    /// How many letters a text has; those at its end may be NUL. Only an empty text has none.
    let countPerText: Int
  }

  /// How the elements are made up, if they are texts.
  var textForm: TextForm? {
    guard let elementName else { return nil }
    for (prefix, bitCount) in [("str", 32), ("bytes", 8)] where elementName.hasPrefix(prefix) {
      let digits = elementName.dropFirst(prefix.count)
      guard let count = digits.isEmpty ? 0 : Int(digits), count >= 0 else { return nil }
      return TextForm(areBytes: bitCount == 8, countPerText: count / bitCount)
    }
    return nil
  }

  /// Whether it is an integer, which is kept as a text if it has more than 64 bits.
  var isInteger: Bool { typeName == "int" || typeName == "long" }

  /// Whether it is `None`.
  var isNone: Bool { typeName == "builtins.NoneType" }

  /// The name of `Ellipsis` and `NotImplemented`, of which an array without elements is kept.
  var constantName: String? {
    switch typeName {
    case "builtins.ellipsis": "Ellipsis"
    case "builtins.NotImplementedType": "NotImplemented"
    default: nil
    }
  }

  /// What the value was that it is not here, as a clause; nil if it is the same.
  var change: String? {
    if dictionaryForm == "keys_values" {
      return "it was a dictionary whose keys are no texts; they and their values are apart"
    }
    if keyTypes?.contains(where: { $0 != "t" && $0 != "U" }) == true {
      return "some of its keys were bytes, and are texts here"
    }
    guard let typeName, !Self.isKept(typeName) else { return nil }
    return "it was of Python's class \(typeName.shortened), which it is not here"
  }

  private static func isKept(_ typeName: String) -> Bool {
    switch typeName {
    case "dict", "collections.OrderedDict", "list", "str", "bytes", "bool", "int", "long", "float",
      "complex", "builtins.NoneType", "builtins.ellipsis", "builtins.NotImplementedType":
      true
    default: typeName.hasPrefix("numpy.") && typeName != "numpy.dtype"
    }
  }
}
