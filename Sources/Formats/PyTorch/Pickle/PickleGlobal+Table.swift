import Arrays

extension PickleGlobal {
  /// The names that stand for something here.
  static let table: [String: Meaning] = {
    var table: [String: Meaning] = [
      "collections.OrderedDict": .constructor(.dict),
      "collections.defaultdict": .constructor(.defaultDict),
      "collections.Counter": .constructor(.dict),
      "builtins.dict": .constructor(.dict),
      "builtins.list": .constructor(.list),
      "builtins.tuple": .constructor(.tuple),
      "builtins.set": .constructor(.set),
      "builtins.frozenset": .constructor(.set),
      "builtins.bytearray": .constructor(.byteArray),
      "builtins.bytes": .constructor(.bytes),
      "builtins.complex": .constructor(.complex),
      "_codecs.encode": .constructor(.encode),
      "copyreg.__newobj__": .constructor(.newObject),
      "copyreg.__newobj_ex__": .constructor(.newObjectWithKeywords),
      "copyreg._reconstructor": .constructor(.reconstructor),

      "torch.device": .constructor(.device),
      "torch.serialization._get_layout": .constructor(.layout),
      "torch._utils._rebuild_tensor": .constructor(.tensorV1),
      "torch._utils._rebuild_tensor_v2": .constructor(.tensorV2),
      "torch._utils._rebuild_tensor_v3": .constructor(.tensorV3),
      "torch._utils._rebuild_parameter": .constructor(.parameter),
      "torch._utils._rebuild_parameter_with_state": .constructor(.parameter),
      "torch._tensor._rebuild_from_type_v2": .constructor(.fromType),
      "torch._utils._rebuild_meta_tensor_no_storage": .constructor(.metaTensor),
      "torch._utils._rebuild_device_tensor_from_numpy": .constructor(.tensorFromNumPy),
      "torch.jit._pickle.restore_type_tag": .constructor(.identity),
      "torch.jit._pickle.build_intlist": .constructor(.identity),
      "torch.jit._pickle.build_doublelist": .constructor(.identity),
      "torch.jit._pickle.build_boollist": .constructor(.identity),
      "torch.jit._pickle.build_tensorlist": .constructor(.identity),

      "numpy.dtype": .constructor(.numpyType),
      "numpy._core.multiarray.scalar": .constructor(.numpyScalar),
      "numpy._core.multiarray._reconstruct": .constructor(.numpyReconstruct),
      "numpy._core.numeric._frombuffer": .constructor(.numpyFromBuffer),

      "torch._utils._rebuild_qtensor": .unsupported("a quantised tensor"),
      "torch._utils._rebuild_sparse_tensor": .unsupported("a sparse tensor"),
      "torch._utils._rebuild_sparse_csr_tensor": .unsupported("a sparse tensor"),
      "torch._utils._rebuild_nested_tensor": .unsupported("a nested tensor"),
      "torch._utils._rebuild_wrapper_subclass": .unsupported("a tensor of a class of its own"),
      "torch.distributed._shard.sharded_tensor.api.ShardedTensor": .unsupported(
        "one process's part of a sharded tensor"),
      "torch._tensor._rebuild_from_type": .unsupported("a tensor of a class of its own"),
      "torch.storage._load_from_bytes": .unsupported(
        "a tensor that was pickled without torch.save"),
      "torch.nn.parameter.UninitializedParameter": .unsupported(
        "a parameter of a lazy module that has no values yet"),
      "torch.nn.parameter.UninitializedBuffer": .unsupported(
        "a buffer of a lazy module that has no values yet"),

      "torch.storage.UntypedStorage": .storage(nil),
      "torch.UntypedStorage": .storage(nil),
    ]
    for name in [
      "torch.Size", "builtins.range", "builtins.slice", "pathlib.PosixPath", "pathlib.WindowsPath",
      "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib.Path", "datetime.datetime",
      "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone",
      "decimal.Decimal", "fractions.Fraction", "uuid.UUID",
      "numpy.random._pickle.__randomstate_ctor", "numpy.random._pickle.__generator_ctor",
      "numpy.random._pickle.__bit_generator_ctor",
    ] {
      table[name] = .constructor(.opaque)
    }
    for name in ["object", "int", "float", "bool", "str"] { table["builtins.\(name)"] = .plainType }
    for (dtype, name) in storageClasses { table["torch.\(name)"] = .storage(dtype) }
    for name in ["QInt8", "QInt32", "QUInt8", "QUInt4x2", "QUInt2x4"] {
      table["torch.\(name)Storage"] = .quantizedStorage
    }
    return table
  }()

  /// The classes of PyTorch's storages, all in the module `torch`. Newer types have none.
  static let storageClasses: [DType: String] = [
    .float64: "DoubleStorage", .float32: "FloatStorage", .float16: "HalfStorage",
    .bfloat16: "BFloat16Storage", .int64: "LongStorage", .int32: "IntStorage",
    .int16: "ShortStorage", .int8: "CharStorage", .uint8: "ByteStorage", .bool: "BoolStorage",
    .complex128: "ComplexDoubleStorage", .complex64: "ComplexFloatStorage",
  ]
}
