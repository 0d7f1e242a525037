// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part5: [String: Line] {
   [
    "m2.weight.data = x": { (x, idx, m, y, f, i, m2, opt) in
      m2.weight.data = x
      return m2.parameters()
    },
    "m2.weight.assign(x)": { (x, idx, m, y, f, i, m2, opt) in
      noGrad { m2.weight.assign(x) }
      return m2.parameters()
    },
    "m2.bias?.zero_()": { (x, idx, m, y, f, i, m2, opt) in
      noGrad { _ = m2.bias?.zero_() }
      return m2.parameters()
    },
    "m2.to(.float16)": { (x, idx, m, y, f, i, m2, opt) in
      return m2.to(.float16).parameters()
    },
    "m2.half()": { (x, idx, m, y, f, i, m2, opt) in
      return m2.half().parameters()
    },
    "m2.double()": { (x, idx, m, y, f, i, m2, opt) in
      return m2.double().parameters()
    },
    "m2.train()": { (x, idx, m, y, f, i, m2, opt) in
      return m2.train().isTraining
    },
    "m2.eval()": { (x, idx, m, y, f, i, m2, opt) in
      return m2.eval().isTraining
    },
    "m2.isTraining": { (x, idx, m, y, f, i, m2, opt) in
      return m2.isTraining
    },
    "m2.stateDict()": { (x, idx, m, y, f, i, m2, opt) in
      return m2.stateDict()
    },
    "m2.stateDict()[\"weight\"]": { (x, idx, m, y, f, i, m2, opt) in
      return m2.stateDict()["weight"]
    },
    "m2.stateDict().keys": { (x, idx, m, y, f, i, m2, opt) in
      return Array(m2.stateDict().keys)
    },
    "m2.stateDict().items": { (x, idx, m, y, f, i, m2, opt) in
      return m2.stateDict().items
    },
    "m2.parameters()": { (x, idx, m, y, f, i, m2, opt) in
      return m2.parameters()
    },
    "m2.parameters().reduce(0) { $0 + $1.elementCount }": { (x, idx, m, y, f, i, m2, opt) in
      return m2.parameters().reduce(0) { $0 + $1.elementCount }
    },
    "m2.registerForwardHook { _, _, _ in nil }": { (x, idx, m, y, f, i, m2, opt) in
      m2.registerForwardHook { _, _, outputs in [outputs[0] * 2] }
      return m2(x)
    },
    "m2.onForward { _, _, _ in nil }": { (x, idx, m, y, f, i, m2, opt) in
      m2.onForward { _, _, _ in nil }
      return m2(x)
    },
    "m2.getSubmodule(\"a\")": { (x, idx, m, y, f, i, m2, opt) in
      m2.addModule("a", ReLU())
      return m2.getSubmodule("a")
    },
    "m2.addModule(\"a\", Linear(1, 1))": { (x, idx, m, y, f, i, m2, opt) in
      m2.addModule("a", Linear(1, 1))
      return Array(m2.stateDict().keys)
    },
    "m2.registerBuffer(\"b\", x)": { (x, idx, m, y, f, i, m2, opt) in
      m2.registerBuffer("b", x)
      return Array(m2.stateDict().keys)
    },
    "m2.requiresGrad_(false)": { (x, idx, m, y, f, i, m2, opt) in
      m2.requiresGrad_(false)
      return m2.parameters().map(\.requiresGrad)
    },
    "m2.requiresGrad(false)": { (x, idx, m, y, f, i, m2, opt) in
      m2.requiresGrad(false)
      return m2.parameters().map(\.requiresGrad)
    },
    "m2.zeroGrad()": { (x, idx, m, y, f, i, m2, opt) in
      m2(x).sum().backward()
      m2.zeroGrad()
      return m2.weight.grad
    },
    "m2.apply { _ in }": { (x, idx, m, y, f, i, m2, opt) in
      var names: [String] = []
      m2.apply { names.append($0.typeName) }
      return names
    },
    "SGD(m2.parameters(), lr: 0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, SGD(m2.parameters(), lr: 0.1))
    },
    "SGD(m2.namedParameters(), lr: 0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, SGD(m2.namedParameters(), lr: 0.1))
    },
    "Adam(m2, lr: 0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, Adam(m2, lr: 0.1))
    },
    "AdamW(m2.namedParameters(), lr: 1e-3, betas: (0.9, 0.95), weightDecay: 0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, AdamW(m2.namedParameters(), lr: 1e-3, betas: (0.9, 0.95), weightDecay: 0.1))
    },
    "opt.groups[0].lr = 0.1": { (x, idx, m, y, f, i, m2, opt) in
      opt.groups[0].lr = 0.05
      return opt.groups[0].lr
    },
    "opt.paramGroups[0].lr": { (x, idx, m, y, f, i, m2, opt) in
      return opt.paramGroups[0].lr
    },
    "opt.zeroGrad()": { (x, idx, m, y, f, i, m2, opt) in
      m2(x).sum().backward()
      opt.zeroGrad()
      return m2.weight.grad
    },
    "opt.zeroGrad(setToNone: true)": { (x, idx, m, y, f, i, m2, opt) in
      m2(x).sum().backward()
      opt.zeroGrad(setToNone: false)
      let zero = m2.weight.grad
      opt.zeroGrad(setToNone: true)
      precondition(m2.weight.grad === nil)
      return zero
    },
    "opt.stateDict()": { (x, idx, m, y, f, i, m2, opt) in
      return opt.stateDict()
    },
    "opt.step()": { (x, idx, m, y, f, i, m2, opt) in
      m2(x).sum().backward()
      opt.step()
      return m2.parameters()
    },
    "opt.step { x }": { (x, idx, m, y, f, i, m2, opt) in
      let loss = opt.step {
        opt.zeroGrad()
        let loss = m2(x).sum()
        loss.backward()
        return loss
      }
      return [loss] + m2.parameters()
    },
    "LBFGS(m2.namedParameters())": { (x, idx, m, y, f, i, m2, opt) in
      return lbfgs(m2, LBFGS(m2.namedParameters()))
    },
    "Rprop(m2.namedParameters())": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, Rprop(m2.namedParameters()))
    },
    "ASGD(m2.namedParameters())": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, ASGD(m2.namedParameters()))
    },
    "Adafactor(m2.namedParameters())": { (x, idx, m, y, f, i, m2, opt) in
      return stepped(m2, Adafactor(m2.namedParameters()))
    },
    "StepLR(opt, stepSize: 3)": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, StepLR(opt, stepSize: 3))
    },
    "CosineAnnealingLR(opt, tMax: 10)": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, CosineAnnealingLR(opt, tMax: 10))
    },
    "CosineAnnealingLR(opt, TMax: 10)": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, CosineAnnealingLR(opt, TMax: 10))
    },
    "CyclicLR(opt, baseLR: 0.1, maxLR: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, CyclicLR(opt, baseLR: 0.1, maxLR: 1))
    },
    "MultiplicativeLR(opt) { _ in 0.9 }": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, MultiplicativeLR(opt) { _ in 0.9 })
    },
    "LambdaLR(opt) { _ in 0.9 }": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, LambdaLR(opt) { _ in 0.9 })
    },
    "OneCycleLR(opt, maxLR: 0.1, totalSteps: 10)": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, OneCycleLR(opt, maxLR: 0.1, totalSteps: 10))
    },
    "ReduceLROnPlateau(opt, patience: 2)": { (x, idx, m, y, f, i, m2, opt) in
      let s = ReduceLROnPlateau(opt, patience: 2)
      for _ in 0..<5 { s.step(1) }
      return opt.groups[0].lr
    },
    "SequentialLR(opt, schedulers: [StepLR(opt, stepSize: 1)], milestones: [])": { (x, idx, m, y, f, i, m2, opt) in
      return rates(opt, SequentialLR(opt, schedulers: [StepLR(opt, stepSize: 1)], milestones: []))
    },
    "AveragedModel(m2)": { (x, idx, m, y, f, i, m2, opt) in
      let a = AveragedModel(m2)
      a.updateParameters(m2)
      noGrad { _ = m2.weight.add_(1) }
      a.updateParameters(m2)
      return [a(Tensor.ones(1, 3)), Tensor(a.stateDict()["n_averaged"] ?? NDArray(0))]
    },
    "StepLR(opt, stepSize: 3).getLastLR()": { (x, idx, m, y, f, i, m2, opt) in
      return StepLR(opt, stepSize: 3).getLastLR()
    },
    "StepLR(opt, stepSize: 3).lastLR": { (x, idx, m, y, f, i, m2, opt) in
      return StepLR(opt, stepSize: 3).lastLR
    },
    "TensorDataset(x, x)": { (x, idx, m, y, f, i, m2, opt) in
      return TensorDataset(x, x).count
    },
    "DataLoader(TensorDataset(x, x), batchSize: 2, shuffle: true)": { (x, idx, m, y, f, i, m2, opt) in
      return DataLoader(TensorDataset(x, x), batchSize: 2, shuffle: true).map { $0[0] }
    },
    "DataLoader(TensorDataset(x, x), batchSize: 2, numWorkers: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return DataLoader(TensorDataset(x, x), batchSize: 2, numWorkers: 2).map { $0[0] }
    },
    "TensorDataset(x)[0]": { (x, idx, m, y, f, i, m2, opt) in
      return TensorDataset(x)[0]
    },
    "randomSplit(TensorDataset(x), [1, 1])": { (x, idx, m, y, f, i, m2, opt) in
      return randomSplit(TensorDataset(x), [1, 1]).map { $0[0][0] }
    },
    "Subset(TensorDataset(x), [0])": { (x, idx, m, y, f, i, m2, opt) in
      return Subset(TensorDataset(x), [0])[0][0]
    },
    "ConcatDataset([TensorDataset(x)])": { (x, idx, m, y, f, i, m2, opt) in
      return ConcatDataset([TensorDataset(x), TensorDataset(x + 1)])[3][0]
    },
    "WeightedRandomSampler([1], 1)": { (x, idx, m, y, f, i, m2, opt) in
      return Array(WeightedRandomSampler([0, 1], 2))
    },
    "print(m2)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(m2)"
    },
   ]
  }
}
