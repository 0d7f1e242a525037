import Arrays
import Files
import Synchronization

/// The tensors that share memory: a tensor and its views.
///
/// Arrays are values, so memory is shared by agreement. The arrays of all members refer to one
/// storage; whoever changes elements of it puts what comes out under all of them, at once.
final class ViewFamily {
  /// Not retained, or no view would ever be freed: a tensor leaves before it is.
  private var members: [Unmanaged<Tensor>] = []
  /// How many times elements of a member have been changed in place.
  fileprivate(set) var changes = 0
  private var lastLine: Int32 = 0

  /// Whether no other member is left.
  var isSingle: Bool { members.count < 2 }

  fileprivate func add(_ tensor: Tensor, line: Int32?) {
    tensor.family = self
    tensor.place = Int32(members.count)
    if line == nil { lastLine += 1 }
    tensor.line = line ?? lastLine
    members.append(.passUnretained(tensor))
  }

  fileprivate func remove(_ tensor: Tensor) {
    guard let last = members.popLast(), Int(tensor.place) < members.count else { return }
    members[Int(tensor.place)] = last
    last._withUnsafeGuaranteedRef { $0.place = tensor.place }
  }

  /// The storage that all members have; nil if there are none.
  fileprivate var storage: Storage? {
    members.first?._withUnsafeGuaranteedRef { $0.array.storage }
  }

  /// Calls `body` with each member, all of which are alive.
  func forEach(_ body: (Tensor) -> Void) {
    for member in members { member._withUnsafeGuaranteedRef(body) }
  }

  /// Writes elements to their places in the storage that all members have.
  fileprivate func write(_ values: NDArray, at place: Layout) {
    var storage: Storage?
    var arrays: [(dtype: DType, layout: Layout)] = []
    // Only a storage that nobody else refers to may be written to.
    forEach { member in
      storage = member.array.storage
      arrays.append((member.dtype, member.array.layout))
      member.array = Self.nothing
    }
    guard var storage = storage.take() else { return }
    if !storage.isWritable || !isKnownUniquelyReferenced(&storage) {
      storage = storage.withBytes { Storage(copying: $0) }
    }
    values.scatter(into: storage, as: place)
    forEach { member in
      let (dtype, layout) = arrays[Int(member.place)]
      member.array = NDArray(storage: storage, dtype: dtype, layout: layout)
    }
  }

  private static let nothing = NDArray(zeros: [0])

  /// Held by who changes which tensors are members, or asks for a tensor's family: threads that use one
  /// model, and only read it, make views of its parameters at the same time.
  fileprivate static let membership = Mutex(())
}

extension Tensor {
  /// Counts this tensor, whose array is part of another one's storage, among its views.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - detached: Whether gradients do not know of one what happens to the other.
  package final func join(_ other: Tensor, detached: Bool) {
    guard array.storage === other.array.storage, other !== self else { return }
    ViewFamily.membership.withLock { _ in
      if other.family == nil { ViewFamily().add(other, line: 0) }
      other.family?.add(self, line: detached ? nil : other.line)
    }
  }

  /// The tensors that share this one's memory; nil if there are none. For reading it, whatever other
  /// threads do that read it, too.
  final var familyNow: ViewFamily? {
    var found: ViewFamily?
    ViewFamily.membership.withLock { _ in found = family }
    return found
  }

  /// This result of an operation on `input` that copies in PyTorch, with memory of its own.
  final func apart(from input: Tensor) -> Tensor {
    array.storage === input.array.storage ? clone() : self
  }

  /// Ends the sharing of memory.
  final func leaveFamily() {
    guard let family else { return }
    ViewFamily.membership.withLock { _ in family.remove(self) }
    self.family = nil
    line = 0
  }

  /// What a tensor is while it has other memory for a time: see ``lend(_:device:)``.
  package struct OwnMemory {
    fileprivate let array: NDArray
    fileprivate let device: Device
    fileprivate let family: ViewFamily?
    fileprivate let line: Int32
    fileprivate let version: Int
  }

  /// Gives this tensor other memory for a time, in which it shares none.
  ///
  /// - Returns: What ``takeBack(_:)`` gives it again.
  package final func lend(_ array: NDArray, device: Device) -> OwnMemory {
    let own = OwnMemory(
      array: self.array, device: self.device, family: family, line: line, version: version)
    leaveFamily()
    self.array = device == .meta ? .placeholder(array.shape, array.dtype) : array
    self.device = device
    return own
  }

  /// Gives this tensor its own memory again, as if it had always had it.
  package final func takeBack(_ own: OwnMemory) {
    leaveFamily()
    array = own.array
    device = own.device
    version = own.version
    guard let family = own.family else { return }
    // The others may have got another storage meanwhile.
    if let storage = family.storage {
      array = NDArray(storage: storage, dtype: array.dtype, layout: array.layout)
    }
    ViewFamily.membership.withLock { _ in family.add(self, line: own.line) }
  }

