// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part6: [String: Line] {
   [
    "print(x)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x)"
    },
    "print(x.shape)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x.shape)"
    },
    "print(m2.weight)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(m2.weight)"
    },
    "print(m2.stateDict())": { (x, idx, m, y, f, i, m2, opt) in
      return "\(m2.stateDict())"
    },
    "print(opt)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(opt)"
    },
    "print(opt.stateDict())": { (x, idx, m, y, f, i, m2, opt) in
      return "\(SGD(m2.parameters(), lr: 0.1, momentum: 0.9).stateDict())"
    },
    "\"\\(x.array)\"": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x.array)"
    },
    "x[1, 0...]": { (x, idx, m, y, f, i, m2, opt) in
      return x[1, 0...]
    },
    "x[..., (-2)...]": { (x, idx, m, y, f, i, m2, opt) in
      return x[..., (-2)...]
    },
    "x[.slice(step: 2), .all]": { (x, idx, m, y, f, i, m2, opt) in
      return x[.slice(step: 2), .all]
    },
    "x[.slice(1, -1)]": { (x, idx, m, y, f, i, m2, opt) in
      return x[.slice(1, -1)]
    },
    "x[-3..<(-1)]": { (x, idx, m, y, f, i, m2, opt) in
      return x[-3..<(-1)]
    },
    "x[2..<100]": { (x, idx, m, y, f, i, m2, opt) in
      return x[2..<100]
    },
    "x[1...2]": { (x, idx, m, y, f, i, m2, opt) in
      return x[1...2]
    },
    "x[.newAxis, ..., .newAxis]": { (x, idx, m, y, f, i, m2, opt) in
      return x[.newAxis, ..., .newAxis]
    },
    "x[1, ..., 0]": { (x, idx, m, y, f, i, m2, opt) in
      return x[1, ..., 0]
    },
    "x[[2, 0]]": { (x, idx, m, y, f, i, m2, opt) in
      return x[[2, 0]]
    },
    "x[idx]": { (x, idx, m, y, f, i, m2, opt) in
      return x[idx]
    },
    "x[0..., idx]": { (x, idx, m, y, f, i, m2, opt) in
      return x[0..., idx]
    },
    "x[idx, 0..., 1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[idx, 0..., 1]
    },
    "x[0..., 1, idx]": { (x, idx, m, y, f, i, m2, opt) in
      return x[0..., 1, idx]
    },
    "x[idx, .newAxis, idx]": { (x, idx, m, y, f, i, m2, opt) in
      return x[idx, .newAxis, idx]
    },
    "x[[0, 1], [1, 0]]": { (x, idx, m, y, f, i, m2, opt) in
      return x[[0, 1], [1, 0]]
    },
    "x[m, 0...]": { (x, idx, m, y, f, i, m2, opt) in
      return x[Tensor([true, false]), 0...]
    },
    "x[Tensor(1)]": { (x, idx, m, y, f, i, m2, opt) in
      return x[Tensor(1)]
    },
    "x[1] = Tensor([7.0, 8, 9])": { (x, idx, m, y, f, i, m2, opt) in
      x[1] = Tensor([7.0, 8, 9])
      return x
    },
    "x[..., 0] = 9": { (x, idx, m, y, f, i, m2, opt) in
      x[..., 0] = 9
      return x
    },
    "x[m] = 0": { (x, idx, m, y, f, i, m2, opt) in
      x[m] = 0
      return x
    },
    "x[[0, 1], [1, 0]] = -1.5": { (x, idx, m, y, f, i, m2, opt) in
      x[[0, 1], [1, 0]] = -1.5
      return x
    },
    "x[0] = x[1]": { (x, idx, m, y, f, i, m2, opt) in
      x[0] = x[1]
      return x
    },
    "x[0..<2, 1] = Tensor([[5.0, 6.0]])": { (x, idx, m, y, f, i, m2, opt) in
      x[0..<2, 1] = Tensor([[5.0, 6.0]])
      return x
    },
    "x[0] += 1": { (x, idx, m, y, f, i, m2, opt) in
      x[0] += 1
      return x
    },
    "x[..., 1] *= x[..., 0]": { (x, idx, m, y, f, i, m2, opt) in
      x[..., 1] *= x[..., 0]
      return x
    },
    "x[0, 1] as Double": { (x, idx, m, y, f, i, m2, opt) in
      return Double(x[0, 1])
    },
    "x[0] = 2.9 of integers": { (x, idx, m, y, f, i, m2, opt) in
      x[0] = 2.9
      return x
    },
    "gradient of x[0] = y": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1
      let u = x[1] * 3
      w[0] = u
      (w * w).sum().backward()
      return x.grad
    },
    "gradient of x[mask] = 0": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 2
      w[m] = 0
      (w * w).sum().backward()
      return x.grad
    },
    "gradient of x[indices] = y": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 2
      w[[0, 1], [2, 0]] = x[0, ..<2] * 5
      (w * w).sum().backward()
      return x.grad
    },
    "gradient of x[0] *= 3": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 2
      w[0] *= 3
      (w * x).sum().backward()
      return x.grad
    },
    "gradient of fill_": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 2
      let z = (w * 3).sum()
      w.fill_(1)
      (z + (w * x).sum()).backward()
      return x.grad
    },
    "gradient of copy_": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.zeros(2, 3)
      w.copy_(x[0])
      (w * w).sum().backward()
      return [x.grad as Any, w.requiresGrad] as [Any]
    },
    "gradient of add_ with alpha": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 2
      w.add_(x * x, alpha: 0.5)
      w.sum().backward()
      return x.grad
    },
    "the tutorial's loop": { (x, idx, m, y, f, i, m2, opt) in
      var w = x
      for _ in 0..<3 {
        (w * w).sum().backward()
        if let grad = w.grad { noGrad { w -= 0.1 * grad } }
        w.grad = nil
      }
      return [w, w.requiresGrad, w === x] as [Any]
    },
    "k += 1 of integers": { (x, idx, m, y, f, i, m2, opt) in
      var x = x
      x += 1
      return x
    },
    "k * 2.0": { (x, idx, m, y, f, i, m2, opt) in
      return x * 2.0
    },
    "k ** 2": { (x, idx, m, y, f, i, m2, opt) in
      return x ** 2
    },
    "2 ** x": { (x, idx, m, y, f, i, m2, opt) in
      return 2 ** x
    },
    "7 % x": { (x, idx, m, y, f, i, m2, opt) in
      return x % 3
    },
    "x == 5.5": { (x, idx, m, y, f, i, m2, opt) in
      return x == 5.5
    },
    "tenth == 0.1": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor(0.1) == 0.1
    },
    "(x > 0) & ~(x > 4)": { (x, idx, m, y, f, i, m2, opt) in
      return (x > 0) & ~(x > 4)
    },
    "where of integers": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.where(x > 1, x, 0.5)
    },
    "Tensor(3)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor(3)
    },
    "Tensor([[true, false]])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor([[true, false]])
    },
    "Tensor([1, 2], dtype: .float32)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor([1, 2], dtype: .float32)
    },
    "Tensor([[[1.0], [2.0]]], dtype: .float64)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor([[[1.0], [2.0]]], dtype: .float64)
    },
    "Tensor.arange(0, 1, 0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.arange(0, 1, 0.1)
    },
    "Tensor.linspace(-3, 7.5, 12)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.linspace(-3, 7.5, 12)
    },
    "x.sum(0, 1, keepDims: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum(0, 1, keepDims: true)
    },
    "x.max(dim: 1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.max(dim: 1, keepdim: true)
    },
   ]
  }
}
