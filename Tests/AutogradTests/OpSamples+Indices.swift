import Arrays
import Autograd
import Testing

extension OpSample {
  static let equations: [OpSample] = [
    .init("einsum.product", [2, 3], [3, 4]) { .einsum("ik,kj->ij", $0) },
    .init("einsum.implicit", [3, 2], [3, 4]) { .einsum("ki, kj", $0[0], $0[1]) },
    .init("einsum.trace", [3, 3]) { .einsum("ii", $0) },
    .init("einsum.diagonal", [2, 3, 3]) { .einsum("bii->ib", $0) },
    .init("einsum.cube", [2, 3, 2, 2]) { .einsum("iaii->ai", $0) },
    .init("einsum.transpose", [2, 3, 4]) { .einsum("...ij->...ji", $0) },
    .init("einsum.batch", [2, 1, 3, 4], [5, 4, 2]) { .einsum("...ij,...jk->...ik", $0) },
    .init("einsum.ellipsis", [2, 3], [4, 2, 3]) {
      .einsum("i...,...i", $0[0], $0[1].transposed(1, 2))
    },
    .init("einsum.covered", [2, 3, 4]) { .einsum("a...->a", $0) },
    .init("einsum.ones", [1, 3], [4, 1]) { .einsum("ij,ij->j", $0) },
    .init("einsum.outer", [2], [3], [2]) { .einsum("i,j,k->kji", $0) },
    .init("einsum.three", [2, 3], [3, 4], [4, 2]) { .einsum("ij,jk,kl->il", $0) },
    .init("einsum.bilinear", [2, 3], [4, 3, 2], [2, 2]) { .einsum("bn,anm,bm->ba", $0) },
    .init("einsum.sum", [2, 3], [4]) { .einsum("ij,k->i", $0) },
    .init("einsum.scalar", [], [2]) { .einsum(",i->i", $0) },
    .init("einsum.case", [2, 3]) { .einsum("aB", $0) },
  ]

  static let scans: [OpSample] = [
    .init("cumsum", [2, 3, 2]) { $0[0].cumsum(1) },
    .init("cumsum.scalar", []) { $0[0].cumsum(0) },
    .init("cumprod", [2, 3, 2]) { $0[0].cumprod(-2) },
    .init("cumprod.zeros", [3, 4]) {
      ($0[0] * ($0[0] .> 0).to($0[0].dtype)).cumprod(1)
    },
    .init("prod.zero", [3, 4]) { (x: [Tensor]) in
      (x[0] * Tensor([1.0, 0, 1, 1], dtype: .float64).to(x[0].dtype)).product([1])
    },
    .init("prod.zeros", [2, 3, 2]) { (x: [Tensor]) in
      let mask = Tensor([1.0, 0, 0, 0, 1, 1], shape: [3, 2], dtype: .float64)
      return (x[0] * mask.to(x[0].dtype)).product([1], keepDims: true)
    },
    .init("prod.all", [2, 3]) { (x: [Tensor]) in
      (x[0] * Tensor([1.0, 0, 1, 1, 1, 1], shape: [2, 3], dtype: .float64).to(x[0].dtype)).product()
    },
  ]

  static let places: [OpSample] = [
    .init("scatter", [3, 4], [2, 2]) {
      $0[0].scattered(1, Tensor([0, 3, 2, 1], shape: [2, 2]), $0[1])
    },
    .init("scatter.0", [3, 4], [2, 3]) {
      $0[0].scattered(0, Tensor([0, 2, 1, 1, 0, 2], shape: [2, 3]), $0[1])
    },
    .init("scatter.number", [3, 4]) {
      $0[0].scattered(-1, Tensor([0, 3, 2, 1, 1, 1], shape: [3, 2]), 2.5)
    },
    .init("scatterAdd", [3, 4], [2, 3]) {
      $0[0].scatterAdded(1, Tensor([0, 0, 3, 2, 1, 2], shape: [2, 3]), $0[1])
    },
    .init("index", [3, 4]) { $0[0].indexed([Tensor([0, 2, -1]), Tensor([1, 3, 3])]) },
    .init("index.one", [3, 4, 2]) {
      $0[0].indexed([nil, Tensor([0, 3, 1, 1], shape: [2, 2])])
    },
    .init("index.adjacent", [2, 3, 4, 2]) {
      $0[0].indexed([nil, Tensor([0, 2]), Tensor([1, 3], shape: [2, 1])])
    },
    .init("index.apart", [2, 3, 4]) {
      $0[0].indexed([Tensor([0, 1, 1]), nil, Tensor([3, 0, 3])])
    },
    .init("index.mask", [3, 4]) { $0[0].indexed([Tensor([true, false, true])]) },
    .init("index.maskApart", [2, 3, 2, 2]) {
      let mask = Tensor([true, false, false, true, true, true], shape: [3, 2])
      return $0[0].indexed([nil, mask, Tensor([0])])
    },
    .init("diagonal", [3, 4]) { $0[0].diagonal(1) },
    .init("diagonal.below", [2, 4, 3]) { $0[0].diagonal(-2, 1, 2) },
    .init("diagonal.swapped", [3, 2, 4]) { $0[0].diagonal(0, 2, 0) },
    .init("tile", [2, 3]) { $0[0].tiled([2]) },
    .init("tile.more", [2, 3]) { $0[0].tiled([2, 1, 2]) },
    .init("split.sizes", [2, 6]) { $0[0].split([1, 3, 2], axis: 1)[1] },
  ]

