import Arrays
import Files
import States

extension Checkpoint {
  /// The files that its tensors map, wherever they are in it.
  package var mappedFiles: [InputFile] {
    var arrays = state.entries.values.map(\.array)
    if let optimizer {
      for slots in optimizer.state.values { arrays += slots.values.compactMap(\.tensor) }
    }
    let users = origin.formats.flatMap { format in
      Origin.namesOfTheUsers.compactMap { origin[format]?[$0] }
    }
    for value in metadata.values + users {
      value.forEachTensor { array, _ in arrays.append(array) }
    }
    return arrays.mappedFiles
  }
}
