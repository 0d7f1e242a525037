// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part7: [String: Line] {
   [
    "x.std(dim: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(dim: 1)
    },
    "x.var(0, correction: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(0, correction: 0)
    },
    "x.median(1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.median(1)
    },
    "x.kthvalue(2, 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.kthvalue(2, 0)
    },
    "x.quantile(0.3, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.quantile(0.3, 1)
    },
    "x.quantile gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.quantile(0.3, 1).sum().backward()
      return x.grad
    },
    "x.uniqueWithInverseAndCounts()": { (x, idx, m, y, f, i, m2, opt) in
      return x.uniqueWithInverseAndCounts()
    },
    "bincount with weights": { (x, idx, m, y, f, i, m2, opt) in
      return x.bincount(weights: x * 0.5)
    },
    "inverse gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      (x.inverse() * Tensor.arange(9).float().reshape(3, 3)).sum().backward()
      return x.grad
    },
    "det gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      x.det().backward()
      return x.grad
    },
    "cholesky gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      (x.cholesky() * Tensor.arange(9).float().reshape(3, 3)).sum().backward()
      return x.grad
    },
    "lgamma gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.data = x.detach().abs() + 0.3
      x.lgamma().sum().backward()
      return x.grad
    },
    "digamma": { (x, idx, m, y, f, i, m2, opt) in
      return (x.detach() * 0.37 + 0.01).digamma()
    },
    "digamma of negative numbers": { (x, idx, m, y, f, i, m2, opt) in
      return (x * 3.1 - 0.05).digamma()
    },
    "erfinv gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      x.erfinv().sum().backward()
      return x.grad
    },
    "grid sample gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let g = (Tensor.arange(32).float() * 0.0625 - 1).reshape(1, 4, 4, 2) * 1.3
      g.requiresGrad = true
      x.gridSample(g, paddingMode: .border, alignCorners: true).pow(2).sum().backward()
      return [x.grad, g.grad]
    },
    "nearest grid sample": { (x, idx, m, y, f, i, m2, opt) in
      return x.gridSample((Tensor.arange(32).float() * 0.0625 - 1).reshape(1, 4, 4, 2) * 1.3, mode: .nearest)
    },
    "ctc gradient": { (x, idx, m, y, f, i, m2, opt) in
      let l = Tensor.arange(30).float().reshape(5, 2, 3).sin()
      l.requiresGrad = true
      l.logSoftmax(-1).ctcLoss(Tensor([1, 2, 2, 1]), [5, 4], [1, 3], zeroInfinity: true).backward()
      return l.grad
    },
    "ctc of impossible targets": { (x, idx, m, y, f, i, m2, opt) in
      let l = Tensor.arange(18).float().reshape(3, 2, 3).sin()
      l.requiresGrad = true
      let r = l.logSoftmax(-1).ctcLoss(Tensor([[1, 1], [2, 1]]), [2, 3], [2, 2], reduction: .none, zeroInfinity: true)
      r.sum().backward()
      return [r, l.grad as Any] as [Any]
    },
    "trunc_normal of a tail": { (x, idx, m, y, f, i, m2, opt) in
      let t = Tensor.empty([20])
      Initialization.truncNormal(t, low: 1.5, high: 2.5)
      return t
    },
    "orthogonal of a wide matrix": { (x, idx, m, y, f, i, m2, opt) in
      let t = Tensor.empty([2, 3, 2])
      Initialization.orthogonal(t, gain: 2)
      return t
    },
    "normal_ and uniform_": { (x, idx, m, y, f, i, m2, opt) in
      return [Tensor.empty([20]).normal_(1, 2), Tensor.empty([3]).uniform_(-1, 1)]
    },
    "Adam(m2.parameters()) from a state": { (x, idx, m, y, f, i, m2, opt) in
      let o = Adam(m2.parameters(), lr: 0.5)
      try o.loadStateDict(Adam(m2.parameters(), lr: 0.1).stateDict())
      return stepped(m2, o)
    },
    "Rprop with options": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, Rprop(m2, lr: 0.2, etas: (0.4, 1.5), stepSizes: (0.01, 0.21), maximize: true))
    },
    "ASGD with options": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, ASGD(m2, lr: 0.2, lambd: 0.1, alpha: 0.5, t0: 0, weightDecay: 0.1))
    },
    "Adafactor with options": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, Adafactor(m2, lr: 0.2, d: 1.5, weightDecay: 0.1, maximize: true))
    },
    "CyclicLR of Adam": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, CyclicLR(opt, baseLR: 0.1, maxLR: 1, stepSizeUp: 2, stepSizeDown: 3, mode: .expRange, gamma: 0.9))
    },
    "Linear(weight: embedding.weight)": { (x, idx, m, y, f, i, m2, opt) in
      let e = Embedding(4, 3)
      _ = Linear(3, 4, bias: false)
      let l = Linear(weight: e.weight)
      return [l.weight === e.weight, l(x)] as [Any]
    },
    "a model's copy": { (x, idx, m, y, f, i, m2, opt) in
      let c = m2.copy { Linear(3, 2) }
      noGrad { _ = m2.weight.add_(1) }
      return c.parameters()
    },
    "EmbeddingBag with offsets": { (x, idx, m, y, f, i, m2, opt) in
      let b = EmbeddingBag(10, 4, mode: .max)
      return b(Tensor([1, 2, 4, 5, 4]), offsets: Tensor([0, 2]))
    },
    "x[0] * f": { (x, idx, m, y, f, i, m2, opt) in
      return x[0] * f
    },
    "(x[0] + f) * 2": { (x, idx, m, y, f, i, m2, opt) in
      return (x[0] + f) * 2
    },
    "f - x[0]": { (x, idx, m, y, f, i, m2, opt) in
      return f - x[0]
    },
    "x[0] + x[1] * 2": { (x, idx, m, y, f, i, m2, opt) in
      return x[0] + x[1] * 2
    },
    "x[0] > f": { (x, idx, m, y, f, i, m2, opt) in
      return x[0] > f
    },
    "x[0, 1] = f": { (x, idx, m, y, f, i, m2, opt) in
      x[0, 1] = f
      return x
    },
    "x[0] += f": { (x, idx, m, y, f, i, m2, opt) in
      x[0] += f
      return x
    },
    "print(Adam)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(Adam(m2))"
    },
    "state of Adam": { (x, idx, m, y, f, i, m2, opt) in
      let o = Adam(m2.parameters())
      m2(x).sum().backward()
      o.step()
      return "\(o.stateDict())"
    },
    "abs_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.abs_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "atan_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.atan_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "ceil_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.ceil_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "cos_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.cos_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "cosh_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.cosh_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "erf_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.erf_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "exp_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.exp_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "expm1_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.expm1_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "floor_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.floor_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "reciprocal_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.reciprocal_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "round_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.round_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "sigmoid_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.sigmoid_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "sign_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.sign_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "sin_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.sin_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "sinh_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.sinh_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "square_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.square_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "tan_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.tan_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "tanh_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.tanh_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "trunc_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.trunc_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "acos_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.125
      w.acos_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "asin_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.125
      w.asin_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
   ]
  }
}
