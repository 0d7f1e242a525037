import Arrays
import Testing

@Suite struct LayoutTests {
  @Test func shapesFromFilesAreChecked() {
    #expect(Shape(validating: [2, 3]) == [2, 3])
    #expect(Shape(validating: [-1]) == nil)
    #expect(Shape(validating: [1 << 40, 1 << 40]) == nil)
    // The product of the lengths that are not zero must fit too, or the strides would not.
    #expect(Shape(validating: [0, 1 << 40, 1 << 40]) == nil)
    #expect(Shape(validating: [0, 5]) == [0, 5])
  }

  @Test func shapesReadAsPythonWritesThem() {
    #expect("\(Shape([64, 1, 3, 3]))" == "(64, 1, 3, 3)")
    #expect("\(Shape([64]))" == "(64,)")
    #expect("\(Shape.scalar)" == "()")
  }

  @Test func layoutsFromFilesStayInTheirStorage() {
    func isSound(_ shape: Shape, _ strides: [Int], _ offset: Int, _ capacity: Int) -> Bool {
      Layout(validating: shape, strides: strides, offset: offset, elementCapacity: capacity) != nil
    }
    #expect(isSound([2, 3], [3, 1], 0, 6))
    #expect(!isSound([2, 3], [3, 1], 1, 6))
    #expect(!isSound([2, 3], [3, 1], 0, 5))
    #expect(isSound([2, 3], [-3, 1], 3, 6))
    #expect(!isSound([2, 3], [-3, 1], 2, 6))
    #expect(isSound([1000, 3], [0, 1], 0, 3))
    #expect(!isSound([3], [.max], 0, 6))
    #expect(!isSound([3], [.min], 0, 6))
    #expect(!isSound([2], [1], -1, 6))
    #expect(!isSound([2], [1, 1], 0, 6))
    #expect(isSound([0], [1], 6, 6))
    #expect(!isSound([0], [1], 7, 6))
  }

  @Test func diagonalsAddStrides() {
    let layout = Layout(shape: [2, 3, 4], strides: [12, 4, 1], offset: 5)
    #expect(
      layout.diagonal(1, rows: -2, columns: 2)
        == Layout(shape: [2, 3], strides: [12, 5], offset: 6))
    #expect(
      layout.diagonal(-1, rows: 2, columns: 0)
        == Layout(shape: [3, 2], strides: [4, 13], offset: 6))
    #expect(
      layout.diagonal(9, rows: 0, columns: 1)
        == Layout(shape: [4, 0], strides: [1, 16], offset: 5))
  }

  @Test func windowsShareElements() {
    let layout = Layout(shape: [2, 7], strides: [1, 2], offset: 3)
    #expect(
      layout.unfolded(axis: 1, size: 3, step: 2)
        == Layout(shape: [2, 3, 3], strides: [1, 4, 2], offset: 3))
    #expect(
      layout.unfolded(axis: -2, size: 0, step: 1)
        == Layout(shape: [3, 7, 0], strides: [1, 2, 1], offset: 3))
    let array = NDArray((0..<5).map(Int64.init)).unfolded(axis: 0, size: 3, step: 1)
    #expect(array.elements(as: Int64.self) == [0, 1, 2, 1, 2, 3, 2, 3, 4])
  }
}
