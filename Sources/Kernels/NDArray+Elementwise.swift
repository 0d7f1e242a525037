import Arrays
import CKernels
import Files

extension NDArray {
  /// A function of each element and two constants.
  ///
  /// Functions of real numbers turn integers into `float32`.
  package func unary(_ f: CKUnary, _ a: Double = 0, _ b: Double = 0) -> NDArray {
    let isReal = f.rawValue >= CKUnary.divide.rawValue
    let resultType = isReal ? dtype.realResult : dtype
    let x = cast(to: resultType.computeType).contiguous()
    let result = NDArray(uninitialized: shape, dtype: x.dtype)
    let size = x.dtype.itemSize
    x.withPointer { input in
      let output = result.freshPointer
      Threads.split(elementCount, grain: Threads.elementGrain) { range in
        let start = range.lowerBound * size
        ck_unary(x.dtype.loops, f, input + start, output + start, range.count, a, b)
      }
    }
    return result.cast(to: resultType)
  }

  /// A function of pairs of elements, broadcast.
  ///
  /// The result has the promoted type, or `float32` where division of integers makes reals.
  package static func binary(
    _ f: CKBinary, _ x: NDArray, _ y: NDArray, _ a: Double = 0, _ b: Double = 0,
    for operation: StaticString
  ) -> NDArray {
    let promoted = DType.ofOperation(x, y)
    let resultType = f.rawValue >= CKBinary.divide.rawValue ? promoted.realResult : promoted
    let compute = resultType.computeType
    let x = x.cast(to: compute)
    let y = y.cast(to: compute)
    let shape = Shape.broadcast(x.shape, y.shape, for: operation)
    let result = NDArray(uninitialized: shape, dtype: compute)
    guard shape.elementCount > 0 else { return result.cast(to: resultType) }
    let size = compute.itemSize
    withPointers(x, y) { xs, ys in
      let output = result.freshPointer
      if x.shape == y.shape && x.isContiguous && y.isContiguous {
        Threads.split(shape.elementCount, grain: Threads.elementGrain) { range in
          var length = range.count
          var one = 1
          let start = range.lowerBound * size
          ck_binary(
            compute.loops, f, 1, &length, xs + start, &one, ys + start, &one, output + start, a, b)
        }
        return
      }
      let nest = LoopNest(shape, [x.layout, y.layout])
      nest.split { lengths, first, done in
        ck_binary(
          compute.loops, f, lengths.count, lengths, xs + first * nest.strides[0][0] * size,
          nest.strides[0], ys + first * nest.strides[1][0] * size, nest.strides[1],
          output + done * size, a, b)
      }
    }
    return result.cast(to: resultType)
  }

  /// A comparison of pairs of elements, broadcast. The result is of type `bool`.
  package static func compare(
    _ f: CKCompare, _ x: NDArray, _ y: NDArray, for operation: StaticString
  ) -> NDArray {
    let compute = DType.ofOperation(x, y).computeType
    let x = x.cast(to: compute)
    let y = y.cast(to: compute)
    let shape = Shape.broadcast(x.shape, y.shape, for: operation)
    let result = NDArray(uninitialized: shape, dtype: .bool)
    guard shape.elementCount > 0 else { return result }
    let size = compute.itemSize
    let nest = LoopNest(shape, [x.layout, y.layout])
    withPointers(x, y) { xs, ys in
      let output = result.freshPointer.assumingMemoryBound(to: UInt8.self)
      nest.split { lengths, first, done in
        ck_compare(
          compute.loops, f, lengths.count, lengths, xs + first * nest.strides[0][0] * size,
          nest.strides[0], ys + first * nest.strides[1][0] * size, nest.strides[1], output + done)
      }
    }
    return result
  }

  /// Elements of `x` where `condition` is true, of `y` where it is false, broadcast.
  package static func select(
    _ condition: NDArray, _ x: NDArray, _ y: NDArray, for operation: StaticString = "where"
  ) -> NDArray {
    require(
      condition.dtype == .bool,
      "\(operation): a condition of shape \(condition.shape) is \(condition.dtype), but must be bool: "
        + "compare it, as with .!= 0")
    let resultType = DType.ofOperation(x, y)
    let compute = resultType.computeType
    let x = x.cast(to: compute)
    let y = y.cast(to: compute)
    let values = Shape.broadcast(x.shape, y.shape, for: operation)
    let shape = Shape.broadcast(condition.shape, values, for: operation)
    let result = NDArray(uninitialized: shape, dtype: compute)
    guard shape.elementCount > 0 else { return result.cast(to: resultType) }
    let size = compute.itemSize
    let nest = LoopNest(shape, [condition.layout, x.layout, y.layout])
    withPointers(x, y) { xs, ys in
      condition.withPointer { conditions in
        let conditions = conditions.assumingMemoryBound(to: UInt8.self)
        let output = result.freshPointer
        nest.split { lengths, first, done in
          ck_where(
            compute.loops, lengths.count, lengths, conditions + first * nest.strides[0][0],
            nest.strides[0], xs + first * nest.strides[1][0] * size, nest.strides[1],
            ys + first * nest.strides[2][0] * size, nest.strides[2], output + done * size)
        }
      }
    }
    return result.cast(to: resultType)
  }

  /// Adds `alpha` times another array of the same shape and type in place.
  package mutating func add(_ other: NDArray, alpha: Double = 1) {
    require(other.shape == shape, "add: shapes \(shape) and \(other.shape) differ")
    let compute = dtype.computeType
    guard compute == dtype else {
      self = NDArray.binary(
        .add, self, alpha == 1 ? other : other.unary(.affine, alpha, 0), for: "add"
      ).cast(to: dtype)
      return
    }
    let other = other.cast(to: dtype).contiguous()
    let mine = mutablePointer()
    let size = dtype.itemSize
    other.withPointer { theirs in
      Threads.split(elementCount, grain: Threads.elementGrain) { range in
        let start = range.lowerBound * size
        ck_axpy(compute.loops, alpha, theirs + start, mine + start, range.count)
      }
    }
  }

  /// An array whose elements all have one value.
  package init(filling shape: Shape, with value: Double, dtype: DType) {
    let compute = dtype.computeType
    let result = NDArray(uninitialized: shape, dtype: compute)
    ck_fill(compute.loops, value, result.freshPointer, shape.elementCount)
    self = result.cast(to: dtype)
  }
}
