import Synchronization

/// Things that threads take in turns, so that each is made once and not for every piece of work.
package final class ReusePool<Element: Sendable>: Sendable {
  private let free = Mutex<[Element]>([])
  private let make: @Sendable () -> Element

  package init(_ make: @escaping @Sendable () -> Element) { self.make = make }

  /// One that nobody else has.
  package func take() -> Element { free.withLock { $0.popLast() } ?? make() }

  /// Gives one back, which the caller uses no more.
  package func give(_ element: Element) { free.withLock { $0.append(element) } }
}
