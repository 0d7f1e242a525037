// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import Arrays

// What Python writes with underscores does not exist, and the compiler says what it is called here.
extension Tensor {
  @available(*, unavailable, renamed: "maskedFill")
  public final func masked_fill(_ mask: Tensor, _ value: Double) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "maskedSelect")
  public final func masked_select(_ mask: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "indexSelect")
  public final func index_select(_ dim: Int, _ index: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "scatterAdd")
  public final func scatter_add(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    fatalError()
  }

  @available(*, unavailable, renamed: "logSoftmax")
  public final func log_softmax(_ dim: Int) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "repeatInterleave")
  public final func repeat_interleave(_ count: Int) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "nanToNum")
  public final func nan_to_num() -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "expandAs")
  public final func expand_as(_ other: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "isContiguous")
  public final func is_contiguous() -> Bool { fatalError() }

  @available(*, unavailable, renamed: "requiresGrad_")
  public final func requires_grad_(_ mode: Bool = true) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "retainGrad")
  public final func retain_grad() { fatalError() }

  @available(*, unavailable, renamed: "onGradient")
  public final func register_hook(_ hook: @escaping GradientHook) -> HookHandle { fatalError() }

  @available(*, unavailable, renamed: "maskedFill_")
  public final func masked_fill_(_ mask: Tensor, _ value: Double) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "crossEntropy")
  public final func cross_entropy(_ target: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "mseLoss")
  public final func mse_loss(_ target: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "layerNorm")
  public final func layer_norm(_ shape: [Int]) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "oneHot")
  public final func one_hot(_ classes: Int) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "countNonzero")
  public final func count_nonzero() -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "floorDivide")
  public final func floor_divide(_ other: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "broadcastTo")
  public final func broadcast_to(_ shape: [Int]) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "asStrided")
  public final func as_strided(_ size: [Int], _ strides: [Int]) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "allclose")
  public final func is_close(_ other: Tensor) -> Bool { fatalError() }

  @available(*, unavailable, renamed: "requiresGrad")
  public final var requires_grad: Bool { fatalError() }

  @available(*, unavailable, renamed: "isLeaf")
  public final var is_leaf: Bool { fatalError() }

  @available(*, unavailable, renamed: "gradFn")
  public final var grad_fn: String? { fatalError() }

  @available(*, unavailable, renamed: "zerosLike")
  public static func zeros_like(_ x: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "onesLike")
  public static func ones_like(_ x: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "randLike")
  public static func rand_like(_ x: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "randnLike")
  public static func randn_like(_ x: Tensor) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "full")
  public static func full_like(_ x: Tensor, _ value: Double) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "cat")
  public static func concat(_ tensors: [Tensor]) -> Tensor { fatalError() }

  @available(*, unavailable, renamed: "init")
  public static func tensor(_ elements: [Double]) -> Tensor { fatalError() }

  @available(*, unavailable, message: "there are no complex Fourier transforms here")
  public final func fft() -> Tensor { fatalError() }

  @available(*, unavailable, message: "there is no singular value decomposition here")
  public final func svd() -> Tensor { fatalError() }

  @available(
    *, unavailable, message: "lengths are needed: ctcLoss(targets, inputLengths, targetLengths)"
  )
  public final func ctcLoss(_ target: Tensor) -> Tensor { fatalError() }
}

@available(*, unavailable, renamed: "noGrad")
public func withoutGrad<R>(_ body: () throws -> R) rethrows -> R { fatalError() }

@available(*, unavailable, renamed: "noGrad")
public func no_grad<R>(_ body: () throws -> R) rethrows -> R { fatalError() }

@available(*, unavailable, renamed: "inferenceMode")
public func inference_mode<R>(_ body: () throws -> R) rethrows -> R { fatalError() }

@available(*, unavailable, renamed: "manualSeed")
public func seed(_ seed: UInt64) { fatalError() }

@available(*, unavailable, renamed: "manualSeed")
public func manual_seed(_ seed: UInt64) { fatalError() }
