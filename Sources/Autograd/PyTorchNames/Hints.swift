// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import Arrays
import Files

// What Python writes with underscores does not exist, and the compiler says what it is called here.
extension Tensor {
  @available(*, unavailable, renamed: "maskedFill")
  public final func masked_fill(_ mask: Tensor, _ value: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "maskedSelect")
  public final func masked_select(_ mask: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "indexSelect")
  public final func index_select(_ dim: Int, _ index: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "scatterAdd")
  public final func scatter_add(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "logSoftmax")
  public final func log_softmax(_ dim: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "repeatInterleave")
  public final func repeat_interleave(_ count: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "nanToNum")
  public final func nan_to_num() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "expandAs")
  public final func expand_as(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "isContiguous")
  public final func is_contiguous() -> Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "requiresGrad_")
  public final func requires_grad_(_ mode: Bool = true) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "retainGrad")
  public final func retain_grad() { refusedByCompiler() }

  @available(*, unavailable, renamed: "onGradient")
  public final func register_hook(_ hook: @escaping GradientHook) -> HookHandle {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "maskedFill_")
  public final func masked_fill_(_ mask: Tensor, _ value: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "crossEntropy")
  public final func cross_entropy(_ target: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "mseLoss")
  public final func mse_loss(_ target: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "layerNorm")
  public final func layer_norm(_ shape: [Int]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "oneHot")
  public final func one_hot(_ classes: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "countNonzero")
  public final func count_nonzero() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "floorDivide")
  public final func floor_divide(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "broadcastTo")
  public final func broadcast_to(_ shape: [Int]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "asStrided")
  public final func as_strided(_ size: [Int], _ strides: [Int]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "allclose")
  public final func is_close(_ other: Tensor) -> Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "requiresGrad")
  public final var requires_grad: Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "isLeaf")
  public final var is_leaf: Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "gradFn")
  public final var grad_fn: String? { refusedByCompiler() }

  @available(*, unavailable, renamed: "zerosLike")
  public static func zeros_like(_ x: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "onesLike")
  public static func ones_like(_ x: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "randLike")
  public static func rand_like(_ x: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "randnLike")
  public static func randn_like(_ x: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "fullLike")
  public static func full_like(_ x: Tensor, _ value: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "init")
  public static func tensor(_ elements: [Double]) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no Fourier transform: matmul(_:) by a matrix of cosines and one of sines"
  )
  public final func fft() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no singular value decomposition: cholesky(), inverse() and det() there are"
  )
  public final func svd() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable, message: "lengths are needed: ctcLoss(targets, inputLengths, targetLengths)"
  )
  public final func ctcLoss(_ target: Tensor) -> Tensor { refusedByCompiler() }
}

@available(*, unavailable, renamed: "noGrad")
public func withoutGrad<R>(_ body: () throws -> R) rethrows -> R { refusedByCompiler() }

@available(*, unavailable, renamed: "noGrad")
public func no_grad<R>(_ body: () throws -> R) rethrows -> R { refusedByCompiler() }

@available(*, unavailable, renamed: "inferenceMode")
public func inference_mode<R>(_ body: () throws -> R) rethrows -> R { refusedByCompiler() }

@available(*, unavailable, renamed: "manualSeed")
public func seed(_ seed: UInt64) { refusedByCompiler() }

@available(*, unavailable, renamed: "manualSeed")
public func manual_seed(_ seed: UInt64) { refusedByCompiler() }
