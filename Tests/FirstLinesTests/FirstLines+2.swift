// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part2: [String: Line] {
   [
    "x.add_(x)": { (x, idx, m, y, f, i, m2, opt) in
      x.add_(x)
      return x
    },
    "x.mul_(2)": { (x, idx, m, y, f, i, m2, opt) in
      x.mul_(2)
      return x
    },
    "x[0, 1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[0, 1]
    },
    "x[0][1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[0][1]
    },
    "x[0..., 1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[0..., 1]
    },
    "x[..., 1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[..., 1]
    },
    "x[0..<1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[0..<1]
    },
    "x[-1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[-1]
    },
    "x[..<1]": { (x, idx, m, y, f, i, m2, opt) in
      return x[..<1]
    },
    "x[1...]": { (x, idx, m, y, f, i, m2, opt) in
      return x[1...]
    },
    "x[0, 0] = 5": { (x, idx, m, y, f, i, m2, opt) in
      x[0, 0] = 5
      return x
    },
    "x[x .> 0]": { (x, idx, m, y, f, i, m2, opt) in
      return x[x .> 0]
    },
    "x > 0": { (x, idx, m, y, f, i, m2, opt) in
      return x > 0
    },
    "x .> 0": { (x, idx, m, y, f, i, m2, opt) in
      return x .> 0
    },
    "x == x": { (x, idx, m, y, f, i, m2, opt) in
      return x == x
    },
    "x.matmul(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.matmul(x)
    },
    "x.mm(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mm(x)
    },
    "x.bmm(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.bmm(x)
    },
    "x + 1": { (x, idx, m, y, f, i, m2, opt) in
      return x + 1
    },
    "x + i": { (x, idx, m, y, f, i, m2, opt) in
      return x + i
    },
    "x * f": { (x, idx, m, y, f, i, m2, opt) in
      return x * f
    },
    "1 / x": { (x, idx, m, y, f, i, m2, opt) in
      return 1 / x
    },
    "x ** 2": { (x, idx, m, y, f, i, m2, opt) in
      return x ** 2
    },
    "x.pow(2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.pow(2)
    },
    "-x": { (x, idx, m, y, f, i, m2, opt) in
      return -x
    },
    "x % 2": { (x, idx, m, y, f, i, m2, opt) in
      return x % 2
    },
    "x += x": { (x, idx, m, y, f, i, m2, opt) in
      var x = x
      x += x
      return x
    },
    "x *= 2": { (x, idx, m, y, f, i, m2, opt) in
      var x = x
      let alias = x
      x *= 2
      return alias
    },
    "x.sum()": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum()
    },
    "x.sum(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum(0)
    },
    "x.sum(dim: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum(dim: 0)
    },
    "x.sum([0])": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum([0])
    },
    "x.mean(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mean(0)
    },
    "x.mean(-1, keepDims: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mean(-1, keepDims: true)
    },
    "x.std()": { (x, idx, m, y, f, i, m2, opt) in
      return x.std()
    },
    "x.var()": { (x, idx, m, y, f, i, m2, opt) in
      return x.var()
    },
    "x.max()": { (x, idx, m, y, f, i, m2, opt) in
      return x.max()
    },
    "x.max(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.max(0)
    },
    "x.max(dim: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.max(dim: 0)
    },
    "x.argmax(-1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.argmax(-1)
    },
    "x.argmax(dim: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.argmax(dim: 1)
    },
    "x.softmax(-1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.softmax(-1)
    },
    "x.softmax(dim: -1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.softmax(dim: -1)
    },
    "x.cumsum(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.cumsum(0)
    },
    "x.topk(2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.topk(2)
    },
    "x.topK(2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.topK(2)
    },
    "x.sort()": { (x, idx, m, y, f, i, m2, opt) in
      return x.sort()
    },
    "x.gather(1, idx)": { (x, idx, m, y, f, i, m2, opt) in
      return x.gather(1, idx)
    },
    "x.scatter(1, idx, x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.scatter(1, idx, x)
    },
    "x.indexSelect(0, idx)": { (x, idx, m, y, f, i, m2, opt) in
      return x.indexSelect(0, idx[0])
    },
    "x.maskedFill(m, -1e9)": { (x, idx, m, y, f, i, m2, opt) in
      return x.maskedFill(m, -1e9)
    },
    "x.maskedFill(m, -.infinity)": { (x, idx, m, y, f, i, m2, opt) in
      return x.maskedFill(m, -.infinity)
    },
    "x.tril()": { (x, idx, m, y, f, i, m2, opt) in
      return x.tril()
    },
    "x.triu()": { (x, idx, m, y, f, i, m2, opt) in
      return x.triu()
    },
    "Tensor.tril(x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.tril(x)
    },
    "x.chunk(2, 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.chunk(2, 0)
    },
    "x.chunked(2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.chunked(2)
    },
    "x.split(1, dim: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.split(1, dim: 0)
    },
    "x.unbind(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.unbind(0)
    },
    "Tensor.cat([x, x], 0)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.cat([x, x], 0)
    },
   ]
  }
}
