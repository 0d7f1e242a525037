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
    isView = !detached
    isUnrecordedView = !detached && !GradMode.isEnabled
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
    (isView, isUnrecordedView) = (false, false)
  }

  /// What a tensor is while it has other memory for a time: see ``lend(_:device:)``.
  package struct OwnMemory {
    fileprivate let array: NDArray
    fileprivate let device: Device
    fileprivate let family: ViewFamily?
    fileprivate let line: Int32
    fileprivate let version: Int
    fileprivate let (isView, isUnrecordedView): (Bool, Bool)
  }

  /// Gives this tensor other memory for a time, in which it shares none.
  ///
  /// - Returns: What ``takeBack(_:)`` gives it again.
  package final func lend(_ array: NDArray, device: Device) -> OwnMemory {
    let own = OwnMemory(
      array: self.array, device: self.device, family: family, line: line, version: version,
      isView: isView, isUnrecordedView: isUnrecordedView)
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
    (isView, isUnrecordedView) = (own.isView, own.isUnrecordedView)
  }

  /// Counts a change in place, of all that see it.
  final func countChange() {
    guard let family else {
      version += 1
      return
    }
    family.changes += 1
    family.forEach { $0.version += 1 }
    family.forEach { $0.leadChangedViews() }
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

  private var repeatsAnyOffset: Bool { Set(places).count < shape.elementCount }
}
