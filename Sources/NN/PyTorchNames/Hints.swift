// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import Autograd
import Files
import States

// What Python writes with underscores does not exist, and the compiler says what it is called here.
extension Module {
  @available(*, unavailable, renamed: "stateDict")
  public final func state_dict() -> StateDict { refusedByCompiler() }

  @available(*, unavailable, renamed: "loadStateDict")
  public final func load_state_dict(_ state: StateDict) { refusedByCompiler() }

  @available(*, unavailable, renamed: "namedParameters")
  public final func named_parameters() -> [(name: String, parameter: Parameter)] {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "namedBuffers")
  public final func named_buffers() -> [(name: String, buffer: Buffer)] { refusedByCompiler() }

  @available(*, unavailable, renamed: "namedModules")
  public final func named_modules() -> [(name: String, module: Module)] { refusedByCompiler() }

  @available(*, unavailable, renamed: "namedChildren")
  public final func named_children() -> [(name: String, module: Module)] { refusedByCompiler() }

  @available(*, unavailable, renamed: "zeroGrad")
  public final func zero_grad() { refusedByCompiler() }

  @available(*, unavailable, renamed: "requiresGrad_")
  public final func requires_grad_(_ mode: Bool = true) -> Self { refusedByCompiler() }

  @available(*, unavailable, renamed: "registerBuffer")
  public final func register_buffer(_ name: String, _ buffer: Tensor?, persistent: Bool = true) {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "registerParameter")
  public final func register_parameter(_ name: String, _ parameter: Parameter?) {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "registerModule")
  public final func register_module(_ name: String, _ module: Module?) { refusedByCompiler() }

  @available(*, unavailable, renamed: "addModule")
  public final func add_module(_ name: String, _ module: Module?) { refusedByCompiler() }

  @available(*, unavailable, renamed: "submodule")
  public final func get_submodule(_ path: String) -> Module? { refusedByCompiler() }

  @available(*, unavailable, renamed: "parameter")
  public final func get_parameter(_ path: String) -> Parameter? { refusedByCompiler() }

  @available(*, unavailable, renamed: "buffer")
  public final func get_buffer(_ path: String) -> Buffer? { refusedByCompiler() }

  @available(*, unavailable, renamed: "toEmpty")
  public final func to_empty(_ device: Device) -> Self { refusedByCompiler() }

  @available(*, unavailable, renamed: "isTraining")
  public final var training: Bool { refusedByCompiler() }

  @available(
    *, unavailable, message: "Swift cannot copy an object: say how to make one, copy { Net() }"
  )
  public final func copy() -> Self { refusedByCompiler() }

  @available(
    *, unavailable, message: "Swift cannot copy an object: say how to make one, copy { Net() }"
  )
  public final func clone() -> Self { refusedByCompiler() }

  @available(
    *, unavailable, message: "Swift cannot copy an object: say how to make one, copy { Net() }"
  )
  public final func deepCopy() -> Self { refusedByCompiler() }

  @available(
    *, unavailable, message: "Swift cannot copy an object: say how to make one, copy { Net() }"
  )
  public final func deepcopy() -> Self { refusedByCompiler() }
}

@available(
  *, unavailable, message: "there is one process: use BatchNorm1d, BatchNorm2d or BatchNorm3d"
)
public final class SyncBatchNorm: Module {
  public init(_ numFeatures: Int) { refusedByCompiler() }
}

@available(
  *, unavailable, message: "reparametrize in forward: (v / v.norm(dim: 1, keepdim: true) * g)"
)
public func weightNorm<M: Module>(_ module: M) -> M { refusedByCompiler() }

@available(
  *, unavailable,
  message: "divide in forward by what a power iteration gives: weight / u.matmul(weight).matmul(v)"
)
public func spectralNorm<M: Module>(_ module: M) -> M { refusedByCompiler() }

extension Embedding {
  @available(*, unavailable, renamed: "fromPretrained")
  public static func from_pretrained(_ embeddings: Tensor, freeze: Bool = true) -> Embedding {
    refusedByCompiler()
  }
}

extension EmbeddingBag {
  @available(*, unavailable, renamed: "fromPretrained")
  public static func from_pretrained(_ embeddings: Tensor, freeze: Bool = true) -> EmbeddingBag {
    refusedByCompiler()
  }
}
