// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part3: [String: Line] {
   [
    "Tensor.cat([x, x], dim: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.cat([x, x], dim: 0)
    },
    "Tensor.concatenated([x, x])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.concatenated([x, x])
    },
    "Tensor.stack([x, x])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.stack([x, x])
    },
    "Tensor.stacked([x, x])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.stacked([x, x])
    },
    "Tensor.where(m, x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.where(m, x, x)
    },
    "Tensor.where(m, x, 0)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.where(m, x, 0)
    },
    "Tensor.einsum(\"ij,jk->ik\", x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.einsum("ij,jk->ik", x, x)
    },
    "Tensor.maximum(x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.maximum(x, x)
    },
    "x.norm()": { (x, idx, m, y, f, i, m2, opt) in
      return x.norm()
    },
    "x.norm(2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.norm(2)
    },
    "x.abs().max()": { (x, idx, m, y, f, i, m2, opt) in
      return x.abs().max()
    },
    "x.exp()": { (x, idx, m, y, f, i, m2, opt) in
      return x.exp()
    },
    "x.clamp(min: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.clamp(min: 0)
    },
    "x.allclose(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.allclose(x)
    },
    "x.isClose(to: x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.isClose(to: x)
    },
    "Tensor.equal(x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.equal(x, x)
    },
    "x.roll(1, 0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.roll(1, 0)
    },
    "x.flip([0])": { (x, idx, m, y, f, i, m2, opt) in
      return x.flip([0])
    },
    "x.erfinv()": { (x, idx, m, y, f, i, m2, opt) in
      return x.erfinv()
    },
    "x.lgamma()": { (x, idx, m, y, f, i, m2, opt) in
      return x.lgamma()
    },
    "x.logsumexp(1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.logsumexp(1)
    },
    "x.cross(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.cross(x)
    },
    "Tensor.meshgrid(x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.meshgrid(x, x)
    },
    "Tensor.outer(x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.outer(x, x)
    },
    "x.kthvalue(1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.kthvalue(1)
    },
    "x.median()": { (x, idx, m, y, f, i, m2, opt) in
      return x.median()
    },
    "x.quantile(0.5)": { (x, idx, m, y, f, i, m2, opt) in
      return x.quantile(0.5)
    },
    "x.unique()": { (x, idx, m, y, f, i, m2, opt) in
      return x.unique()
    },
    "x.bincount()": { (x, idx, m, y, f, i, m2, opt) in
      return x.bincount()
    },
    "x.histc(10)": { (x, idx, m, y, f, i, m2, opt) in
      return x.histc(10)
    },
    "x.searchsorted(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sort().values.searchsorted(x)
    },
    "x.inverse()": { (x, idx, m, y, f, i, m2, opt) in
      return x.inverse()
    },
    "x.det()": { (x, idx, m, y, f, i, m2, opt) in
      return x.det()
    },
    "x.cholesky()": { (x, idx, m, y, f, i, m2, opt) in
      return x.cholesky()
    },
    "x.lerp(x, 0.5)": { (x, idx, m, y, f, i, m2, opt) in
      return x.lerp(x, 0.5)
    },
    "x.addcmul(x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.addcmul(x, x)
    },
    "x.nanToNum()": { (x, idx, m, y, f, i, m2, opt) in
      return (x / 0).nanToNum()
    },
    "x.repeatInterleave(2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.repeatInterleave(2)
    },
    "x.movedim(0, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.movedim(0, 1)
    },
    "x.swapaxes(0, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.swapaxes(0, 1)
    },
    "x.narrow(0, 0, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.narrow(0, 0, 1)
    },
    "x.asStrided([2], [1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.asStrided([2], [1])
    },
    "x.isContiguous": { (x, idx, m, y, f, i, m2, opt) in
      return x.isContiguous
    },
    "x.any()": { (x, idx, m, y, f, i, m2, opt) in
      return x.any()
    },
    "x.all()": { (x, idx, m, y, f, i, m2, opt) in
      return x.all()
    },
    "x.grad": { (x, idx, m, y, f, i, m2, opt) in
      (x * x).sum().backward()
      return x.grad
    },
    "x.backward()": { (x, idx, m, y, f, i, m2, opt) in
      let leaf = x
      let x = x.sum()
      x.backward()
      return leaf.grad
    },
    "x.registerHook { $0 }": { (x, idx, m, y, f, i, m2, opt) in
      x.registerHook { $0 * 2 }
      x.sum().backward()
      return x.grad
    },
    "x.isLeaf": { (x, idx, m, y, f, i, m2, opt) in
      return x.isLeaf
    },
    "x.gradFn": { (x, idx, m, y, f, i, m2, opt) in
      return (x * 2).gradFn
    },
    "x.dtype": { (x, idx, m, y, f, i, m2, opt) in
      return x.dtype
    },
    "x.device": { (x, idx, m, y, f, i, m2, opt) in
      return x.device
    },
    "x.type(.float16)": { (x, idx, m, y, f, i, m2, opt) in
      return x.type(.float16)
    },
    "x.relu()": { (x, idx, m, y, f, i, m2, opt) in
      return x.relu()
    },
    "F.relu(x)": { (x, idx, m, y, f, i, m2, opt) in
      return F.relu(x)
    },
    "F.crossEntropy(x, idx)": { (x, idx, m, y, f, i, m2, opt) in
      let idx = y
      return F.crossEntropy(x, idx)
    },
    "relu(x)": { (x, idx, m, y, f, i, m2, opt) in
      return relu(x)
    },
    "x.gelu(approximate: .tanh)": { (x, idx, m, y, f, i, m2, opt) in
      return x.gelu(approximate: .tanh)
    },
    "x.dropout(0.5, training: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.dropout(0.5, training: true)
    },
    "x.layerNorm([3])": { (x, idx, m, y, f, i, m2, opt) in
      return x.layerNorm([3])
    },
   ]
  }
}