  static let pairs: [OpSample] = [
    .init("clamp.tensors", [3, 4], [4], [3, 1]) { $0[0].clamp(min: $0[1], max: $0[2]) },
    .init("clamp.minTensor", [3, 4], [4]) { $0[0].clamp(min: $0[1]) },
    .init("clamp.maxTensor", [3, 4], [4]) { $0[0].clamp(min: nil, max: $0[1]) },
    .init("atan2", [3, 4], [4]) { $0[0].atan2($0[1]) },
    .init("remainder", [3, 4], [4]) { $0[0].remainder($0[1]) },
    .init("floorDivide", [3, 4], [4]) { $0[0].floorDivide($0[1]) },
  ]

  static let moreWindows: [OpSample] = [
    .init("unfold", [2, 7]) { $0[0].unfolded(1, size: 3, step: 2) },
    .init("unfold.first", [5, 2, 3]) { $0[0].unfolded(0, size: 2, step: 1) },
    .init("unfold.planes", [2, 2, 4, 5]) {
      $0[0].unfolded((2, 3), dilation: (2, 1), padding: (1, 1), stride: (1, 2))
    },
    .init("unfold.nobatch", [2, 3, 3]) { $0[0].unfolded((2, 2)) },
    .init("fold", [2, 12, 12]) {
      $0[0].folded((4, 5), (2, 3), dilation: (2, 1), padding: (1, 1), stride: (1, 2))
    },
    .init("fold.nobatch", [8, 4]) { $0[0].folded((3, 3), (2, 2)) },
    .init("adaptiveMaxPool2d", [1, 2, 5, 7]) { $0[0].adaptiveMaxPool2d((3, 2)) },
    .init("adaptiveMaxPool1d", [2, 2, 7]) { $0[0].adaptiveMaxPool1d(3) },
    .init("adaptiveAvgPool1d", [2, 7]) { $0[0].adaptiveAvgPool1d(3) },
    .init("maxUnpool1d", [2, 2, 7]) {
      let (values, indices) = $0[0].maxPool1dWithIndices(2)
      return values.maxUnpool1d(indices, 2, outputSize: 7)
    },
    .init("maxUnpool2d", [1, 2, 5, 7]) {
      let (values, indices) = $0[0].maxPool2dWithIndices((2, 3), padding: (1, 0))
      return values.maxUnpool2d(indices, (2, 3), padding: (1, 0), outputSize: (5, 7))
    },
    .init("maxUnpool3d", [2, 1, 4, 3, 5]) {
      let (values, indices) = $0[0].maxPool3dWithIndices((2, 2, 2), padding: (1, 0, 1))
      return values.maxUnpool3d(indices, (2, 2, 2), padding: (1, 0, 1), outputSize: (4, 3, 5))
    },
    .init("maxUnpool3d.adaptive", [2, 4, 3, 5]) {
      let (values, indices) = $0[0].adaptiveMaxPool3dWithIndices((2, 2, 2))
      return values.maxUnpool3d(indices, (2, 2, 3), stride: (2, 1, 2))
    },
    .init("conv3d", [2, 2, 4, 3, 4], [3, 2, 2, 2, 3], [3]) { $0[0].conv3d($0[1], $0[2]) },
    .init("conv3d.options", [1, 2, 4, 4, 3], [2, 1, 2, 2, 1], [2]) {
      $0[0].conv3d(
        $0[1], $0[2], stride: (2, 1, 2), padding: (1, 0, 1), dilation: (3, 1, 2), groups: 2)
    },
    .init("conv3d.nobatch", [1, 3, 3, 3], [1, 1, 2, 2, 2]) { $0[0].conv3d($0[1]) },
    .init("convTranspose3d", [1, 2, 2, 3, 2], [2, 3, 2, 2, 2], [3]) {
      $0[0].convTranspose3d($0[1], $0[2])
    },
    .init("convTranspose3d.options", [1, 2, 3, 2, 2], [2, 1, 3, 2, 2], [2]) {
      $0[0].convTranspose3d(
        $0[1], $0[2], stride: (2, 1, 2), padding: (1, 0, 1), outputPadding: (1, 0, 0), groups: 2,
        dilation: (2, 1, 1))
    },
    .init("maxPool3d", [1, 2, 5, 4, 4]) {
      $0[0].maxPool3d((3, 2, 2), stride: (2, 1, 2), padding: (1, 0, 1))
    },
    .init("maxPool3d.ceil", [1, 5, 4, 5]) { $0[0].maxPool3d((2, 2, 2), ceilMode: true) },
    .init("avgPool3d", [1, 2, 4, 4, 2]) { $0[0].avgPool3d((2, 2, 1)) },
    .init("avgPool3d.padding", [1, 1, 5, 4, 3]) {
      $0[0].avgPool3d((3, 2, 2), stride: (2, 1, 2), padding: (1, 1, 0))
    },
    .init("avgPool3d.exclude", [1, 1, 5, 4, 3]) {
      $0[0].avgPool3d(
        (3, 2, 2), stride: (2, 1, 2), padding: (1, 1, 0), ceilMode: true, countIncludePad: false)
    },
    .init("interpolate.line", [1, 2, 5]) { $0[0].interpolated(size: [8]) },
    .init("interpolate.exact", [1, 2, 3, 4]) {
      $0[0].interpolated(scaleFactor: [1.7, 0.6], mode: .nearestExact)
    },
    .init("interpolate.linear", [1, 2, 5]) {
      $0[0].interpolated(scaleFactor: [1.7], mode: .linear)
    },
    .init("interpolate.volume", [1, 1, 2, 3, 2]) { $0[0].interpolated(size: [3, 2, 4]) },
    .init("interpolate.trilinear", [1, 2, 2, 3, 2]) {
      $0[0].interpolated(size: [3, 5, 3], mode: .trilinear)
    },
    .init("interpolate.trilinearAligned", [1, 1, 2, 3, 2]) {
      $0[0].interpolated(size: [3, 2, 4], mode: .trilinear, alignCorners: true)
    },
  ]
}

