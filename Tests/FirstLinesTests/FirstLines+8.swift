// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part8: [String: Line] {
   [
    "erfinv_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.125
      w.erfinv_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "digamma_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.digamma_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "lgamma_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.lgamma_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "log_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.log_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "log10_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.log10_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "log1p_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.log1p_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "log2_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.log2_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "rsqrt_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.rsqrt_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "sqrt_ and its gradient": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      w.sqrt_().sum().backward()
      return [w, x.grad as Any] as [Any]
    },
    "F.relu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.relu(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.relu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.relu(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.relu6 inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.relu6(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.relu6 inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.relu6(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.leakyRelu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.leakyRelu(w, 0.2, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.leakyRelu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.leakyRelu(w, 0.2, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.elu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.elu(w, alpha: 0.5, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.elu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.elu(w, alpha: 0.5, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.selu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.selu(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.selu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.selu(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.celu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.celu(w, alpha: 0.5, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.celu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.celu(w, alpha: 0.5, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.silu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.silu(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.silu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.silu(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.mish inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.mish(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.mish inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.mish(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.hardswish inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.hardswish(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.hardswish inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.hardswish(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.hardsigmoid inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.hardsigmoid(w, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.hardsigmoid inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.hardsigmoid(w, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.hardtanh inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.hardtanh(w, -2, 3, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.hardtanh inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.hardtanh(w, -2, 3, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.threshold inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.threshold(w, 0.5, 7, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.threshold inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.threshold(w, 0.5, 7, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.rrelu inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.rrelu(w, 0.1, 0.3, training: true, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.rrelu inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.rrelu(w, 0.1, 0.3, training: true, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.dropout inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.dropout(w, 0.3, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.dropout inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.dropout(w, 0.3, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.dropout1d inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.dropout1d(w, 0.3, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.dropout1d inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.dropout1d(w, 0.3, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.alphaDropout inplace False": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.alphaDropout(w, 0.3, training: true, inplace: false)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "F.alphaDropout inplace True": { (x, idx, m, y, f, i, m2, opt) in
      x.requiresGrad = true
      let w = x * 1.5
      let r = F.alphaDropout(w, 0.3, training: true, inplace: true)
      (r * w).sum().backward()
      return [w, r, x.grad as Any, r === w] as [Any]
    },
    "ReLU(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = ReLU(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "ReLU6(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = ReLU6(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "SELU(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = SELU(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "SiLU(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = SiLU(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Mish(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Mish(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Hardswish(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Hardswish(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Hardsigmoid(true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Hardsigmoid(true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "LeakyReLU(0.2)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = LeakyReLU(0.2)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "LeakyReLU(0.2, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = LeakyReLU(0.2, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "ELU(0.5)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = ELU(0.5)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "ELU(0.5, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = ELU(0.5, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "CELU(0.5, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = CELU(0.5, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "RReLU(inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = RReLU(inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Hardtanh(-2, 3)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Hardtanh(-2, 3)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Hardtanh(-2, 3, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Hardtanh(-2, 3, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Threshold(0.5, 7, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Threshold(0.5, 7, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Hardshrink(0.7)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Hardshrink(0.7)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Softshrink(0.7)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Softshrink(0.7)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Softplus(2)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Softplus(2)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
   ]
  }
}
