import Arrays
import OrderedCollections

/// How tensors are laid out in storages, as PyTorch has them.
///
/// Tensors that share elements share a storage, so that ties and views stay what they are. Of a
/// storage only what is between the first and the last element that such tensors use is written:
/// tensors that merely come from one piece of memory, with nothing in common, get storages of their
/// own, and so does a small part of a large storage. (PyTorch writes whole storages, and a file of
/// one row of a matrix is as large as one of the matrix.) A tensor that uses fewer than half of the
/// elements in its span, as one column does, is written without the gaps.
struct SavedStorages {
  /// A storage to be written.
  struct Storage {
    /// The elements that are written, in row-major order.
    let source: NDArray
    /// The type as which they are written.
    let writtenType: DType
    /// The type of the storage's elements; nil if tensors of several types share it.
    let dtype: DType?

    var byteCount: Int { source.elementCount * writtenType.itemSize }
  }

  /// Where the elements of a tensor are.
  struct Place {
    let storage: Int
    /// In elements of the tensor's type.
    let offset: Int
    let strides: [Int]
  }

  private(set) var storages: [Storage] = []
  /// For each tensor.
  private(set) var places: [Place] = []
  /// The bytes of all tensors, those of the same elements counted once.
  private(set) var tensorByteCount = 0

  private let tensors: [TensorCollection.Tensor]

  /// What tensors must have in common to share a storage.
  private struct Sharing: Hashable {
    let storage: ObjectIdentifier
    /// The types, if the elements are converted as they are written.
    let conversion: [DType]
  }

  init(_ tensors: [TensorCollection.Tensor]) {
    self.tensors = tensors
    places = tensors.map { Place(storage: -1, offset: 0, strides: $0.array.layout.strides) }
    var groups: OrderedDictionary<Sharing, [Int]> = [:]
    for (index, tensor) in tensors.enumerated() {
      guard tensor.array.elementCount > 0 else {
        placeEmpty(index)
        continue
      }
      let isConverted = tensor.writtenType != tensor.array.dtype
      let sharing = Sharing(
        storage: ObjectIdentifier(tensor.array.storage),
        conversion: isConverted ? [tensor.array.dtype, tensor.writtenType] : [])
      groups[sharing, default: []].append(index)
    }
    for members in groups.values {
      for component in components(members) { place(component.members, component.bytes) }
    }
  }

  /// Splits tensors of one storage into those that have elements in common, directly or not.
  private func components(_ members: [Int]) -> [(members: [Int], bytes: Range<Int>)] {
    guard members.count > 1 else { return members.map { ([$0], bytes(of: $0)) } }
    var found: [(members: [Int], bytes: Range<Int>)] = []
    for index in members.sorted(by: { bytes(of: $0).lowerBound < bytes(of: $1).lowerBound }) {
      let bytes = bytes(of: index)
      if let last = found.last, bytes.lowerBound < last.bytes.upperBound {
        found[found.count - 1].members.append(index)
        found[found.count - 1].bytes =
          last.bytes.lowerBound..<max(last.bytes.upperBound, bytes.upperBound)
      } else {
        found.append(([index], bytes))
      }
    }
    return found
  }

  private func bytes(of index: Int) -> Range<Int> {
    let array = tensors[index].array
    let extent = array.layout.extent
    return extent.lowerBound * array.dtype.itemSize..<extent.upperBound * array.dtype.itemSize
  }

  private mutating func placeEmpty(_ index: Int) {
    let tensor = tensors[index]
    let empty = NDArray(uninitialized: [0], dtype: tensor.writtenType)
    places[index] = Place(
      storage: storages.count, offset: 0, strides: tensor.array.shape.contiguousStrides)
    storages.append(
      Storage(source: empty, writtenType: tensor.writtenType, dtype: tensor.writtenType))
  }

  private mutating func place(_ members: [Int], _ bytes: Range<Int>) {
    let first = tensors[members[0]]
    let kinds = Set(members.map { Kind(tensors[$0].array) })
    for kind in kinds {
      tensorByteCount += kind.layout.shape.elementCount * first.writtenType.itemSize
    }
    let number = storages.count
    if kinds.count == 1, first.array.elementCount < first.array.layout.extent.count / 2 {
      storages.append(
        Storage(
          source: first.array, writtenType: first.writtenType, dtype: first.writtenType))
      for index in members {
        places[index] = Place(
          storage: number, offset: 0, strides: first.array.shape.contiguousStrides)
      }
      return
    }
    let hasOneType = Set(kinds.map(\.dtype)).count == 1
    // Of a type that all the others divide, so that every offset is a whole number.
    let start = hasOneType ? bytes.lowerBound : bytes.lowerBound / 16 * 16
    let sourceType = hasOneType ? first.array.dtype : .uint8
    let source = NDArray(
      storage: first.array.storage, dtype: sourceType,
      layout: Layout(
        [(bytes.upperBound - start) / sourceType.itemSize], offset: start / sourceType.itemSize))
    storages.append(
      Storage(
        source: source, writtenType: hasOneType ? first.writtenType : .uint8,
        dtype: hasOneType ? first.writtenType : nil))
    for index in members {
      let array = tensors[index].array
      places[index] = Place(
        storage: number, offset: array.layout.offset - start / array.dtype.itemSize,
        strides: array.layout.strides)
    }
  }

  /// What distinguishes tensors of one storage.
  private struct Kind: Hashable {
    let dtype: DType
    let layout: Layout

    init(_ array: NDArray) {
      dtype = array.dtype
      layout = array.layout
    }
  }
}
