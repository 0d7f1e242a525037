/// Removes a hook. Equivalent to `torch.utils.hooks.RemovableHandle`.
///
/// Discarding the handle leaves the hook in place.
public final class HookHandle {
  private var removal: (() -> Void)?

  /// A handle that calls `removal` the first time it is used.
  public init(_ removal: @escaping () -> Void) { self.removal = removal }

  /// Removes the hook. Later calls do nothing.
  public func remove() {
    removal?()
    removal = nil
  }
}

/// Hooks in the order in which they were added.
///
/// A class, so that a handle finds its hook wherever the list's owner has gone.
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
  ///
  /// - Parameter hook: The hook.
  /// - Returns: A handle that removes it.
  public func add(_ hook: Hook) -> HookHandle {
    let id = nextID
    nextID += 1
    entries.append((id, hook))
    return HookHandle { [weak self] in self?.entries.removeAll { $0.id == id } }
  }
}
