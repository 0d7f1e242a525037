// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import Arrays
import Files

// Python's spellings of what people type most, for which the compiler names the one here.
extension Tensor {
  @available(*, unavailable, renamed: "reshapeAs")
  public final func reshape_as(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "viewAs")
  public final func view_as(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "typeAs")
  public final func type_as(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "indexAdd")
  public final func index_add(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "indexCopy")
  public final func index_copy(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "indexFill")
  public final func index_fill(_ dim: Int, _ index: Tensor, _ value: Double) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "indexPut")
  public final func index_put(_ indices: [Tensor?], _ values: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "scatterReduce")
  public final func scatter_reduce(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "maskedScatter")
  public final func masked_scatter(_ mask: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "takeAlongDim")
  public final func take_along_dim(_ indices: Tensor, _ dim: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "logicalAnd")
  public final func logical_and(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "logicalOr")
  public final func logical_or(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "logicalXor")
  public final func logical_xor(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "logicalNot")
  public final func logical_not() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "bitwiseAnd")
  public final func bitwise_and(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "bitwiseOr")
  public final func bitwise_or(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "bitwiseXor")
  public final func bitwise_xor(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "bitwiseNot")
  public final func bitwise_not() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "trueDivide")
  public final func true_divide(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "floatPower")
  public final func float_power(_ exponent: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "clampMin")
  public final func clamp_min(_ min: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "clampMax")
  public final func clamp_max(_ max: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "greaterEqual")
  public final func greater_equal(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "lessEqual")
  public final func less_equal(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "notEqual")
  public final func not_equal(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "diagEmbed")
  public final func diag_embed(_ offset: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "matrixPower")
  public final func matrix_power(_ n: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "matrixNorm")
  public final func matrix_norm(_ ord: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "vectorNorm")
  public final func vector_norm(_ ord: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "solveTriangular")
  public final func solve_triangular(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "tensorSplit")
  public final func tensor_split(_ sections: Int) -> [Tensor] { refusedByCompiler() }

  @available(*, unavailable, renamed: "splitWithSizes")
  public final func split_with_sizes(_ sizes: [Int]) -> [Tensor] { refusedByCompiler() }

  @available(*, unavailable, renamed: "uniqueConsecutive")
  public final func unique_consecutive() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "newZeros")
  public final func new_zeros(_ size: Int...) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "newOnes")
  public final func new_ones(_ size: Int...) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "newFull")
  public final func new_full(_ size: [Int], _ value: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "newEmpty")
  public final func new_empty(_ size: Int...) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "newTensor")
  public final func new_tensor(_ elements: [Double]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "isFloatingPoint")
  public final func is_floating_point() -> Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "isComplex")
  public final func is_complex() -> Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "isSameSize")
  public final func is_same_size(_ other: Tensor) -> Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "isNonzero")
  public final func is_nonzero() -> Bool { refusedByCompiler() }

  @available(*, unavailable, renamed: "elementSize")
  public final func element_size() -> Int { refusedByCompiler() }

  @available(*, unavailable, renamed: "storageOffset")
  public final func storage_offset() -> Int { refusedByCompiler() }

  @available(*, unavailable, renamed: "stdMean")
  public final func std_mean() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "varMean")
  public final func var_mean() -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "indexAdd_")
  public final func index_add_(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "indexCopy_")
  public final func index_copy_(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "indexFill_")
  public final func index_fill_(_ dim: Int, _ index: Tensor, _ value: Double) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "indexPut_")
  public final func index_put_(_ indices: [Tensor?], _ values: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "scatterAdd_")
  public final func scatter_add_(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "maskedScatter_")
  public final func masked_scatter_(_ mask: Tensor, _ source: Tensor) -> Tensor {
    refusedByCompiler()
  }

  @available(*, unavailable, renamed: "fillDiagonal_")
  public final func fill_diagonal_(_ value: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "clampMin_")
  public final func clamp_min_(_ min: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "clampMax_")
  public final func clamp_max_(_ max: Double) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "columnStack")
  public static func column_stack(_ tensors: [Tensor]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "rowStack")
  public static func row_stack(_ tensors: [Tensor]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "multiDot")
  public static func multi_dot(_ tensors: [Tensor]) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "emptyLike")
  public static func empty_like(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "trilIndices")
  public static func tril_indices(_ row: Int, _ col: Int) -> Tensor { refusedByCompiler() }

  @available(*, unavailable, renamed: "triuIndices")
  public static func triu_indices(_ row: Int, _ col: Int) -> Tensor { refusedByCompiler() }
}

// What is not here, and what is in its place.
extension Tensor {
  @available(
    *, unavailable,
    message:
      "there is no QR decomposition: cholesky() of x.mT.matmul(x) gives R for matrices of full rank"
  )
  public final func qr() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there are no eigenvalues: cholesky(), inverse(), slogdet() and solve(_:) there are"
  )
  public final func eigh() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there are no eigenvalues: cholesky(), inverse(), slogdet() and solve(_:) there are"
  )
  public final func eig() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message:
      "there is no least-squares solver: x.mT.matmul(x).solve(x.mT.matmul(other)) for matrices of full rank"
  )
  public final func lstsq(_ other: Tensor) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no pseudo-inverse: x.mT.matmul(x).solve(x.mT) for matrices of full rank"
  )
  public final func pinverse() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no pseudo-inverse: x.mT.matmul(x).solve(x.mT) for matrices of full rank"
  )
  public final func pinv() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no LU decomposition: solve(_:), inverse(), det() and slogdet() there are"
  )
  public final func lu() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message:
      "there is no Fourier transform: unfolded(_:size:step:) gives the frames, matmul(_:) a transform by a matrix"
  )
  public final func stft(_ size: Int) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no Fourier transform: matmul(_:) by a matrix of cosines and one of sines"
  )
  public final func istft(_ size: Int) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there are no sparse tensors: every tensor is dense"
  )
  public final func toSparse() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there are no sparse tensors: every tensor is dense already"
  )
  public final func toDense() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no GPU: everything is computed on the processor, so leave it out"
  )
  public final func cuda() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no GPU: everything is computed on the processor, so leave it out"
  )
  public final func mps() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there is no GPU to copy to: leave it out"
  )
  public final func pinMemory() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "tensors are not shared between processes: pass numpy(), the array, between threads"
  )
  public final func shareMemory_() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "there are no quantized tensors: checkpoints are read as numbers"
  )
  public final func dequantize() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "the shape of a tensor does not change in place: x = x.unsqueeze(dim)"
  )
  public final func unsqueeze_(_ dim: Int) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "the shape of a tensor does not change in place: x = x.squeeze(dim)"
  )
  public final func squeeze_(_ dim: Int) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "the shape of a tensor does not change in place: x = x.transpose(dim0, dim1)"
  )
  public final func transpose_(_ dim0: Int, _ dim1: Int) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "the shape of a tensor does not change in place: x = x.t()"
  )
  public final func t_() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message: "the shape of a tensor does not change in place: x = x.reshape(size)"
  )
  public final func resize_(_ size: Int...) -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message:
      "complex tensors are data only, and of real numbers it is the tensor itself: leave it out"
  )
  public final func conj() -> Tensor { refusedByCompiler() }

  @available(
    *, unavailable,
    message:
      "there is no exponential of matrices: matrixPower(_:), inverse() and solve(_:) there are"
  )
  public final func matrixExp() -> Tensor { refusedByCompiler() }
}
