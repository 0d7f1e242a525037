import Arrays
import Checkpoints
import Files
import HDF5
import Interchange
import States

/// The good inputs that the fuzzer begins with: files of the samples and fixtures, what is in them, and
/// small ones that are made here.
struct Seeds {
  private let folder: String
  private let workplace: Workplace

  /// What is larger takes the fuzzer long and leads it nowhere. The largest seed is also the largest
  /// input that it makes.
  private static func maximumByteCount(of target: FuzzTarget) -> Int {
    switch target {
    case .json, .mapping: 4 << 10
    case .pickleFile, .npyFile, .safetensorsFile, .ggufFile, .onnxFile: 8 << 10
    case .kerasConfig: 16 << 10
    case .zipArchive, .hdf5File, .pipeline: 32 << 10
    }
  }

  /// - Parameter folder: Where a folder is made for each target.
  init(in folder: String, _ workplace: Workplace) throws {
    self.folder = folder
    self.workplace = workplace
    for target in FuzzTarget.allCases { try Folder.make("\(folder)/\(target.rawValue)") }
  }

  /// Makes the seeds of all targets from these files and our own.
  func make(_ paths: some Sequence<String>) throws {
    for path in paths {
      guard let bytes = Workplace.bytes(of: path) else { continue }
      sort(bytes, named: path)
    }
    for (name, path) in try smallFiles() {
      guard let bytes = Workplace.bytes(of: path) else { trap("\(name) was not made") }
      sort(bytes, named: name)
    }
    try put(Self.plainHDF5(), .hdf5File, .pipeline)
    for rule in Self.rules {
      put(Array(#"{"ballast_mapping": 1, "rules": [\#(rule)]}"#.utf8), .mapping, .json)
    }
    for name in TensorMapping.builtInNames {
      if let mapping = TensorMapping(named: name) {
        put(Array(mapping.value.json().utf8), .mapping, .json)
      }
    }
  }

  /// A rule of each kind.
  private static let rules = [
    #"{"rename": "^(\\w+)\\.(\\d+)\\.", "to": "\\2.\\1."}"#,
    #"{"rename": "a", "to": "b", "inverse": {"rename": "b", "to": "a"}}"#,
    #"{"permute": "weight$", "axes": [1, 0]}"#, #"{"transpose": "a\\.weight"}"#,
    #"{"interleave": "a.weight", "rows": [2, 2]}"#,
    #"{"reshape": "a.weight", "shape": [-1], "from": [2, 3]}"#,
    #"{"cast": ".*", "dtype": "float16", "from": "float32"}"#,
    #"{"split": "(.*)\\.qkv\\.(weight|bias)", "axis": 0, "into": ["\\1.q.\\2", "\\1.k.\\2", "\\1.v.\\2"]}"#,
    #"{"concatenate": ["(.*)\\.a", "(.*)\\.b"], "axis": 0, "into": "\\1.c", "sizes": [1, 2]}"#,
  ]

  /// Gives a file to the targets that it is a good input of, and what is in it too.
  private func sort(_ bytes: [UInt8], named name: String) {
    let ending = name.split(separator: ".").last ?? ""
    switch ending {
    case "json":
      put(bytes, .json)
      if name.hasSuffix("config.json") { put(bytes, .kerasConfig) }
      if name.hasSuffix(".map.json") { put(bytes, .mapping) }
    case "safetensors": put(bytes, .safetensorsFile, .pipeline)
    case "gguf": put(bytes, .ggufFile, .pipeline)
    case "onnx": put(bytes, .onnxFile, .pipeline)
    case "npy": put(bytes, .npyFile, .pipeline)
    case "h5", "hdf5", "mat", "jld2": put(bytes, .hdf5File, .pipeline)
    default:
      guard let archive = FuzzArchive(bytes) else { return put(bytes, .pickleFile, .pipeline) }
      put(bytes, .zipArchive, .pipeline)
      for member in archive.members where member.method == 0 {
        let name = String(decoding: member.name, as: UTF8.self)
        if name.hasSuffix(".pkl") {
          put(member.content, .pickleFile)
        } else if !name.contains("/data/") {
          sort(member.content, named: name)
        }
      }
    }
  }

  /// Writes a seed under a name that follows from its bytes: two of the same are one.
  private func put(_ bytes: [UInt8], _ targets: FuzzTarget...) {
    for target in targets
    where !bytes.isEmpty && bytes.count <= Self.maximumByteCount(of: target) {
      let sum = String(CRC32.checksum(bytes), radix: 16)
      Workplace.write(bytes, at: "\(folder)/\(target.rawValue)/\(bytes.count)-\(sum)")
    }
  }

  /// Checkpoints of every kind of value, in every format, packed and not.
  private func smallFiles() throws -> [(name: String, path: String)] {
    var files: [(name: String, path: String)] = []
    for (number, checkpoint) in [Self.smallest, Self.varied()].enumerated() {
      for ending in ["h5", "pth", "safetensors", "npz", "gguf", "onnx", "mat"] {
        guard let format = FileFormat(fileName: "a.\(ending)") else { continue }
        for level in [0, 6] {
          var options = WriteOptions()
          options.isDurable = false
          if level > 0 { options.compression = .init(level: level, shuffle: ending == "h5") }
          let path = workplace.path(of: "\(number)-\(level).\(ending)")
          guard (try? checkpoint.write(to: path, format: format, options: options)) != nil else {
            continue
          }
          files.append((path, path))
        }
      }
    }
    return files
  }

  private static var smallest: Checkpoint {
    var state = StateDict()
    state.entries["w"] = .init(NDArray([1, 2, 3] as [Float]), role: .parameter)
    return Checkpoint(state: state)
  }

  private static func varied() -> Checkpoint {
    var state = StateDict()
    let weight = NDArray((0..<24).map { Float($0 % 5) }, shape: [4, 6])
    state.entries["a.weight"] = .init(weight, role: .parameter)
    state.entries["b.weight"] = .init(weight, role: .parameter)
    state.entries["a.count"] = .init(NDArray(Int64(3)), role: .buffer)
    for dtype in DType.allCases {
      state.entries["t.\(dtype)"] = .init(NDArray(zeros: [2], dtype: dtype), role: .buffer)
    }
    var checkpoint = Checkpoint(
      state: state,
      metadata: [
        "epoch": 3, "name": "net", "list": [1, 2.5, "x", true, .none], "nested": ["a": ["b": 1]],
        "array": .tensor(NDArray([1, 2] as [Int32])),
      ])
    checkpoint.optimizer = OptimizerState(
      type: "Adam",
      state: ["a.weight": ["step": .tensor(NDArray(Float(2))), "exp_avg": .tensor(weight)]],
      groups: [.init(options: ["lr": 0.1, "betas": [0.9, 0.999]], parameters: ["a.weight"])])
    return checkpoint
  }

  /// HDF5 that nobody described, with texts in a heap.
  private static func plainHDF5() throws -> [UInt8] {
    var blueprint = HDF5Blueprint()
    let group = try blueprint.addGroup("layer", in: .root)
    let values = [UInt8](repeating: 1, count: 4 * 6)
    let dataset = try blueprint.addDataset(
      "weight", .float32, .shape([6]), .bytes(values), in: group)
    try blueprint.addAttribute("note", texts: ["hello"], to: dataset)
    try blueprint.addAttribute("notes", texts: ["one", "two"], .shape([2]), to: .root)
    return try blueprint.structure().withBytes { [UInt8](copying: $0) }
  }
}