  /// Counts a change in place, of all that see it.
  final func countChange() {
    guard let family else {
      version += 1
      return
    }
    family.changes += 1
    family.forEach { $0.version += 1 }
  }

  /// Writes elements to some places of this tensor, and of all that share them.
  ///
  /// - Parameters:
  ///   - values: The elements, of this tensor's type.
  ///   - operation: The operation that sentences name.
  ///   - place: The places that they go to, from those of this tensor's elements.
  final func write(
    _ values: NDArray, for operation: StaticString, at place: (Layout) -> Layout = { $0 }
  ) {
    guard let family, !family.isSingle else {
      array.makeUniqueAndContiguous()
      values.scatter(into: array.storage, as: place(array.layout))
      return
    }
    require(
      !array.layout.repeatsElements,
      "\(operation): more than one element of the written-to tensor of shape \(shape) refers to a "
        + "single memory location: clone() it before")
    family.write(values, at: place(array.layout))
  }

  /// Puts other elements of the same shape and type in the place of the present ones.
  final func putElements(_ values: NDArray, for operation: StaticString) {
    if family?.isSingle ?? true { array = values } else { write(values, for: operation) }
  }

  /// Traps if elements cannot be changed because of what the graph knows of views.
  ///
  /// - Parameters:
  ///   - operation: The operation that sentences name.
  ///   - isRecorded: Whether the new elements are the result of a recorded operation.
  final func requireChangeable(_ operation: StaticString, isRecorded: Bool) {
    guard GradMode.isEnabled else { return }
    require(
      !requiresGrad || node != nil,
      "\(operation): a leaf of shape \(shape) that requires grad is being used in an in-place "
        + "operation; do it in noGrad")
    guard let family, !family.isSingle else { return }
    family.forEach { other in
      guard other !== self, other.line == line, other.requiresGrad else { return }
      require(
        !other.isLeaf,
        "\(operation): a view, of shape \(shape), of a leaf that requires grad is being used in an "
          + "in-place operation; do it in noGrad")
      require(
        isRecorded,
        "\(operation): a view of shape \(shape) was created in noGrad mode and is being modified in "
          + "place with grad mode enabled; do both in noGrad, or neither")
    }
  }

  /// Makes the graph of each view follow a change of this tensor, before that is made.
  ///
  /// - Parameter changed: This tensor as it will be.
  final func rebaseViews(on changed: Tensor) {
    guard let family, !family.isSingle else { return }
    let layout = array.layout
    let count = array.storage.byteCount / dtype.itemSize
    var positions: [Int64] = []
    family.forEach { view in
      guard view !== self, view.line == line, view.dtype == dtype else { return }
      if positions.isEmpty {
        positions = [Int64](repeating: -1, count: count)
        let places = NDArray((0..<Int64(count)).map(\.self)).view(layout)
        for (position, place) in places.elements(as: Int64.self).enumerated() {
          positions[Int(place)] = Int64(position)
        }
      }
      let sources = NDArray(positions).view(view.array.layout)
      view.rebase(on: changed, sources.elements(as: Int64.self))
    }
  }

  /// Makes elements those of another tensor at given positions, or leaves them where that is −1.
  private final func rebase(on changed: Tensor, _ positions: [Int64]) {
    guard positions.contains(where: { $0 >= 0 }) else { return }
    let before = Tensor(array: array, device: device, node: node, requiresGrad: false)
    let indices = Tensor(positions.map { Swift.max(0, $0) })
    let mask = Tensor(positions.map { $0 >= 0 }).reshaped(shape)
    let fresh = changed.flattened().indexSelect(0, indices).reshaped(shape)
    // PyTorch's names, for a base and for a view.
    let name: StaticString = array.isPart ? "AsStridedBackward0" : "CopySlices"
    setNode(Tensor.where(mask, fresh, before).named(name).node)
  }

  /// Puts a node in the place of the present one, which loses the wish to keep the gradient.
  final func setNode(_ new: Node?) {
    if let node, node !== new, node.retained === self {
      node.retained = nil
      new?.retained = self
    }
    node = new
  }
}

extension NDArray {
  /// Whether there is more in the storage.
  var isPart: Bool { storage.byteCount > elementCount * dtype.itemSize }
}

extension Layout {
  /// Whether two indices may be those of one element.
  fileprivate var repeatsElements: Bool {
    guard shape.elementCount > 0 else { return false }
    var reach = 0
    for (stride, length) in zip(strides.map(abs), shape).sorted(by: { $0.0 < $1.0 })
    where length > 1 {
      // Dimensions that are entwined may still have each element once: then all are looked at.
      if stride <= reach { return stride == 0 || repeatsAnyOffset }
      reach += stride * (length - 1)
    }
    return false
  }

  private var repeatsAnyOffset: Bool {
    var offsets = [0]
    for (stride, length) in zip(strides, shape) {
      offsets = offsets.flatMap { offset in (0..<length).map { offset + $0 * stride } }
    }
    return Set(offsets).count < offsets.count
  }
}
