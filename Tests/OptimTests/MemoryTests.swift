import Arrays
import Autograd
import Files
import NN
import Optim
import TestSupport
import Testing

/// Memory over many steps, each in a process of its own, where nothing else allocates.
@Suite struct MemoryTests {
  #if DEBUG
    private static let depth = 100_000
    private static let steps = 100
  #else
    private static let depth = 1_000_000
    private static let steps = 1000
  #endif

  /// Traps if `body` leaves more memory in use than `limit` bytes.
  private static func expectLevel(_ limit: Int, _ body: () -> Void) {
    let before = Memory.residentByteCount ?? 0
    body()
    let growth = (Memory.residentByteCount ?? 0) - before
    require(growth < limit, "memory grew by \(growth) bytes")
  }

  private static func differentiateDeeply() {
    let x = Tensor([1.0], dtype: .float64, requiresGrad: true)
    var y = x
    for _ in 0..<depth { y = y * x }
    y.sum().backward()
    let gradient = x.grad?.item(as: Double.self) ?? .nan
    require(gradient == Double(depth + 1), "the gradient is \(gradient)")
  }

  @Test func graphsAreFreedWhole() async {
    await #expect(processExitsWith: .success) {
      // The allocator keeps what was freed, and places the second otherwise than the first; the third
      // must nearly do with that. A node that is not freed leaves some hundred bytes, a million times.
      for _ in 0..<2 { Self.differentiateDeeply() }
      Self.expectLevel(32 << 20) { Self.differentiateDeeply() }
    }
  }

  @Test func trainingStepsLeaveMemoryLevel() async {
    await #expect(processExitsWith: .success) {
      let model = Sequential(
        Conv2d(1, 8, kernelSize: 3, padding: 1), BatchNorm2d(8), ReLU(), Flatten(),
        Dropout(0.1), Linear(8 * 64, 4))
      let optimizer = AdamW(model.namedParameters(), lr: 1e-3)
      let (x, y) = (Tensor.randn([16, 1, 8, 8]), Tensor((0..<16).map { $0 % 4 }))
      func train(_ steps: Int) {
        for _ in 0..<steps {
          optimizer.zeroGrad()
          model(x).crossEntropy(y).backward()
          clipGradNorm(model.parameters(), maxNorm: 1)
          optimizer.step()
        }
      }
      train(50)
      Self.expectLevel(2 << 20) { train(Self.steps) }
    }
  }
}
