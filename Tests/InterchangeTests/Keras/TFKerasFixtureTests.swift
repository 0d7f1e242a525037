import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files that TF-Keras wrote itself: see `Fixtures/make_tf_keras.py`.
@Suite struct TFKerasFixtureTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func fixture(_ name: String) -> String {
    TestTarget.folder().appending(path: "Fixtures/keras/\(name).h5").path
  }

  private func numbers(_ array: NDArray) throws -> [Double] {
    try array.converted(to: .float64).elements(as: Double.self)
  }

  /// The weights of cuDNN's layers, and what TF-Keras makes of them for its own: biases are sums there.
  @Test(arguments: ["lstm", "gru"], ["", "_both"])
  func layersOfCuDNNAreThoseOfPyTorch(_ name: String, _ ending: String) throws {
    let packed = try OpenedCheckpoint(Self.fixture("tf_cudnn_\(name)\(ending)"))
    let plain = try OpenedCheckpoint(Self.fixture("tf_\(name)\(ending)")).checkpoint.state
    let state = packed.checkpoint.state
    #expect(packed.losses == [])
    #expect(Array(state.keys) == Array(plain.keys))
    let isSum = name == "lstm"
    for (key, entry) in state.entries where !isSum || !key.contains("bias_") {
      #expect(plain[key].map(entry.array.isBitwiseEqual) == true, "\(key)")
    }
    for key in state.keys where isSum && key.contains("bias_ih") {
      let second = try numbers(try #require(state[key.replacing("bias_ih", with: "bias_hh")]))
      let sum = try zip(numbers(try #require(state[key])), second).map { Float($0 + $1) }
      #expect(try numbers(try #require(plain[key])).map { Float($0) } == sum, "\(key)")
    }
    for format in [FileFormat.kerasLegacy, .kerasWeights] {
      let path = folder.file("back.\(format.id)")
      #expect(try packed.checkpoint.write(to: path, format: format).losses == [])
      #expect(
        try CheckpointComparison(
          packed.checkpoint, OpenedCheckpoint(path).checkpoint, extent: .tensors
        ).differences.isEmpty)
    }
  }

  private static let slots: [String: (String, [String: (new: String, old: String)])] = [
    "adam": (
      "Adam", ["exp_avg": ("m", "m"), "exp_avg_sq": ("v", "v"), "max_exp_avg_sq": ("vhat", "vhat")]
    ),
    "rmsprop": (
      "RMSprop", ["square_avg": ("velocity", "rms"), "grad_avg": ("average_gradient", "mg")]
    ),
    "nadam": ("Nadam", ["exp_avg": ("m", "m"), "exp_avg_sq": ("v", "v")]),
  ]

  /// Each variable by its name in the file, and all of them back in their places.
  @Test(arguments: ["tf_adam", "tf_old_adam", "tf_rmsprop", "tf_old_rmsprop", "tf_nadam"])
  func optimizersAreMatched(_ name: String) throws {
    let path = Self.fixture(name)
    let checkpoint = try OpenedCheckpoint(path).checkpoint
    let optimizer = try #require(checkpoint.optimizer)
    let own = try OpenedCheckpoint(path, format: .hdf5).checkpoint.state
    let isOld = name.contains("old")
    let (className, slots) = try #require(
      Self.slots[name.replacing("tf_", with: "").replacing("old_", with: "")])
    for layer in ["a", "b"] {
      for (slot, names) in slots {
        let weight = "\(layer)/kernel"
        let ending =
          isOld ? "\(className)/\(weight)/\(names.old):0" : "\(className)/\(names.new)/\(weight):0"
        let key = try #require(
          own.keys.first { $0.hasSuffix(ending.replacing("/", with: ".")) }, "\(ending)")
        let array = try #require(optimizer.state["\(layer).weight"]?[slot]?.tensor)
        #expect(own[key].map { array.isBitwiseEqual(to: $0.transposed()) } == true, "\(ending)")
      }
      #expect(try optimizer.state["\(layer).bias"]?["step"]?.tensor.map(numbers) == [3])
    }
    let back = folder.file("back.h5")
    #expect(try checkpoint.write(to: back, format: .kerasLegacy).losses == [])
    let written = try OpenedCheckpoint(back, format: .hdf5).checkpoint.state
    for (key, entry) in own.entries where key.contains("optimizer_weights") {
      #expect(written[key].map(entry.array.isBitwiseEqual) == true, "\(key)")
    }
    #expect(
      try CheckpointComparison(checkpoint, OpenedCheckpoint(back).checkpoint).differences.isEmpty)
  }

  /// The product of Nadam's momenta, which TF-Keras does not write.
  @Test func theProductOfMomentaFollowsFromTheSteps() throws {
    let state = try OpenedCheckpoint(Self.fixture("tf_nadam")).checkpoint.optimizer?.state
    let product = try #require(state?["a.weight"]?["mu_product"]?.tensor)
    let expected = (1...3).map { 0.9 * (1 - 0.5 * pow(0.96, Double($0))) }.reduce(1, *)
    #expect(try abs(numbers(product)[0] - expected) < 1e-7)
  }

  /// A rate that decays is no option of PyTorch's, and its momentum has many rates in it.
  @Test func aDecayedRateIsKept() throws {
    let opened = try OpenedCheckpoint(Self.fixture("tf_old_decayed"))
    #expect(opened.checkpoint.optimizer == nil)
    #expect(opened.notes.contains { $0.contains("decays") }, "\(opened.notes)")
  }
}
