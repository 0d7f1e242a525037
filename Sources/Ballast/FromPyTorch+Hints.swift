import Autograd
import Checkpoints
import Files

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
@available(*, unavailable, message: "use Checkpoint(contentsOf: path), or model.load(from: path)")
public func load(_ path: String) -> Checkpoint { refusedByCompiler() }

extension Tensor {
  // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
  @available(
    *, unavailable,
    message: "a file holds tensors by name: Checkpoint(state: [\"x\": x.array]).save(to: path)"
  )
  public static func save(_ tensor: Tensor, _ path: String) { refusedByCompiler() }
}
