import Autograd

// None of these has state.

/// Channels dealt out over larger planes. Equivalent to `torch.nn.PixelShuffle`.
public final class PixelShuffle: Module {
  /// By how much height and width grow.
  public let upscaleFactor: Int

  /// A layer with this factor.
  public init(_ upscaleFactor: Int) { self.upscaleFactor = upscaleFactor }

  /// The larger planes.
  public override func forward(_ input: Tensor) -> Tensor { input.pixelShuffled(upscaleFactor) }

  /// The arguments as PyTorch prints them: `upscale_factor=2`.
  public override var extraDescription: String { "upscale_factor=\(upscaleFactor)" }
}

/// Larger planes taken apart into channels. Equivalent to `torch.nn.PixelUnshuffle`.
public final class PixelUnshuffle: Module {
  /// By how much height and width shrink.
  public let downscaleFactor: Int

  /// A layer with this factor.
  public init(_ downscaleFactor: Int) { self.downscaleFactor = downscaleFactor }

  /// The smaller planes.
  public override func forward(_ input: Tensor) -> Tensor {
    input.pixelUnshuffled(downscaleFactor)
  }

  /// The arguments as PyTorch prints them: `downscale_factor=2`.
  public override var extraDescription: String { "downscale_factor=\(downscaleFactor)" }
}

/// The channels of all groups in turn. Equivalent to `torch.nn.ChannelShuffle`.
public final class ChannelShuffle: Module {
  /// Into how many groups the channels are divided.
  public let groups: Int

  /// A layer with this number of groups.
  public init(_ groups: Int) { self.groups = groups }

  /// The channels in their new order.
  public override func forward(_ input: Tensor) -> Tensor { input.channelShuffled(groups) }

  /// The arguments as PyTorch prints them: `groups=2`.
  public override var extraDescription: String { "groups=\(groups)" }
}
