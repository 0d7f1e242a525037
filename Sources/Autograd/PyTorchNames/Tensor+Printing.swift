import Arrays

extension Tensor: CustomStringConvertible {
  /// The tensor as PyTorch prints it: its elements, and what is not as usual about it.
  ///
  /// ```
  /// tensor([[1.0000, 2.5000],
  ///         [3.0000, 4.0000]], requires_grad=True)
  /// ```
  ///
  /// Floats have four digits; of more than 1,000 elements only the first and last three along each
  /// dimension are shown. A ``Parameter`` begins with `Parameter containing:` on a line of its own.
  public final var description: String {
    var suffixes: [String] = []
    if let gradFn {
      suffixes = ["grad_fn=<\(gradFn)>"]
    } else if requiresGrad {
      suffixes = ["requires_grad=True"]
    }
    let text = array.text(suffixes: suffixes, isMeta: device == .meta)
    return self is Parameter ? "Parameter containing:\n" + text : text
  }
}
