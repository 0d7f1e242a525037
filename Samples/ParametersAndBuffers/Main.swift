// Parameters, buffers and plain tensors of a module, and where each of them appears.
//
//     swift run ParametersAndBuffers
//
// A parameter is learned: it has a gradient, and optimizers change it. A buffer is kept and moved
// with the module, but not learned. A plain tensor is neither: it is in no listing and no file.
import Ballast

/// A module with a buffer from the start, one that is registered later, and a plain tensor.
final class Net: Module {
  /// Not in any listing, although it is a tensor.
  var attributeBufferIn = Tensor.randn([3, 5])
  let conv1 = Sequential(Conv2d(1, 64, kernelSize: 3, padding: 1), ReLU())

  override init() {
    super.init()
    registerBuffer("register_buffer_in", Tensor.randn([4, 6]))
  }

  override func forward(_ input: Tensor) -> Tensor { conv1(input) }
}

/// Prints a listing, a name and shape in each line.
func show(_ title: String, _ tensors: [(name: String, tensor: Tensor)]) {
  print("\(title):")
  for (name, tensor) in tensors { print("  \(name) \(tensor.shape)") }
}

@main
enum ParametersAndBuffers {
  static func main() throws {
    manualSeed(0)
    let net = Net()

    show("parameters", net.namedParameters().map { ($0.name, $0.parameter) })
    show("buffers", net.namedBuffers().map { ($0.name, $0.buffer) })
    show("state dict", net.stateDict(keepVars: false).map { ($0.key, $0.value) })

    net.registerBuffer("register_buffer_out", Tensor.ones([15, 15]))
    show(
      "state dict after registering a buffer",
      net.stateDict(keepVars: false).map { ($0.key, $0.value) })

    // A buffer that is not persistent is moved with the module, and in no file.
    net.registerBuffer("scratch", Tensor.zeros([2]), persistent: false)
    print("scratch is a buffer: \(net.namedBuffers().contains { $0.name == "scratch" })")
    print("scratch is in the state dict: \(net.stateDict()["scratch"] != nil)")

    // Parameters require gradients; a state dict is a snapshot that does not.
    print("every parameter requires a gradient: \(net.parameters().allSatisfy(\.requiresGrad))")
    net.conv1.requiresGrad(false)
    print("frozen: \(net.parameters().allSatisfy { !$0.requiresGrad })")

    // A name is taken once, and a nil reserves it.
    net.registerParameter("bias", nil)
    print("bias is reserved, and listed: \(net.namedParameters().contains { $0.name == "bias" })")

    print(net)
  }
}
