import Arrays
import Autograd
import NN
import States
import Testing

/// Hooks of modules on calls, gradients and state dicts, as in PyTorch.
@Suite struct HookTests {
  private final class Log {
    var lines: [String] = []
  }

  @Test func forwardHooksSeeAndReplace() {
    let module = Identity()
    let log = Log()
    let pre = module.onForwardPre { module, inputs in
      log.lines.append("pre \(module.typeName) \(inputs[0].doubles)")
      return [inputs[0] + 1]
    }
    let post = module.onForward { _, inputs, outputs in
      log.lines.append("post \(inputs[0].doubles) \(outputs[0].doubles)")
      return [outputs[0] * 10]
    }
    #expect(module(Tensor([1.0], dtype: .float64)).doubles == [20])
    #expect(log.lines == ["pre Identity [1.0]", "post [2.0] [2.0]"])
    pre.remove()
    #expect(module(Tensor([1.0], dtype: .float64)).doubles == [10])
    post.remove()
    post.remove()
    #expect(module(Tensor([1.0], dtype: .float64)).doubles == [1])
    #expect(log.lines.count == 3)
  }

  @Test func hooksRunWithinContainersAndForSeveralInputs() {
    let inner = ReLU()
    let log = Log()
    inner.onForward { _, _, _ in
      log.lines.append("inner")
      return nil
    }
    _ = Sequential(inner, inner)(Tensor([1.0], dtype: .float64))
    #expect(log.lines == ["inner", "inner"])
    let loss = MSELoss()
    loss.onForwardPre { _, inputs in
      log.lines.append("\(inputs.count)")
      return nil
    }
    _ = loss(Tensor([1.0], dtype: .float64), Tensor([2.0], dtype: .float64))
    #expect(log.lines.last == "2")
  }

  @Test func backwardHooksSeeGradientsOfInputsAndOutputs() {
    let module = Linear(2, 1, bias: false)
    noGrad { module.weight.assign(Tensor([3, 4] as [Float], shape: [1, 2])) }
    let log = Log()
    let handle = module.onBackward { _, inputs, outputs in
      log.lines.append("\(inputs[0]?.doubles ?? []) \(outputs[0]?.doubles ?? [])")
      return [inputs[0].map { $0 * 2 }]
    }
    let x = Tensor(NDArray([1, 1] as [Float], shape: [1, 2]), requiresGrad: true)
    // The input is used elsewhere too; the hook sees only what this call adds.
    (module(x) * 5 + x.sum()).sum().backward()
    #expect(log.lines == ["[15.0, 20.0] [5.0]"])
    #expect(x.grad?.doubles == [31, 41])
    handle.remove()
    x.grad = nil
    module(x).sum().backward()
    #expect(x.grad?.doubles == [3, 4])
  }

  @Test func backwardHooksReplaceTheGradientsOfAllInputs() {
    let module = Bilinear(2, 2, 1)
    let log = Log()
    let first = Tensor(NDArray([1, 2] as [Float], shape: [1, 2]), requiresGrad: true)
    let second = Tensor(NDArray([3, 5] as [Float], shape: [1, 2]), requiresGrad: true)
    module(first, second).sum().backward()
    let plain = [first, second].map { $0.grad?.doubles ?? [] }
    first.grad = nil
    second.grad = nil

    let handle = module.onBackward { _, inputs, outputs in
      log.lines.append("\(inputs.map { $0?.doubles ?? [] }) \(outputs[0]?.doubles ?? [])")
      return [inputs[0].map { $0 * 2 }, inputs[1].map { $0 * -4 }]
    }
    let output = module(first, second).sum()
    output.backward(retainGraph: true)
    #expect(log.lines == ["\(plain) [1.0]"])
    #expect(first.grad?.doubles == plain[0].map { $0 * 2 })
    #expect(second.grad?.doubles == plain[1].map { $0 * -4 })
    output.backward()
    #expect(log.lines.count == 2 && log.lines[0] == log.lines[1])

    // A frozen input has no gradient, and the other has its own.
    handle.remove()
    module.onBackward { _, inputs, _ in
      log.lines.append("\(inputs.map { $0 == nil })")
      return nil
    }
    first.grad = nil
    module(first, second.detached()).sum().backward()
    #expect(log.lines.last == "[false, true]")
    #expect(first.grad?.doubles == plain[0])
  }

  @Test func backwardHooksRunWhereNoInputNeedsAGradient() {
    let module = Linear(2, 1)
    let log = Log()
    module.onBackward { _, inputs, outputs in
      log.lines.append("\(inputs[0] == nil) \(outputs[0]?.doubles ?? [])")
      return nil
    }
    (module(Tensor.ones([1, 2])) * 5).sum().backward()
    #expect(log.lines == ["true [5.0]"])
  }

  @Test func stateHooksRewriteStates() throws {
    let module = Sequential(Linear(1, 1, bias: false))
    let inner = module[0]
    let saving = inner.onStateDict { _, state, prefix in
      state.entries[prefix + "extra"] = StateDict.Entry(NDArray(1.0))
    }
    #expect(Array(module.stateDict().keys) == ["0.weight", "0.extra"])
    let state = module.stateDict()
    #expect(module.loadReport(for: state).unexpected == ["0.extra"])
    let loading = inner.onLoadStateDict { _, state, prefix in
      state.entries[prefix + "extra"] = nil
    }
    try module.loadStateDict(state)
    saving.remove()
    loading.remove()
    #expect(Array(module.stateDict().keys) == ["0.weight"])
    #expect(throws: LoadError.self) { try module.loadStateDict(state) }
  }

  /// A hook that changes the type or the size of a gradient ends the program with a sentence.
  @Test func backwardHooksMayNotChangeTypeOrSize() async throws {
    for isType in [true, false] {
      let result = await #expect(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [isType = isType as Bool] in
        let module = ReLU()
        module.onBackward { _, inputs, _ in
          inputs.map { isType ? $0?.to(.float64) : $0?.sum() }
        }
        module(Tensor([1, 2] as [Float], requiresGrad: true)).sum().backward()
      }
      let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(text.contains("ReLU: a backward hook has changed the type or size"), "\(text)")
    }
  }
}
