import Arrays

// What all convolution layers check and print in the same way.

/// Ends the program if channels do not divide into groups.
func requireGroups(_ layer: StaticString, _ inputs: Int, _ outputs: Int, _ groups: Int) {
  require(
    groups > 0 && inputs % groups == 0 && outputs % groups == 0,
    "\(layer): \(inputs) and \(outputs) channels do not divide into \(groups) groups")
}

/// The arguments of a convolution as PyTorch prints them: of the options those that are not as they
/// would be without being given.
///
/// - Parameter options: With the text of each, and that which it usually has.
func convolutionText(
  _ inputs: Int, _ outputs: Int, kernelSize: String, stride: String,
  _ options: [(name: String, text: String, usual: String)]
) -> String {
  let given = options.filter { $0.text != $0.usual }.map { ", \($0.name)=\($0.text)" }
  return "\(inputs), \(outputs), kernel_size=\(kernelSize), stride=\(stride)" + given.joined()
}
