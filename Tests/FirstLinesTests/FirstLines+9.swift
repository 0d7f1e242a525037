// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part9: [String: Line] {
   [
    "PReLU(1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = PReLU(1)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "PReLU(3, init: 0.5)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = PReLU(3, init: 0.5)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Softmax(1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Softmax(1)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "LogSoftmax(1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = LogSoftmax(1)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Softmin(1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Softmin(1)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Dropout(0.3, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Dropout(0.3, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "Dropout1d(0.3, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = Dropout1d(0.3, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "AlphaDropout(0.3, inplace: true)": { (x, idx, m, y, f, i, m2, opt) in
      let w = x * 1.5
      let l = AlphaDropout(0.3, inplace: true)
      let r = l(w)
      return ["\(l)", w, r, r === w] as [Any]
    },
    "GLU(0)": { (x, idx, m, y, f, i, m2, opt) in
      return GLU(0)(x)
    },
    "Embedding with paddingIdx": { (x, idx, m, y, f, i, m2, opt) in
      let l = Embedding(4, 3, paddingIdx: 1)
      return [l.weight, l(y)]
    },
    "TransformerEncoderLayer": { (x, idx, m, y, f, i, m2, opt) in
      let l = TransformerEncoderLayer(2, 1, dimFeedforward: 4, dropout: 0, batchFirst: true)
      return l(x)
    },
    "TransformerDecoderLayer": { (x, idx, m, y, f, i, m2, opt) in
      let l = TransformerDecoderLayer(dModel: 2, nhead: 1, dimFeedforward: 4, dropout: 0, activation: .gelu)
      return l(x, x)
    },
    "x.sum(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum(1, keepdim: true)
    },
    "x.sum(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum(dim: 0, keepdim: true)
    },
    "x.mean(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mean(1, keepdim: true)
    },
    "x.mean(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mean(dim: 0, keepdim: true)
    },
    "x.std(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(1, keepdim: true)
    },
    "x.std(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(dim: 0, keepdim: true)
    },
    "x.var(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(1, keepdim: true)
    },
    "x.var(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(dim: 0, keepdim: true)
    },
    "x.amax(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.amax(1, keepdim: true)
    },
    "x.amax(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.amax(dim: 0, keepdim: true)
    },
    "x.amin(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.amin(1, keepdim: true)
    },
    "x.amin(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.amin(dim: 0, keepdim: true)
    },
    "x.logsumexp(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.logsumexp(1, keepdim: true)
    },
    "x.logsumexp(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.logsumexp(dim: 0, keepdim: true)
    },
    "x.prod(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.prod(1, keepdim: true)
    },
    "x.prod(dim: 0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.prod(dim: 0, keepdim: true)
    },
    "x.sum([0, 2], keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum([0, 2], keepdim: true)
    },
    "x.sum(dim: [0, -1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.sum(dim: [0, -1])
    },
    "x.mean([0, 2], keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mean([0, 2], keepdim: true)
    },
    "x.mean(dim: [0, -1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.mean(dim: [0, -1])
    },
    "x.std([0, 2], keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std([0, 2], keepdim: true)
    },
    "x.std(dim: [0, -1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(dim: [0, -1])
    },
    "x.var([0, 2], keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var([0, 2], keepdim: true)
    },
    "x.var(dim: [0, -1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(dim: [0, -1])
    },
    "x.amax([0, 2], keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.amax([0, 2], keepdim: true)
    },
    "x.amax(dim: [0, -1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.amax(dim: [0, -1])
    },
    "x.std(unbiased: false)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(unbiased: false)
    },
    "x.std(1, unbiased: false)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(1, unbiased: false)
    },
    "x.std(dim: [0, 1], unbiased: true, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.std(dim: [0, 1], unbiased: true, keepdim: true)
    },
    "x.var(unbiased: false)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(unbiased: false)
    },
    "x.var(1, unbiased: false)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(1, unbiased: false)
    },
    "x.var(dim: [0, 1], unbiased: true, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.var(dim: [0, 1], unbiased: true, keepdim: true)
    },
    "x.any(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.any(1, keepdim: true)
    },
    "x.all(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.all(1, keepdim: true)
    },
    "x.max(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      let r = x.max(1, keepdim: true)
      return [r.values, r.indices]
    },
    "x.min(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      let r = x.min(1, keepdim: true)
      return [r.values, r.indices]
    },
    "x.median(1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      let r = x.median(1, keepdim: true)
      return [r.values, r.indices]
    },
    "x.argmax(0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.argmax(0, keepdim: true)
    },
    "x.argmin(0, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.argmin(0, keepdim: true)
    },
    "F.conv2d(x, w, stride: 2, padding: 1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.conv2d(x, w, stride: 2, padding: 1)
    },
    "F.conv2d(x, w, stride: (1, 2), padding: (1, 0))": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.conv2d(x, w, stride: (1, 2), padding: (1, 0))
    },
    "F.convTranspose2d(x, w, stride: 2, outputPadding: 1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.convTranspose2d(x, w, stride: 2, outputPadding: 1)
    },
    "F.convTranspose2d(x, w, stride: (2, 1), padding: (0, 1))": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.convTranspose2d(x, w, stride: (2, 1), padding: (0, 1))
    },
    "F.conv1d(x[..., 0], w[0], padding: 1, dilation: 2)": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.conv1d(x[..., 0], w[0], padding: 1, dilation: 2)
    },
    "F.convTranspose1d(x[..., 0], w[0], stride: 2)": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.convTranspose1d(x[..., 0], w[0], stride: 2)
    },
    "F.conv3d(x[.newAxis], w[0..., .newAxis], stride: (1, 1, 2))": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.conv3d(x[.newAxis], w[0..., .newAxis], stride: (1, 1, 2))
    },
    "F.conv3d(x[.newAxis], w[0..., .newAxis], stride: 2, padding: 1)": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.conv3d(x[.newAxis], w[0..., .newAxis], stride: 2, padding: 1)
    },
    "F.convTranspose3d(x[.newAxis], w[.newAxis], stride: 2)": { (x, idx, m, y, f, i, m2, opt) in
      let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()
      return F.convTranspose3d(x[.newAxis], w[.newAxis], stride: 2)
    },
   ]
  }
}
