import Autograd

// None of these has state.

/// Rearranges channels into larger planes. Equivalent to `torch.nn.PixelShuffle`.
public final class PixelShuffle: Module {
  /// The factor by which height and width grow.
  public let upscaleFactor: Int

  /// A layer with this factor.
  public init(_ upscaleFactor: Int) { self.upscaleFactor = upscaleFactor }

  /// The larger planes.
  public override func forward(_ input: Tensor) -> Tensor { input.pixelShuffled(upscaleFactor) }

  /// The arguments as PyTorch prints them: `upscale_factor=2`.
  public override var extraDescription: String { "upscale_factor=\(upscaleFactor)" }
}

/// Rearranges planes into more channels. Equivalent to `torch.nn.PixelUnshuffle`.
public final class PixelUnshuffle: Module {
  /// The factor by which height and width shrink.
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

/// Interleaves the channels of groups. Equivalent to `torch.nn.ChannelShuffle`.
public final class ChannelShuffle: Module {
  /// The number of groups into which the channels are divided.
  public let groups: Int

  /// A layer with this number of groups.
  public init(_ groups: Int) { self.groups = groups }

  /// The channels in their new order.
  public override func forward(_ input: Tensor) -> Tensor { input.channelShuffled(groups) }

  /// The arguments as PyTorch prints them: `groups=2`.
  public override var extraDescription: String { "groups=\(groups)" }
}
