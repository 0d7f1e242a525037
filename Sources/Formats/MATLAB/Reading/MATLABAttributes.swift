import Arrays
import Checkpoints
import HDF5

/// What the attributes of an object of a MAT-file say.
struct MATLABAttributes {
  /// The class of the value; nil where another program made the object.
  private(set) var className: String?
  /// Whether the elements are the lengths of an array without elements.
  private(set) var isEmpty = false
  /// The names of the fields of a struct, in order.
  private(set) var fields: [String] = []
  /// Whether it is a sparse matrix.
  private(set) var isSparse = false
  /// The name that Ballast gave the tensor.
  private(set) var key: String?
  /// What the tensor was that Ballast wrote.
  private(set) var record: MATLABCarrier.Record?
  /// Where in the file Ballast put the tensor: the fields that lead to it, joined by points.
  private(set) var path: String?
  /// Whether Ballast wrote any of these.
  private(set) var areOfBallast = false
  /// What hdf5storage says of the value of Python's.
  private(set) var python = PythonAttributes()
  /// The names of the attributes that are not known.
  private(set) var others: [String] = []
  /// The texts that are made of them, in bytes.
  private(set) var textByteCount = 0

  /// The attribute that every variable has.
  static let className = "MATLAB_class"
  static let emptyName = "MATLAB_empty"
  static let fieldsName = "MATLAB_fields"
  static let decodeName = "MATLAB_int_decode"
  static let keyName = "ballast_key"
  static let pathName = "ballast_path"
  static let dtypeName = "ballast_dtype"
  static let shapeName = "ballast_shape"
  /// Attributes of the root.
  static let outlineName = "ballast_outline"
  static let checksumsName = "ballast_crc32"

  /// What is known of these, or says nothing beyond what others say: where the object is, how its
  /// integers are to be taken, whether the variable was global in MATLAB's workspace.
  private static let passedOver: Set = [decodeName, "MATLAB_global", "H5PATH"]
  private static let ownNames: Set = [keyName, pathName, dtypeName, shapeName]
  /// A letter of the name of a field is a value of its own, and takes so many bytes.
  private static let letterByteCount = 16

  /// What the attributes of an object say.
  ///
  /// - Throws: `HDF5Error`, and `CheckpointError` if the file cannot be read.
  init(_ attributes: [HDF5ScannedAttribute]) throws {
    var dtype: DType?
    var shape: Shape?
    for attribute in attributes {
      switch attribute.name {
      case Self.className: className = try attribute.text
      case Self.emptyName: isEmpty = try attribute.integer.map { $0 != 0 } ?? false
      case Self.fieldsName: fields = try attribute.letters
      case "MATLAB_sparse": isSparse = true
      case Self.keyName: key = try attribute.text
      case Self.pathName: path = try attribute.text
      case Self.dtypeName: dtype = try attribute.text.flatMap(DType.init(rawValue:))
      case Self.shapeName: shape = try attribute.integers.flatMap(Shape.init(validating:))
      case let name where Self.passedOver.contains(name): break
      default: if try !python.take(attribute) { others.append(attribute.name) }
      }
      areOfBallast = areOfBallast || Self.ownNames.contains(attribute.name)
    }
    if let dtype, let shape { record = MATLABCarrier.Record(dtype: dtype, shape: shape) }
    textByteCount = [className, key, path].reduce(python.textByteCount) {
      $0 + ($1?.utf8.count ?? 0)
    }
    textByteCount += fields.reduce(0) { $0 + $1.utf8.count } * Self.letterByteCount
  }
}

extension HDF5ScannedAttribute {
  private static let maximumByteCount = 1 << 20
  /// No attribute of the oldest files is larger.
  private static let maximumTextByteCount = 1 << 16

  /// The text, if it is a single one.
  var text: String? {
    get throws {
      guard shape.allSatisfy({ $0 == 1 }) else { return nil }
      return try ifSound { try strings(maximumBytes: Self.maximumTextByteCount).first }
    }
  }

  /// The number, if it is a single one that is whole.
  var integer: Int? {
    get throws { try integers.flatMap { $0.count == 1 ? $0[0] : nil } }
  }

  /// The numbers, if they are whole.
  var integers: [Int]? {
    get throws {
      guard case .integer = datatype else { return nil }
      return try ifSound {
        let numbers = try values(maximumBytes: Self.maximumByteCount).map { value -> Int? in
          if case .integer(let number) = value { Int(number) } else { nil }
        }
        let known = numbers.compactMap(\.self)
        return known.count == numbers.count ? known : nil
      }
    }
  }

  /// The texts whose letters are given one by one; none if they are given in another way.
  var letters: [String] {
    get throws {
      let texts = try ifSound { () throws -> [String]? in
        try values(maximumBytes: Self.maximumByteCount).map { value in
          guard case .array(let letters) = value else { return "" }
          return letters.map { if case .string(let letter) = $0 { letter } else { "" } }.joined()
        }
      }
      return texts ?? []
    }
  }
}
