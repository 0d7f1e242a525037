import Synchronization

/// Ends the program with a sentence if a caller has made a mistake.
///
/// As `precondition`, which however says nothing in an optimised program, where most models run:
/// a mismatch of shapes deep in a model must name the shapes.
///
/// - Parameters:
///   - condition: What has to be so.
///   - message: One sentence with the operation, and both shapes where there are two.
@inlinable
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition { trap(message(), file: file, line: line) }
}

/// Ends the program with a sentence: what a caller did cannot be done. As
/// ``require(_:_:file:line:)`` where there is no condition left to state.
///
/// Only for mistakes of a program. What comes from a file is checked and thrown. This is the one
/// place that ends a program: `fatalError`, unlike `preconditionFailure`, prints its sentence in an
/// optimised program too.
@usableFromInline
package func trap(_ message: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  TrapHandler.current.withLock(\.self)?(message)
  fatalError(message, file: file, line: line)
}

/// The body of what is declared only for the compiler to say what its name is here: it is unavailable, so
/// that no program with a call of it compiles.
package func refusedByCompiler(_ name: String = #function) -> Never {
  trap("\(name): the compiler refuses its calls")
}

/// Ends the program in another way than with a crash.
///
/// For a program that runs what its user names, a model on an array: a mistake in that is the
/// user's, who is owed a message and an exit status.
package enum TrapHandler {
  fileprivate static let current = Mutex<(@Sendable (String) -> Never)?>(nil)

  /// Hands the sentence of a mistake in `body`, on whatever thread, to `handler`.
  package static func with<Result>(
    _ handler: @escaping @Sendable (String) -> Never, _ body: () throws -> Result
  ) rethrows -> Result {
    current.withLock { $0 = handler }
    defer { current.withLock { $0 = nil } }
    return try body()
  }
}
