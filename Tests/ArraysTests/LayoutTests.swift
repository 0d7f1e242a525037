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
}