@Suite struct IndexTests {
  @Test func integersAreCountedAndDividedAsInPython() {
    let x = Tensor([7, -7, 7, -7]), y = Tensor([2, 2, -2, -2])
    #expect(x.floorDivide(y).elements(as: Int.self) == [3, -4, -4, 3])
    #expect(x.remainder(y).elements(as: Int.self) == [1, 1, -1, -1])
    #expect(
      Tensor(1.0, dtype: .float64).floorDivide(Tensor(0.1, dtype: .float64)).item(as: Double.self)
        == 9)
    #expect(Tensor([true, false, true]).cumsum(0).elements(as: Int.self) == [1, 1, 2])
    #expect(Tensor([2, 3, 4]).cumprod(0).elements(as: Int.self) == [2, 6, 24])
  }

  @Test func theLastOfSeveralScatteredStays() {
    let x = Tensor([1, 2, 3] as [Float]).scattered(
      0, Tensor([1, 1, 0]), Tensor([7, 8, 9] as [Float]))
    #expect(x.elements(as: Float.self) == [9, 8, 3])
  }

  @Test func placesOfElementsThatAreNotZero() {
    let x = Tensor([0, 2, -1, 0, 0, 3], shape: [2, 3])
    #expect(x.nonzero().elements(as: Int.self) == [0, 1, 0, 2, 1, 2])
    #expect(x.nonzero().shape == [3, 2])
    #expect(Tensor([0.0], dtype: .float64).nonzero().shape == [0, 1])
    #expect(Tensor(5.0, dtype: .float64).nonzero().shape == [1, 0])
  }

  @Test func emptyResultsHaveShapes() {
    let x = Tensor.ones([2, 3], dtype: .float64)
    #expect(x.diagonal(3).shape == [0])
    #expect(x.indexed([Tensor([false, false])]).shape == [0, 3])
    #expect(Tensor.ones([0, 3]).cumsum(0).shape == [0, 3])
    #expect(x.tiled([0]).shape == [2, 0])
    #expect(
      Tensor.einsum("ij,jk->ik", Tensor.ones([2, 0]), Tensor.ones([0, 3])).doubles.allSatisfy {
        $0 == 0
      })
  }
}
