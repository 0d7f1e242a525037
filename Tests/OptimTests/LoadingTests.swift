import Arrays
import Autograd
import Datasets
import Files
import Optim
import States
import Testing

/// Gradient clipping.
@Suite struct ClippingTests {
  private func parameters() -> [Parameter] {
    let parameters = [Shape([2, 3]), [4], [1]].map { Parameter(NDArray(zeros: $0)) }
    for salt in 0..<2 { parameters[salt].grad = pattern(parameters[salt].shape, salt) }
    return parameters
  }

  @Test func normsAreThoseOfPyTorch() throws {
    let golden = try #require(Fixture.loading["clipped"])
    for (text, p) in [
      ("2.0", 2), ("1.0", 1), ("3.0", 3), ("0.0", 0), ("inf", Double.infinity),
      ("-inf", -Double.infinity),
    ] {
      for limit in [0.5, 1000] {
        let parameters = parameters()
        let norm = clipGradNorm(parameters, maxNorm: limit, normType: p)
        let expected = try #require(golden["\(text) \(limit)"]?.elements)
        #expect(isClose([norm], expected[0].flat, 1e-6), "\(text) \(limit)")
        let gradients = parameters.compactMap(\.grad).flatMap(\.array.doubles)
        #expect(isClose(gradients, expected[1].flat, 1e-6), "\(text) \(limit)")
        #expect(parameters[2].grad == nil)
      }
    }
  }

  @Test func valuesAreThoseOfPyTorch() throws {
    let parameters = parameters()
    clipGradValue(parameters, clipValue: 0.75)
    let gradients = parameters.compactMap(\.grad).flatMap(\.array.doubles)
    #expect(gradients == Fixture.loading["clipped"]?["value"]?.elements?[1].flat)
  }

  @Test func nothingToClip() {
    #expect(clipGradNorm([], maxNorm: 1) == 0)
    #expect(clipGradNorm([Parameter(NDArray(zeros: [2]))], maxNorm: 1) == 0)
  }

  @Test func whatIsNotFiniteIsTold() {
    let parameter = Parameter(NDArray(zeros: [2]))
    parameter.grad = Tensor([Float.nan, 1])
    #expect(clipGradNorm([parameter], maxNorm: 1).isNaN)
    #expect(parameter.grad?.array.doubles.allSatisfy(\.isNaN) == true)
  }
}

/// Datasets and loaders.
@Suite struct LoadingTests {
  private let dataset = TensorDataset(
    Tensor.arange(10), Tensor.arange(20, dtype: .float32).reshaped([10, 2]))

  private func loader(_ name: String) -> DataLoader {
    switch name {
    case "ordered": DataLoader(dataset, batchSize: 4)
    case "shuffled": DataLoader(dataset, batchSize: 4, shuffle: true)
    case "dropped": DataLoader(dataset, batchSize: 4, shuffle: true, dropLast: true)
    case "own": DataLoader(dataset, batchSize: 3, shuffle: true, generator: Generator(seed: 5))
    default:
      DataLoader(
        dataset, batchSize: 4, shuffle: true, dropLast: true, generator: Generator(seed: 6))
    }
  }

  @Test(arguments: ["ordered", "shuffled", "dropped", "own", "own dropped"])
  func batchesAreThoseOfPyTorch(_ name: String) throws {
    let golden = try #require(Fixture.loading["loaded"]?[name])
    try Generator(seed: 11).use {
      let loader = loader(name)
      #expect(loader.count == golden["count"]?.intValue)
      for expected in try #require(golden["passes"]?.elements) {
        let batches = Array(loader)
        #expect(batches.flatMap { $0.flatMap(\.array.doubles) } == expected.flat)
        #expect(
          batches.map { $0[0].shape[0] } == expected.elements?.map { $0.elements?[0].flat.count })
        #expect(batches.allSatisfy { $0[1].shape == [$0[0].shape[0], 2] && $0[0].dtype == .int64 })
      }
      // As many numbers were drawn from the generator as by PyTorch.
      #expect(Tensor.rand([1]).array.doubles == golden["next"]?.flat)
    }
  }

  @Test(
    arguments: ["ordered", "shuffled", "dropped", "own", "own dropped"], [0, 1, 2, 3])
  func aPassGoesOnWithTheNextBatch(_ name: String, _ given: Int) throws {
    func numbers(_ batches: some Sequence<[Tensor]>) -> [[Double]] {
      batches.map { $0.flatMap(\.array.doubles) }
    }
    /// The rest of this pass and all of the next, and a number that is drawn after them.
    func goOn(_ pass: some Sequence<[Tensor]>, _ loader: DataLoader) -> [[Double]] {
      numbers(pass) + numbers(loader) + [Tensor.rand([1]).array.doubles]
    }
    try Generator(seed: 11).use {
      let loader = loader(name)
      var pass = loader.makeIterator()
      for _ in 0..<min(given, loader.count) { _ = pass.next() }
      // As JSON and HDF5 would bring it back, from another process.
      let (state, random) = (loader.stateDict(), Generator.current.saveState())
      let expected = goOn(IteratorSequence(pass), loader)
      #expect(loader.stateDict()["num_batches_given"] == nil, "the pass is over")

      let other = self.loader(name)
      var stray = other.makeIterator()
      _ = stray.next()
      try other.loadStateDict(state)
      #expect(other.stateDict() == state)
      try Generator.current.restoreState(random)
      #expect(goOn(other, other) == expected)
    }
  }

  @Test func statesOfOtherLoadersAreRefused() throws {
    let loader = loader("own")
    var pass = loader.makeIterator()
    _ = pass.next()
    let state = try #require(loader.stateDict().dictionary)
    let changes: [(String, Value?)] = [
      ("num_samples", 11), ("batch_size", 4), ("shuffle", false), ("drop_last", nil),
      ("num_batches_given", 5), ("num_batches_given", -1), ("shuffler_state", nil),
      ("shuffler_state", .tensor(NDArray(zeros: [3], dtype: .uint8))), ("generator_state", nil),
    ]
    for (key, value) in changes {
      var wrong = state
      wrong[.string(key)] = value
      let before = loader.stateDict()
      let error = #expect(throws: DataLoaderStateError.self) {
        try loader.loadStateDict(.dict(wrong))
      }
      let told = key == "num_batches_given" ? "there is no batch \(value?.intValue ?? 0) of" : key
      #expect(error?.description.contains(told) == true, "\(key)")
      #expect(loader.stateDict() == before)
    }
    #expect(throws: DataLoaderStateError.self) { try loader.loadStateDict(.none) }
  }

  @Test func placesAreCountedFromTheEndIfNegative() {
    let samples = dataset[[-1, 3, -10]]
    #expect(samples[0].elements(as: Int64.self) == [9, 3, 0])
    #expect(samples[1].elements(as: Float.self) == [18, 19, 6, 7, 0, 1])
    #expect(dataset[[]].map(\.shape) == [[0], [0, 2]])
  }

  @Test func mistakesTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = TensorDataset(Tensor.arange(3), Tensor.arange(4))
    }
    await #expect(processExitsWith: .failure) { _ = TensorDataset([]) }
    await #expect(processExitsWith: .failure) {
      _ = DataLoader(TensorDataset(Tensor.arange(3)), batchSize: 0)
    }
  }
}
