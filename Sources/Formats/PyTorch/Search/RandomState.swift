import Arrays

/// How the states of random generators look in a pickle.
extension PickleValue {
  /// The number of bytes in what `torch.get_rng_state` gives: the words of a Mersenne Twister, each in 64
  /// bits, and what is drawn ahead; see `ATen/CPUGeneratorImpl.cpp`.
  private static let stateLength = 5056

  /// Whether it is the state of PyTorch's generator for the processor.
  var isRandomState: Bool {
    guard case .tensor(let tensor) = self else { return false }
    return tensor.dtype == .uint8 && tensor.shape == [Self.stateLength]
  }

  /// Whether it may be the state of a generator of some device.
  fileprivate var isBytes: Bool {
    guard case .tensor(let tensor) = self else { return false }
    return tensor.dtype == .uint8 && tensor.shape.count == 1
  }
}

extension PickleDict {
  /// Whether the only tensors among its values are states of generators, as those that trainers keep beside
  /// a model are: `{"python": …, "numpy": …, "cpu": …, "cuda": …}`.
  var isRandomState: Bool {
    values.contains(where: \.isRandomState)
      && values.allSatisfy { !$0.isTensor || $0.isBytes }
  }
}
