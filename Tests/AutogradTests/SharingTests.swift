import Arrays
import Autograd
import Testing

/// An operation whose result shares memory with its operand in PyTorch 2.13, or does not: there
/// `y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()` says so.
struct SharingSample: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let isView: Bool
  let make: @Sendable (Tensor) -> Tensor

  private static func view(
    _ line: String, _ make: @escaping @Sendable (Tensor) -> Tensor
  ) -> SharingSample {
    SharingSample(testDescription: line, isView: true, make: make)
  }

  private static func copy(
    _ line: String, _ make: @escaping @Sendable (Tensor) -> Tensor
  ) -> SharingSample {
    SharingSample(testDescription: line, isView: false, make: make)
  }

  static let views: [SharingSample] = [
    view("x.reshape(2, 2)") { $0.reshape(2, 2) },
    view("x.view(2, 2)") { $0.view(2, 2) },
    view("x.reshape(2, 2).t()") { $0.reshape(2, 2).t() },
    view("x.reshape(2, 2).mT") { $0.reshape(2, 2).mT },
    view("x.reshape(2, 2).permute(1, 0)") { $0.reshape(2, 2).permute(1, 0) },
    view("x.reshape(2, 2).transpose(0, 1)") { $0.reshape(2, 2).transpose(0, 1) },
    view("x[1:3]") { $0[1..<3] },
    view("x[0]") { $0[0] },
    view("x[...]") { $0[...] },
    view("x.unsqueeze(0)") { $0.unsqueeze(0) },
    view("x.squeeze()") { $0.squeeze() },
    view("x.expand(2, 4)") { $0.expand(2, 4) },
    view("x.narrow(0, 1, 2)") { $0.narrow(0, 1, 2) },
    view("x.split(2)[1]") { $0.split(2)[1] },
    view("x.chunk(2)[0]") { $0.chunk(2)[0] },
    view("x.unbind()[3]") { $0.unbind()[3] },
    view("x.detach()") { $0.detach() },
    view("x.data") { $0.data },
    view("x.unfold(0, 2, 1)") { $0.unfolded(0, size: 2, step: 1) },
    view("x.as_strided((2, 2), (1, 1))") { $0.asStrided([2, 2], [1, 1]) },
    view("x.reshape(2, 2).diagonal()") { $0.reshape(2, 2).diagonal() },
    view("x.flatten()") { $0.flatten() },
    view("x.ravel()") { $0.ravel() },
    view("x.contiguous()") { $0.contiguous() },
    view("x.to(torch.float32)") { $0.to(.float32) },
    view("x.movedim(0, 0)") { $0.movedim(0, 0) },
    view("x.expand_as(x)") { $0.expandAs($0) },
    view("x.unflatten(0, (2, 2))") { $0.unflatten(0, [2, 2]) },
    view("x.cpu()") { $0.cpu() },
    view("dropout(x, 0.5, training=False)") { $0.dropout(0.5, training: false) },
    view("Parameter(x)") { Parameter($0) },
    view("Buffer(x)") { Buffer($0) },
    view("meshgrid(x, x)[0]") { .meshgrid($0, $0)[0] },
    view("einsum('i->i', x)") { .einsum("i->i", $0) },
    view("einsum('ij->ji', x.reshape(2, 2))") { .einsum("ij->ji", $0.reshape(2, 2)) },
  ]

  static let copies: [SharingSample] = [
    copy("x.clone()") { $0.clone() },
    copy("x.repeat(1)") { $0.repeat(1) },
    copy("x.tile(1)") { $0.tile(1) },
    copy("x[0:1].repeat(3)") { $0[..<1].repeat(3) },
    copy("x.flip([])") { $0.flip([]) },
    copy("x.roll(0)") { $0.roll(0) },
    copy("cat([x])") { .cat([$0]) },
    copy("stack([x])") { .stack([$0]) },
    copy("x[0].sum()") { $0[0].sum() },
    copy("x.reshape(4, 1).sum(1)") { $0.reshape(4, 1).sum(1) },
    copy("x.reshape(4, 1).mean(1)") { $0.reshape(4, 1).mean(1) },
    copy("x.reshape(4, 1).amax(1)") { $0.reshape(4, 1).amax(1) },
    copy("x.reshape(4, 1).max(1).values") { $0.reshape(4, 1).max(1).values },
    copy("x.reshape(4, 1).prod(1)") { $0.reshape(4, 1).prod(1) },
    copy("x[0].max()") { $0[0].max() },
    copy("x.reshape(4, 1).cumsum(1)") { $0.reshape(4, 1).cumsum(1) },
    copy("x[0].cumsum(0)") { $0[0].cumsum(0) },
    copy("x.clamp(min=-100)") { $0.clamp(min: -100) },
    copy("x.pow(1)") { $0.pow(1) },
    copy("x * 1") { $0 * 1 },
    copy("x + 0") { $0 + 0 },
    copy("pad(x, (0, 0))") { $0.pad([0, 0]) },
    copy("pad(x, (-1, 0))") { $0.pad([-1, 0]) },
    copy("pad(x[None], (0, 0), mode='reflect')") { $0[.newAxis].padded([0, 0], mode: .reflect) },
    copy("x[[0, 1, 2, 3]]") { $0[[0, 1, 2, 3]] },
    copy("x[x > -1]") { $0[$0 .> -1] },
    copy("x.gather(0, arange(4))") { $0.gather(0, Tensor.arange(4)) },
    copy("x.index_select(0, arange(4))") { $0.indexSelect(0, Tensor.arange(4)) },
    copy("x.sort().values") { $0.sort().values },
    copy("where(x > -1, x, x)") { .where($0 .> -1, $0, $0) },
    copy("x.reshape(2, 2).tril(1)") { $0.reshape(2, 2).lowerTriangle(1) },
    copy("x.nan_to_num()") { $0.nanToNum() },
    copy("x.masked_fill(x < 0, 0)") { $0.maskedFill($0 .< 0, 0) },
    copy("x.repeat_interleave(1)") { $0.repeatInterleave(1) },
    copy("x.relu()") { $0.relu() },
    copy("x.abs()") { $0.abs() },
    copy("interpolate(x.reshape(1, 1, 4), 4)") {
      $0.reshape(1, 1, 1, 4).interpolated(size: [1, 4])
    },
    copy("avg_pool1d(x.reshape(1, 4), 1)") { $0.reshape(1, 1, 4).avgPool1d(1) },
    copy("adaptive_avg_pool1d(x.reshape(1, 4), 4)") { $0.reshape(1, 1, 4).adaptiveAvgPool1d(4) },
    copy("x.logsumexp(0)") { $0[..<1].logsumexp(0) },
    copy("einsum('ij->i', x.reshape(4, 1))") { .einsum("ij->i", $0.reshape(4, 1)) },
    copy("threshold(x, -1, 0)") { $0.threshold(-1, 0) },
    copy("pixel_shuffle(x.reshape(1, 4, 1, 1), 1)") { $0.reshape(1, 4, 1, 1).pixelShuffled(1) },
    copy("x.norm(dim=1)") { $0.reshape(4, 1).norm(p: 1, dim: 1) },
    copy("x.topk(4).values") { $0.topk(4).values },
    copy("maximum(x, x)") { .maximum($0, $0) },
    copy("x.softmax(0)") { $0.softmax(0) },
    copy("x.to(torch.float64)") { $0.to(.float64) },
    copy("x.reshape(2, 2).t().reshape(4)") { $0.reshape(2, 2).t().reshape(4) },
    copy("x.reshape(2, 2).t().contiguous()") { $0.reshape(2, 2).t().contiguous() },
    copy("x.scatter(0, arange(0), zeros(0))") {
      $0.scattered(0, Tensor.arange(0), Tensor.zeros(0))
    },
    copy("embedding(arange(4), x.reshape(4, 1))") { Tensor.arange(4).embedding($0.reshape(4, 1)) },
  ]
}

@Suite struct SharingTests {
  @Test(arguments: SharingSample.views + SharingSample.copies)
  func whatSharesMemoryIsWhatDoesInPyTorch(_ sample: SharingSample) {
    let x = Tensor([1.0, 2, 3, 4])
    let y = sample.make(x)
    let before = [Double](y)
    x.add_(100)
    #expect([Double](y) == (sample.isView ? before.map { $0 + 100 } : before))
    // And the other way.
    guard sample.isView, y.elementCount <= 4, y.array.isContiguous else { return }
    noGrad { y.fill_(7) }
    #expect([Double](x).contains(7))
  }

  @Test func integersAreRoundedToCopies() {
    let x = Tensor([1, 2])
    let y = x.floor()
    x.add_(1)
    #expect([Int](y) == [1, 2])
  }
}
