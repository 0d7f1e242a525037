/// Takes a hook away again. Equivalent to `torch.utils.hooks.RemovableHandle`.
///
/// Dropping the handle leaves the hook in place.
public final class HookHandle {
  private var removal: (() -> Void)?

  /// A handle that does `removal` once.
  public init(_ removal: @escaping () -> Void) { self.removal = removal }

  /// Takes the hook away. Later calls do nothing.
  public func remove() {
    removal?()
    removal = nil
  }
}

/// Hooks in the order in which they were added.
///
/// An object, so that a handle can find its hook again wherever the owner has gone.
public final class HookList<Hook> {
  private var entries: [(id: Int, hook: Hook)] = []
  private var nextID = 0

  /// An empty list.
  public init() {}

  /// The hooks, first added first.
  public var hooks: [Hook] { entries.map(\.hook) }

  /// Whether there is no hook.
  public var isEmpty: Bool { entries.isEmpty }

  /// Adds a hook after all others.
  public func add(_ hook: Hook) -> HookHandle {
    let id = nextID
    nextID += 1
    entries.append((id, hook))
    return HookHandle { [weak self] in self?.entries.removeAll { $0.id == id } }
  }
}
