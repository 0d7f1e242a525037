import Platform

/// Makes a system call again as long as a signal interrupts it before it has done anything.
///
/// Not for `close`, after which the descriptor is gone however it ended.
///
/// - Parameter call: Makes the call, which gives a negative number and sets `errno` if it fails.
func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}
