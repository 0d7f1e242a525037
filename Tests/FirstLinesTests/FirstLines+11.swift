// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part11: [String: Line] {
   [
    "F.multiMarginLoss(x, y, p: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.multiMarginLoss(x, y, p: 2)
    },
    "F.multilabelMarginLoss(x, Tensor([[0, 2, -1], [1, -1, 0]]))": { (x, idx, m, y, f, i, m2, opt) in
      return F.multilabelMarginLoss(x, Tensor([[0, 2, -1], [1, -1, 0]]))
    },
    "F.multilabelSoftMarginLoss(x, (x > 0).float())": { (x, idx, m, y, f, i, m2, opt) in
      return F.multilabelSoftMarginLoss(x, (x > 0).float())
    },
    "F.tripletMarginLoss(x, x + 0.5, x.flip(0), p: 1, swap: true)": { (x, idx, m, y, f, i, m2, opt) in
      return F.tripletMarginLoss(x, x + 0.5, x.flip(0), p: 1, swap: true)
    },
    "F.tripletMarginWithDistanceLoss(x, x + 0.5, x.flip(0))": { (x, idx, m, y, f, i, m2, opt) in
      return F.tripletMarginWithDistanceLoss(x, x + 0.5, x.flip(0))
    },
    "F.binaryCrossEntropy(x.sigmoid(), (x > 0).float(), weight: x.abs())": { (x, idx, m, y, f, i, m2, opt) in
      return F.binaryCrossEntropy(x.sigmoid(), (x > 0).float(), weight: x.abs())
    },
    "F.binaryCrossEntropyWithLogits(x, (x > 0).float(), posWeight: Tensor([1.0, 2, 3]))": { (x, idx, m, y, f, i, m2, opt) in
      return F.binaryCrossEntropyWithLogits(x, (x > 0).float(), posWeight: Tensor([1.0, 2, 3]))
    },
    "F.embedding(y, x.T, paddingIdx: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return F.embedding(y, x.T, paddingIdx: 0)
    },
    "F.oneHot(y, numClasses: 4)": { (x, idx, m, y, f, i, m2, opt) in
      return F.oneHot(y, numClasses: 4)
    },
   ]
  }
}
