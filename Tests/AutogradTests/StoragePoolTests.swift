import Arrays
import Autograd
import CKernels
import Kernels
import Testing

@Suite struct StoragePoolTests {
  /// The pool is in use from the first operation on.
  private func useKernels() { _ = Tensor.ones([1]) + Tensor.ones([1]) }

  @Test func memoryOfArraysThatAreGoneIsKeptWithinBounds() {
    useKernels()
    for _ in 0..<4 { _ = Tensor.ones([1 << 20]) + Tensor.ones([1 << 20]) }
    #expect(StoragePool.keptByteCount <= StoragePool.capacity)
    #expect((StoragePool.capacity > 0) != ck_is_address_sanitized())
  }

  @Test(arguments: [1, 4095, 4096, 4097, 5000, 5120, 5121, 8191, 8192, 8193, 1_000_003])
  func blocksOfAnySizeHoldWhatIsWritten(_ count: Int) {
    useKernels()
    // Blocks of neighbouring sizes share a class; each must still have room for its own.
    for length in [count, count + 1, max(1, count - 1)] {
      let a = NDArray(repeating: UInt8(7), shape: [length])
      let b = NDArray(repeating: UInt8(9), shape: [length])
      #expect(a.elements(as: UInt8.self).allSatisfy { $0 == 7 })
      #expect(b.elements(as: UInt8.self).allSatisfy { $0 == 9 })
    }
  }

  /// In a process of its own, since all arrays share the pool.
  @Test func whatIsTakenIsNotKept() async {
    await #expect(processExitsWith: .success) {
      StoragePool.capacity = 1 << 30
      let size = 1 << 20
      _ = NDArray(repeating: UInt8(1), shape: [size])
      let kept = StoragePool.keptByteCount
      precondition(kept >= size)
      for _ in 0..<10 {
        let array = NDArray(repeating: UInt8(2), shape: [size])
        withExtendedLifetime(array) { precondition(StoragePool.keptByteCount == kept - size) }
      }
      precondition(StoragePool.keptByteCount == kept)
      StoragePool.capacity = size / 2
      precondition(StoragePool.keptByteCount == 0)
    }
  }

  @Test func tasksMayMakeArraysAtTheSameTime() async {
    useKernels()
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          (0..<50).allSatisfy { _ in
            let x = NDArray(repeating: Int32(task), shape: [5000])
            return x.elements(as: Int32.self).allSatisfy { $0 == task }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func tasksMayComputeAtTheSameTime() async {
    let expected = Tensor.full([200, 200], 3).matmul(Tensor.full([200, 200], 2)).sum().doubles
    await withTaskGroup(of: [Double].self) { group in
      for _ in 0..<8 {
        group.addTask {
          Tensor.full([200, 200], 3).matmul(Tensor.full([200, 200], 2)).sum().doubles
        }
      }
      for await found in group { #expect(found == expected) }
    }
  }
}
