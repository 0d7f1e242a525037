import Arrays
import HDF5

/// How a type of tensor is described in the file: see `Layout.md` of `BallastFiles`, "Tensors".
package struct TensorDatatype: Hashable, Sendable {
  /// The type of the dataset.
  package let datatype: HDF5Datatype
  /// The name that the attribute `dtype` gives where the type does not say it.
  package let name: String?

  package init(_ dtype: DType) {
    switch dtype {
    case .bool: self.init(stored: .boolean)
    case .uint8: self.init(stored: .uint8)
    case .uint16: self.init(stored: .uint16)
    case .uint32: self.init(stored: .uint32)
    case .uint64: self.init(stored: .uint64)
    case .int8: self.init(stored: .int8)
    case .int16: self.init(stored: .int16)
    case .int32: self.init(stored: .int32)
    case .int64: self.init(stored: .int64)
    case .float16: self.init(stored: .float16)
    case .bfloat16: self.init(stored: .bfloat16)
    case .float32: self.init(stored: .float32)
    case .float64: self.init(stored: .float64)
    case .complex32: self.init(stored: .complex(.float16))
    case .complex64: self.init(stored: .complex(.float32))
    case .complex128: self.init(stored: .complex(.float64))
    case .float8E5M2: self.init(stored: .float8E5M2)
    case .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .float4E2M1FNx2:
      self.init(stored: .uint8, name: dtype.rawValue)
    }
  }

  private init(stored datatype: HDF5Datatype, name: String? = nil) {
    self.datatype = datatype
    self.name = name
  }
}

extension DType {
  /// The type of the tensors in a dataset of this type, with the name that an attribute gives.
  package init?(_ datatype: HDF5Datatype, name: String?) {
    if let name, let named = DType(rawValue: name), TensorDatatype(named).datatype == datatype {
      self = named
      return
    }
    guard let dtype = Self.byDatatype[datatype] else { return nil }
    self = dtype
  }

  private static let byDatatype = Dictionary(
    uniqueKeysWithValues: allCases.filter { TensorDatatype($0).name == nil }.map {
      (TensorDatatype($0).datatype, $0)
    })
}
