// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part1: [String: Line] {
   [
    "Tensor([1.0, 2, 3])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor([1.0, 2, 3])
    },
    "Tensor([[1.0, 2], [3, 4]])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor([[1.0, 2], [3, 4]])
    },
    "Tensor.zeros(2, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.zeros(2, 3)
    },
    "Tensor.zeros([2, 3])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.zeros([2, 3])
    },
    "Tensor.zeros(like: x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.zeros(like: x)
    },
    "Tensor.zerosLike(x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.zerosLike(x)
    },
    "Tensor.ones(like: x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.ones(like: x)
    },
    "Tensor.randn(like: x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.randn(like: x)
    },
    "Tensor.full([2], 7)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.full([2], 7)
    },
    "Tensor.arange(10)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.arange(10)
    },
    "Tensor.arange(2, 10)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.arange(2, 10)
    },
    "Tensor.arange(0, 10, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.arange(0, 10, 2)
    },
    "Tensor.linspace(0, 1, 5)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.linspace(0, 1, 5)
    },
    "Tensor.eye(3)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.eye(3)
    },
    "Tensor.randint(0, 10, [2, 3])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.randint(0, 10, [2, 3])
    },
    "Tensor.rand([2])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.rand([2])
    },
    "Tensor.randperm(5)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.randperm(5)
    },
    "Tensor.empty([2])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.zeros(like: Tensor.empty([2]))
    },
    "Tensor.bernoulli(x)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.bernoulli(x.clamp(min: 0, max: 1))
    },
    "Tensor.multinomial(x, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.multinomial(x, 1)
    },
    "x.multinomial(1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.multinomial(1)
    },
    "Tensor.normal(0, 1, [3])": { (x, idx, m, y, f, i, m2, opt) in
      return Tensor.normal(0, 1, [3])
    },
    "x.size()": { (x, idx, m, y, f, i, m2, opt) in
      return x.size()
    },
    "x.shape": { (x, idx, m, y, f, i, m2, opt) in
      return x.shape
    },
    "x.size(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.size(0)
    },
    "x.dim()": { (x, idx, m, y, f, i, m2, opt) in
      return x.dim()
    },
    "x.ndim": { (x, idx, m, y, f, i, m2, opt) in
      return x.ndim
    },
    "x.numel()": { (x, idx, m, y, f, i, m2, opt) in
      return x.numel()
    },
    "x.item() as Float": { (x, idx, m, y, f, i, m2, opt) in
      return x.item() as Float
    },
    "print(x.item())": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x.item())"
    },
    "x.tolist()": { (x, idx, m, y, f, i, m2, opt) in
      return x.tolist()
    },
    "x.numpy()": { (x, idx, m, y, f, i, m2, opt) in
      return x.numpy()
    },
    "x.view(-1, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return x.view(-1, 3)
    },
    "x.reshape(-1, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return x.reshape(-1, 3)
    },
    "x.reshape([-1, 3])": { (x, idx, m, y, f, i, m2, opt) in
      return x.reshape([-1, 3])
    },
    "x.reshaped(-1, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return x.reshaped(-1, 3)
    },
    "x.flatten()": { (x, idx, m, y, f, i, m2, opt) in
      return x.flatten()
    },
    "x.transpose(0, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.transpose(0, 1)
    },
    "x.t()": { (x, idx, m, y, f, i, m2, opt) in
      return x.t()
    },
    "x.T": { (x, idx, m, y, f, i, m2, opt) in
      return x.T
    },
    "x.permute(0, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.permute(0, 1)
    },
    "x.unsqueeze(0)": { (x, idx, m, y, f, i, m2, opt) in
      return x.unsqueeze(0)
    },
    "x.squeeze()": { (x, idx, m, y, f, i, m2, opt) in
      return x.squeeze()
    },
    "x.expand(2, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return x.expand(2, 3)
    },
    "x.repeat(2, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return x.repeat(2, 1)
    },
    "x.contiguous()": { (x, idx, m, y, f, i, m2, opt) in
      return x.contiguous()
    },
    "x.clone()": { (x, idx, m, y, f, i, m2, opt) in
      return x.clone()
    },
    "x.detach()": { (x, idx, m, y, f, i, m2, opt) in
      return x.detach()
    },
    "x.detached()": { (x, idx, m, y, f, i, m2, opt) in
      return x.detached()
    },
    "x.cpu()": { (x, idx, m, y, f, i, m2, opt) in
      return x.cpu()
    },
    "x.to(.float16)": { (x, idx, m, y, f, i, m2, opt) in
      return x.to(.float16)
    },
    "x.float()": { (x, idx, m, y, f, i, m2, opt) in
      return x.float()
    },
    "x.half()": { (x, idx, m, y, f, i, m2, opt) in
      return x.half()
    },
    "x.long()": { (x, idx, m, y, f, i, m2, opt) in
      return x.long()
    },
    "x.to(.cpu)": { (x, idx, m, y, f, i, m2, opt) in
      return x.to(.cpu)
    },
    "x.to(Device.cpu)": { (x, idx, m, y, f, i, m2, opt) in
      return x.to(Device.cpu)
    },
    "x.requiresGrad_()": { (x, idx, m, y, f, i, m2, opt) in
      return x.requiresGrad_().requiresGrad
    },
    "x.fill_(0)": { (x, idx, m, y, f, i, m2, opt) in
      x.fill_(0)
      return x
    },
    "x.zero_()": { (x, idx, m, y, f, i, m2, opt) in
      x.zero_()
      return x
    },
    "x.copy_(x)": { (x, idx, m, y, f, i, m2, opt) in
      x.copy_(x)
      return x
    },
   ]
  }
}
