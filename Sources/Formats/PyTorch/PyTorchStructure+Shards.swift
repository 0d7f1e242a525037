import Checkpoints
import OrderedCollections
import States

extension Checkpoint {
  /// What formats keep, as the first of several files of one model carries it: the structure of
  /// this one names the `Parameter` objects, since "all" would be those of that file.
  package func originForFirstFile(of count: Int) -> Origin {
    guard count > 1, let value = origin[PyTorchStructure.format],
      let structure = PyTorchStructure(value), structure.hasParameterObjects
    else { return origin }
    var named = origin
    named[PyTorchStructure.format] = structure.naming(state.keys(of: .parameter)).value
    return named
  }

  /// Takes what the files of one model keep for the way back to formats.
  ///
  /// Their structures, those of PyTorch's files, become one. Of others the first file's counts.
  ///
  /// - Parameter parts: The files, by their names. Their tensors are in this checkpoint already.
  /// - Returns: What the files have, and the checkpoint cannot.
  package mutating func takeOrigins(
    of parts: [(name: String, checkpoint: Checkpoint)]
  ) -> [ConversionLoss] {
    var losses: [ConversionLoss] = []
    var whole: PyTorchStructure?
    for (name, part) in parts {
      for (format, value) in part.origin.entries where format != PyTorchStructure.format {
        guard let known = origin[format] else {
          origin[format] = value
          continue
        }
        guard known != value else { continue }
        losses.append(
          ConversionLoss(
            .originDropped, format,
            "\(name) keeps something else for the way back to it than a file before"))
      }
      guard var structure = part.origin[PyTorchStructure.format].flatMap(PyTorchStructure.init)
      else { continue }
      if structure.hasParameterObjects {
        structure = structure.naming(part.state.keys(of: .parameter))
      }
      if let known = whole {
        let (merged, lost) = known.merged(with: structure, of: name)
        whole = merged
        losses += lost
      } else {
        whole = structure
      }
    }
    guard var whole else { return losses }
    let parameters = state.keys(of: .parameter)
    if !parameters.isEmpty, Set(whole.parameterObjects) == Set(parameters) {
      whole.parameterObjects = []
      whole.hasParameterObjects = true
    }
    origin[PyTorchStructure.format] = whole.value
    return losses
  }
}

extension PyTorchStructure {
  /// The same with the names of the `Parameter` objects, in the place of "all".
  fileprivate func naming(_ parameters: [String]) -> PyTorchStructure {
    var named = self
    named.hasParameterObjects = false
    named.parameterObjects = parameters
    return named
  }

  /// The structure of two files as one: what names tensors and entries is that of both.
  ///
  /// - Parameter name: The name of the other file.
  fileprivate func merged(
    with other: PyTorchStructure, of name: String
  ) -> (structure: PyTorchStructure, losses: [ConversionLoss]) {
    var merged = self
    var losses: [ConversionLoss] = []
    func union<Element: Hashable>(_ a: [Element], _ b: [Element]) -> [Element] {
      OrderedSet(a).union(b).elements
    }
    merged.networks = union(networks, other.networks)
    merged.dictionaries = union(dictionaries, other.dictionaries)
    merged.keys = union(keys, other.keys)
    merged.parameterObjects = union(parameterObjects, other.parameterObjects)
    merged.frozen = union(frozen, other.frozen)
    for (key, value) in other.extraState {
      let known = merged.extraState[key]
      merged.extraState[key] = known ?? value
      guard let known, known != value else { continue }
      losses.append(
        ConversionLoss(
          .metadataDropped, key.text, "\(name) has another value of it than a file before"))
    }
    if frame != other.frame {
      losses.append(
        ConversionLoss(
          .originDropped, Self.format,
          "\(name) is put together in another way than a file before, which is not kept"))
    }
    return (merged, losses)
  }

  /// What names no tensors and no entries.
  private var frame: Value {
    var frame = self
    (frame.networks, frame.dictionaries, frame.keys) = ([], [], [])
    (frame.parameterObjects, frame.frozen, frame.extraState) = ([], [], [:])
    return frame.value
  }
}
