import Arrays
import Autograd
import Checkpoints
import Kernels
import OrderedCollections
import States

/// The tensors of an adapter's file, as they are sorted.
struct LoRAReading {
  /// The matrices of a layer, as far as they are read.
  private struct Pair {
    var kind: LoRALayer.Kind
    var a: (key: String, array: NDArray)?
    var b: (key: String, array: NDArray)?
  }

  /// The longest key, in bytes, so that comparing it with many names and expressions takes no time.
  private static let maximumKey = 1000

  private let configuration: LoRAConfiguration
  private let file: String
  private var pairs: OrderedDictionary<String, Pair> = [:]
  private(set) var wholes: [LoRAWholeTensor] = []
  private(set) var unused: OrderedDictionary<String, Buffer> = [:]
  private var wholesByTarget: [String: LoRAWholeTensor] = [:]

  init(_ configuration: LoRAConfiguration, file: String) {
    (self.configuration, self.file) = (configuration, file)
  }

  private func error(_ code: CheckpointError.Code, _ key: String, _ reason: String)
    -> CheckpointError
  {
    CheckpointError(code, file: file, place: key, reason: reason)
  }

  /// Takes a tensor.
  mutating func take(_ key: String, _ entry: StateDict.Entry) throws(CheckpointError) {
    guard key.utf8.count <= Self.maximumKey else {
      throw error(
        .unsupported, String(key.prefix(60)) + "…",
        "a key of more than \(Self.maximumKey) bytes is not read")
    }
    let part: LoRAKeys.Part
    do throws(LoRALayer.Misfit) {
      part = try LoRAKeys.part(of: key)
    } catch {
      throw self.error(.unsupported, key, "the key \(error.reason)")
    }
    switch part {
    case .original: unused[key] = Buffer(entry.array)
    case .whole(let target): try takeWhole(key, target, entry)
    case .matrix(let path, let kind, let side):
      try take(key, entry.array, path, kind, side)
    }
  }

  /// PEFT writes the bias of a module that is saved as a whole twice, where all biases are trained.
  private mutating func takeWhole(
    _ key: String, _ target: String, _ entry: StateDict.Entry
  ) throws(CheckpointError) {
    if let other = wholesByTarget[target] {
      guard other.tensor.array.isBitwiseEqual(to: entry.array) else {
        throw error(
          .damaged, key,
          "it and \(other.key) are both for \(target) of the model, and are not the same")
      }
      other.aliases.append(key)
      return
    }
    let isParameter = entry.role != .buffer && entry.array.dtype.isFloatingPoint
    let whole = LoRAWholeTensor(
      key: key, target: target, tensor: isParameter ? Parameter(entry.array) : Buffer(entry.array))
    wholes.append(whole)
    wholesByTarget[target] = whole
  }

  private mutating func take(
    _ key: String, _ array: NDArray, _ path: String, _ kind: LoRALayer.Kind, _ side: LoRAKeys.Side
  ) throws(CheckpointError) {
    let isConvolution = kind == .linear && array.rank > 2
    let kind = isConvolution ? .convolution : kind
    guard array.dtype.isFloatingPoint, array.dtype != .float4E2M1FNx2 else {
      throw error(.unsupported, key, "a matrix of LoRA of type \(array.dtype) is not supported")
    }
    guard array.rank == 2 || isConvolution && array.rank <= 5, array.elementCount > 0 else {
      throw error(.damaged, key, "a tensor of shape \(array.shape) is no matrix of LoRA")
    }
    var pair = pairs[path] ?? Pair(kind: kind)
    guard pair.kind == kind, (side == .a ? pair.a : pair.b) == nil else {
      throw error(.damaged, key, "another tensor of the adapter is for the same layer, \(path)")
    }
    switch side {
    case .a: pair.a = (key, array)
    case .b: pair.b = (key, array)
    }
    pairs[path] = pair
  }

  /// The layers whose matrices were taken, each with both.
  func layers() throws(CheckpointError) -> [LoRALayer] {
    var layers: [LoRALayer] = []
    let isTarget = configuration.targetTest()
    for (path, pair) in pairs {
      guard let a = pair.a, let b = pair.b else {
        let only = pair.a?.key ?? pair.b?.key ?? path
        throw error(.damaged, only, "the adapter has no other matrix for the layer \(path)")
      }
      try check(path, pair.kind, a, b)
      if let isTarget, !isTarget(path) {
        throw error(
          .unsupported, a.key,
          "PEFT does not use it: target_modules do not name \(path), or the other members of "
            + "adapter_config.json that choose layers leave it out")
      }
      layers.append(
        LoRALayer(
          path: path, kind: pair.kind, scaling: configuration.scaling(of: path),
          keys: (a.key, b.key),
          a: parameter(a.array), b: parameter(b.array)))
    }
    return layers
  }

  private func parameter(_ array: NDArray) -> Parameter {
    Parameter(array.cast(to: LoRALayer.computeType(for: array.dtype)))
  }

  private func check(
    _ path: String, _ kind: LoRALayer.Kind, _ a: (key: String, array: NDArray),
    _ b: (key: String, array: NDArray)
  ) throws(CheckpointError) {
    let rank = configuration.rank(of: path)
    guard a.array.shape[0] == rank else {
      throw error(
        .damaged, a.key,
        "it is of rank \(a.array.shape[0]), and by adapter_config.json the rank is \(rank)")
    }
    let window = b.array.shape.dimensions.dropFirst(2)
    // Of a convolution in groups B has a part of the rank in each.
    let inner = b.array.shape[1]
    guard b.array.rank == a.array.rank, window.allSatisfy({ $0 == 1 }),
      inner == rank || kind == .convolution && rank.isMultiple(of: inner)
    else {
      throw error(
        .damaged, b.key,
        "its shape \(b.array.shape) does not fit the other matrix, of \(a.array.shape)")
    }
  }
}
