import Arrays

/// The layers of a model, the output of each for some input, and the size of the whole.
///
/// Its ``description`` is the table that `torchinfo.summary` prints. It differs where torchinfo
/// miscounts: every parameter adds to the size, also one of a module with children; a ``Linear``
/// counts each row of its output, a table of embeddings no products at all; and a module called
/// more than once has one row. Returned by ``Module/summary(inputShape:dtype:depth:)``.
public struct ModuleSummary: Sendable {
  /// A module of the model.
  public struct Layer: Sendable {
    /// The path of the module, as in the state dict; empty for the model itself.
    public let path: String
    /// The name of its class.
    public let typeName: String
    /// The number of modules that contain it.
    public let depth: Int
    /// Its number among the modules of its depth, from 1.
    public let index: Int
    /// The shape of its first output in its first call; nil if it was not called.
    public let outputShape: Shape?
    /// The number of elements of its parameters, including those of submodules.
    public let parameterCount: Int
    /// How many of them are learned.
    public let trainableParameterCount: Int
    /// The number of elements of its parameters, without those of submodules.
    public let ownParameterCount: Int
    /// Whether it has no submodules.
    public let isLeaf: Bool
    /// The number of multiply-adds in its calls; 0 unless it is a leaf.
    public let multiplyAdds: Int
    /// The size of its outputs in bytes.
    public let outputByteCount: Int
  }

  /// The modules to any depth, parents before their children.
  public let layers: [Layer]
  /// The depth to which modules are printed.
  public let depth: Int
  /// The number of elements of all parameters, each counted once.
  public let totalParameters: Int
  /// How many of them are learned.
  public let trainableParameters: Int
  /// The size of the parameters in bytes.
  public let parameterByteCount: Int
  /// The size of the inputs in bytes.
  public let inputByteCount: Int

  /// The number of elements of parameters that are not learned.
  public var nonTrainableParameters: Int { totalParameters - trainableParameters }

  /// The number of multiply-adds.
  ///
  /// Each parameter counts once per sample; one of a convolution once per element of an output
  /// plane, one of a ``Linear`` once per row, and one of a recurrent layer once per step.
  public var multiplyAdds: Int { layers.reduce(0) { $0 + $1.multiplyAdds } }

  /// The size in bytes of the outputs of leaves with parameters, and of their gradients.
  public var passByteCount: Int {
    layers.reduce(0) { $1.isLeaf && $1.parameterCount > 0 ? $0 + 2 * $1.outputByteCount : $0 }
  }
}

extension ModuleSummary: CustomStringConvertible {
  /// The table.
  public var description: String {
    let printed = layers.filter { $0.depth <= depth }
    let width = nameWidth
    let divider = String(repeating: "=", count: width + 50)
    func row(_ cells: [String]) -> String {
      var line = ""
      for (cell, width) in zip(cells, [width, 25, 25]) {
        line += cell + String(repeating: " ", count: max(0, width - cell.count)) + " "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    let rows = printed.map { layer in
      let shape = layer.outputShape.map { "\($0.dimensions)" } ?? "--"
      return row([indent(layer.depth) + layer.title, shape, countText(layer)])
    }
    let sizes = [inputByteCount, passByteCount, parameterByteCount]
    let sizeTitles = ["Input size", "Forward/backward pass size", "Params size"]
    let lines: [String] =
      [divider, row(["Layer (type:depth-idx)", "Output Shape", "Param #"]), divider] + rows + [
        divider, "Total params: \(grouped(totalParameters))",
        "Trainable params: \(grouped(trainableParameters))",
        "Non-trainable params: \(grouped(nonTrainableParameters))",
        "Total mult-adds \(multiplyAddsText)", divider,
      ] + zip(sizeTitles, sizes).map { "\($0) (MB): \(hundredths(Double($1) / 1e6))" } + [
        "Estimated Total Size (MB): \(hundredths(Double(sizes.reduce(0, +)) / 1e6))", divider,
      ]
    return lines.joined(separator: "\n")
  }

  /// As wide as the longest title, in steps of five.
  private var nameWidth: Int {
    let longest = layers.map { $0.depth * 5 + 1 + $0.title.count }.max() ?? 0
    return longest >= 40 ? (longest + 4) / 5 * 5 : 40
  }

  private func indent(_ depth: Int) -> String {
    switch depth {
    case 0: ""
    case 1: "├─"
    default: String(repeating: "│    ", count: depth - 1) + "└─"
    }
  }

  private func countText(_ layer: Layer) -> String {
    guard layer.isLeaf || layer.depth == depth else {
      return layer.ownParameterCount > 0 ? grouped(layer.ownParameterCount) : "--"
    }
    guard layer.parameterCount > 0 else { return "--" }
    let count = grouped(layer.parameterCount)
    return layer.trainableParameterCount > 0 ? count : "(\(count))"
  }

  private var multiplyAddsText: String {
    let count = Double(multiplyAdds)
    let (unit, divisor) = count >= 1e12 ? ("T", 1e12) : count >= 1e9 ? ("G", 1e9) : ("M", 1e6)
    let scaled = count / divisor
    return scaled == scaled.rounded()
      ? "(\(unit)): \(grouped(Int(scaled)))" : "(\(unit)): \(hundredths(scaled))"
  }
}

extension ModuleSummary.Layer {
  fileprivate var title: String { depth == 0 ? typeName : "\(typeName): \(depth)-\(index)" }
}

/// A number with a comma before every three digits.
private func grouped(_ number: Int) -> String {
  let digits = Array(String(number))
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// A number that is not negative, to two places.
private func hundredths(_ value: Double) -> String {
  let rounded = Int((value * 100).rounded(.toNearestOrEven))
  return "\(grouped(rounded / 100)).\(rounded % 100 < 10 ? "0" : "")\(rounded % 100)"
}
