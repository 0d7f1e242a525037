import Arrays
import Autograd
import Files
import OrderedCollections
import States

/// Multiplies losses, so that gradients of `float16` do not vanish, and divides the gradients again.
/// Equivalent to `torch.amp.GradScaler`.
///
/// A step whose gradients are not finite is left out, and the scale is lowered; after
/// `growthInterval` steps without one it is raised.
///
/// ```swift
/// let scaler = GradScaler()
/// for batch in batches {
///   optimizer.zeroGrad()
///   let loss = withAutocast(.float16) { model(batch.inputs).crossEntropy(batch.labels) }
///   scaler.scale(loss).backward()
///   scaler.step(optimizer)
///   scaler.update()
/// }
/// ```
///
/// To clip gradients, call ``unscale(_:)`` first. The parameters are `float32`.
public final class GradScaler {
  private enum Stage {
    case unscaled, stepped
  }

  private struct Progress {
    let optimizer: Optimizer
    var stage: Stage
    var isFinite: Bool
  }

  /// The factor of the losses.
  public private(set) var scale: Double
  /// What the scale is multiplied by after `growthInterval` steps with finite gradients.
  public let growthFactor: Double
  /// What the scale is multiplied by after a step whose gradients were not finite.
  public let backoffFactor: Double
  /// The number of steps with finite gradients after which the scale is raised.
  public let growthInterval: Int
  /// Whether this does anything; otherwise losses and gradients pass unchanged.
  public let isEnabled: Bool
  private var growthTracker = 0
  private var progress: [ObjectIdentifier: Progress] = [:]

  /// A scaler.
  ///
  /// - Parameters:
  ///   - initScale: The scale to begin with.
  ///   - growthFactor: Above 1, or it traps.
  ///   - backoffFactor: Below 1, or it traps.
  ///   - growthInterval: The number of steps with finite gradients after which the scale is raised.
  ///   - enabled: Whether this does anything.
  public init(
    initScale: Double = 65536, growthFactor: Double = 2, backoffFactor: Double = 0.5,
    growthInterval: Int = 2000, enabled: Bool = true
  ) {
    require(growthFactor > 1, "GradScaler: the growth factor \(growthFactor) must be > 1.0")
    require(backoffFactor < 1, "GradScaler: the backoff factor \(backoffFactor) must be < 1.0")
    scale = initScale
    self.growthFactor = growthFactor
    self.backoffFactor = backoffFactor
    self.growthInterval = growthInterval
    isEnabled = enabled
  }

  /// A loss times the scale.
  ///
  /// - Parameter loss: The loss, from which gradients are computed afterwards.
  public func scale(_ loss: Tensor) -> Tensor {
    // In the type of the loss, in which PyTorch's scale is cast too.
    isEnabled ? loss * scale : loss
  }

  /// Divides the gradients of an optimizer's parameters by the scale. Called by ``step(_:)``, unless it
  /// has been called before, to clip gradients for instance.
  ///
  /// - Parameter optimizer: The optimizer.
  /// - Precondition: It has not been called since the last ``update(_:)``, and no gradient is `float16`.
  public func unscale(_ optimizer: Optimizer) {
    guard isEnabled else { return }
    let key = ObjectIdentifier(optimizer)
    switch progress[key]?.stage {
    case .unscaled:
      trap("unscale: has already been called on this \(type(of: optimizer)) since the last update")
    case .stepped: trap("unscale: is being called after step on this \(type(of: optimizer))")
    case nil: break
    }
    var isFinite = true
    noGrad {
      for (name, parameter) in optimizer.groups.flatMap(\.parameters) {
        guard let gradient = parameter.grad else { continue }
        require(
          gradient.dtype != .float16,
          "unscale: attempting to unscale FP16 gradients: parameter \"\(name)\" of shape "
            + "\(parameter.shape) should be float32")
        isFinite = isFinite && gradient.isFinite().all().item(as: Bool.self)
        gradient.mul_(1 / scale)
      }
    }
    progress[key] = Progress(optimizer: optimizer, stage: .unscaled, isFinite: isFinite)
  }

  /// Performs the optimizer's step if its gradients, once divided, are finite.
  ///
  /// - Parameter optimizer: The optimizer.
  /// - Returns: Whether the step was performed.
  /// - Precondition: It has not been called since the last ``update(_:)``.
  @discardableResult
  public func step(_ optimizer: Optimizer) -> Bool {
    guard isEnabled else {
      optimizer.step()
      return true
    }
    let key = ObjectIdentifier(optimizer)
    require(
      progress[key]?.stage != .stepped,
      "step: has already been called on this \(type(of: optimizer)) since the last update")
    if progress[key] == nil { unscale(optimizer) }
    let isFinite = progress[key]?.isFinite ?? true
    if isFinite { optimizer.step() }
    progress[key]?.stage = .stepped
    return isFinite
  }

  /// Changes the scale by what the steps since the last call found.
  ///
  /// - Parameter newScale: A scale to set instead.
  public func update(_ newScale: Double? = nil) {
    guard isEnabled else { return }
    require(
      newScale != nil || !progress.isEmpty,
      "update: no inf checks were recorded prior to update: call step first")
    if let newScale {
      scale = newScale
    } else if progress.values.contains(where: { !$0.isFinite }) {
      scale = Double(Float(scale * backoffFactor))
      growthTracker = 0
    } else {
      growthTracker += 1
      if growthTracker == growthInterval {
        let grown = Double(Float(scale * growthFactor))
        // Beyond the range of float32 it stays, as in PyTorch.
        if grown.isFinite { scale = grown }
        growthTracker = 0
      }
    }
    progress = [:]
  }

  /// The scale and its options, by PyTorch's names; empty if not enabled. Equivalent to
  /// `torch.amp.GradScaler.state_dict`.
  public func stateDict() -> OrderedDictionary<String, Value> {
    guard isEnabled else { return [:] }
    return [
      "scale": .float(scale), "growth_factor": .float(growthFactor),
      "backoff_factor": .float(backoffFactor), "growth_interval": .int(growthInterval),
      "_growth_tracker": .int(growthTracker),
    ]
  }
}

// It changes gradients, which belong to one thread.
@available(*, unavailable)
extension GradScaler: Sendable {}
