#ifndef BALLAST_CKERNELS_H
#define BALLAST_CKERNELS_H

// Loops over plain memory, compiled for several instruction sets and chosen when the program
// starts. Every function takes the element type as an argument, so that a caller written for
// arrays of any type has one call. None of them allocates, locks or knows of shapes. At the end are
// the thread pool, and what is needed to open a library that suits the processor.

#include <stdbool.h>
#include <stdint.h>

#define CK_ENUM(name) \
  enum name : int32_t; \
  typedef enum name name; \
  enum __attribute__((enum_extensibility(closed))) name : int32_t

/// The types that loops are compiled for. Others are converted first.
CK_ENUM(CKType) { CKTypeFloat32, CKTypeFloat64, CKTypeInt64 };

/// Functions of one element and two constants, a and b.
CK_ENUM(CKUnary) {
  CKUnaryNegate,
  CKUnaryAbs,
  CKUnarySign,
  CKUnarySquare,
  /// a * x + b
  CKUnaryAffine,
  /// clamps to a...b
  CKUnaryClamp,
  // From here on only floating-point types.
  /// x / a
  CKUnaryDivide,
  /// a / x
  CKUnaryReciprocal,
  /// x to the power a
  CKUnaryPower,
  /// a to the power x
  CKUnaryExponent,
  CKUnaryExp,
  CKUnaryExpm1,
  CKUnaryLog,
  CKUnaryLog2,
  CKUnaryLog10,
  CKUnaryLog1p,
  CKUnarySqrt,
  CKUnaryRsqrt,
  CKUnarySin,
  CKUnaryCos,
  CKUnaryTan,
  CKUnaryAsin,
  CKUnaryAcos,
  CKUnaryAtan,
  CKUnarySinh,
  CKUnaryCosh,
  CKUnaryTanh,
  CKUnaryErf,
  CKUnaryFloor,
  CKUnaryCeil,
  CKUnaryRound,
  CKUnaryTrunc,
  CKUnarySigmoid,
  CKUnaryRelu,
  /// slope a below zero
  CKUnaryLeakyRelu,
  /// scale a below zero
  CKUnaryElu,
  CKUnaryGelu,
  CKUnaryGeluTanh,
  CKUnarySilu,
  CKUnaryMish,
  /// sharpness a, linear above b
  CKUnarySoftplus,
  CKUnaryHardswish,
  CKUnaryHardsigmoid,
};

/// Functions of two elements and two constants, a and b.
///
/// Those whose names end in `Grad` take the gradient of the output first, then the input or,
/// where it is said, the output of the function that they differentiate.
CK_ENUM(CKBinary) {
  CKBinaryAdd,
  CKBinarySubtract,
  CKBinaryMultiply,
  CKBinaryMaximum,
  CKBinaryMinimum,
  CKBinaryFloorDivide,
  CKBinaryRemainder,
  /// x to the power y, whose whole powers wrap around
  CKBinaryPower,
  // From here on only floating-point types.
  CKBinaryDivide,
  CKBinaryAtan2,
  CKBinaryReluGrad,
  CKBinaryLeakyReluGrad,
  CKBinaryEluGrad,
  CKBinaryClampGrad,
  /// of the output
  CKBinarySigmoidGrad,
  /// of the output
  CKBinaryTanhGrad,
  CKBinaryGeluGrad,
  CKBinaryGeluTanhGrad,
  CKBinarySiluGrad,
  CKBinaryMishGrad,
  CKBinarySoftplusGrad,
  CKBinaryHardswishGrad,
  CKBinaryHardsigmoidGrad,
};

CK_ENUM(CKCompare) {
  CKCompareEqual,
  CKCompareNotEqual,
  CKCompareLess,
  CKCompareLessOrEqual,
  CKCompareGreater,
  CKCompareGreaterOrEqual,
};

CK_ENUM(CKReduce) { CKReduceSum, CKReduceProduct, CKReduceMaximum, CKReduceMinimum };

/// out[i] = f(x[i])
void ck_unary(
    CKType type, CKUnary f, const void *x, void *out, long n, double a, double b);

/// out[i...] = f(x[i...], y[i...]) over `rank` dimensions, out in row-major order.
///
/// Strides are in elements; a stride of zero repeats an element.
void ck_binary(
    CKType type, CKBinary f, long rank, const long *lengths, const void *x,
    const long *x_strides, const void *y, const long *y_strides, void *out, double a, double b);

/// The same for comparisons, which give 0 or 1.
void ck_compare(
    CKType type, CKCompare f, long rank, const long *lengths, const void *x,
    const long *x_strides, const void *y, const long *y_strides, uint8_t *out);

/// out[i...] = condition[i...] ? x[i...] : y[i...]
void ck_where(
    CKType type, long rank, const long *lengths, const uint8_t *condition,
    const long *condition_strides, const void *x, const long *x_strides, const void *y,
    const long *y_strides, void *out);

/// y[i] += alpha * x[i]
void ck_axpy(CKType type, double alpha, const void *x, void *y, long n);

/// out[i] = value
void ck_fill(CKType type, double value, void *out, long n);

/// out[kept...] = f over x[kept..., reduced...], out in row-major order.
///
/// Floating-point sums are kept in double precision between short runs.
void ck_reduce(
    CKType type, CKReduce f, long kept_rank, const long *kept, const long *kept_strides,
    long reduced_rank, const long *reduced, const long *reduced_strides, const void *x, void *out);

/// The position of the first greatest (or least) of `n` elements `stride` apart; NaN wins.
int64_t ck_arg_extreme(CKType type, bool least, const void *x, long n, long stride);

/// Sums, or products, of all elements so far over the middle of three dimensions.
///
/// Floating-point totals are kept in double precision.
void ck_scan(
    CKType type, bool product, const void *x, void *out, long outer, long n, long inner);

/// Softmax, or its logarithm, over the middle of three dimensions.
void ck_softmax(
    CKType type, bool logarithm, const void *x, void *out, long outer, long n, long inner);
/// The gradient of `ck_softmax` from that of its output and the output.
void ck_softmax_grad(
    CKType type, bool logarithm, const void *grad, const void *y, void *out, long outer, long n,
    long inner);

/// The softmax of scale * scores in place, after a mask: elements that are not `allowed` are hidden, or `added`
/// is added; either may be null, and its strides are in elements. Row r sees only its first visible + r
/// elements, unless `visible` is negative. A row that sees none is zero.
void ck_masked_softmax(
    CKType type, void *scores, long rows, long n, double scale, long visible,
    const uint8_t *allowed, const void *added, long row_stride, long column_stride);

/// Mean and biased variance of channel `c` of an array of `batch` × `channels` × `area`.
void ck_channel_moments(
    CKType type, const void *x, long batch, long channels, long area, long c, double *mean,
    double *variance);
/// out = (x - mean) * scale + shift over one channel.
void ck_channel_affine(
    CKType type, const void *x, void *out, long batch, long channels, long area, long c,
    double mean, double scale, double shift);
/// The sums of `grad` and of `grad * (x - mean)` over one channel.
void ck_channel_grad_sums(
    CKType type, const void *grad, const void *x, long batch, long channels, long area, long c,
    double mean, double *grad_sum, double *product_sum);
/// out = a * grad + b * (x - mean) + constant over one channel.
void ck_channel_grad(
    CKType type, const void *grad, const void *x, void *out, long batch, long channels, long area,
    long c, double mean, double a, double b, double constant);

/// Normalises each of `rows` rows of `n`: out = (x - mean) * rstd * weight + bias.
///
/// `weight` and `bias` may be null. `mean` and `rstd` receive one element for each row.
void ck_layer_norm(
    CKType type, const void *x, const void *weight, const void *bias, void *out, void *mean,
    void *rstd, long rows, long n, double eps);
/// The gradient of `ck_layer_norm` for its input; adds to those of weight and bias if not null.
void ck_layer_norm_grad(
    CKType type, const void *grad, const void *x, const void *weight, const void *mean,
    const void *rstd, void *out, void *weight_grad, void *bias_grad, long rows, long n);

/// The geometry of a window that moves over planes of height × width.
typedef struct {
  long height, width;
  long kernel_height, kernel_width;
  long stride_height, stride_width;
  long pad_height, pad_width;
  long dilation_height, dilation_width;
  long out_height, out_width;
} CKWindow;

/// Writes the elements under each window position of `channels` planes as a matrix of
/// channels * kernel_height * kernel_width rows and out_height * out_width columns.
void ck_im2col(CKType type, const void *x, void *columns, long channels, CKWindow w);
/// Adds such a matrix back to the planes.
void ck_col2im(CKType type, const void *columns, void *x, long channels, CKWindow w);

/// How planes lie in memory with their padding: `rows` rows of `stride_width` phases of `phase_width`
/// elements. A phase has every stride_width-th column, beginning with the first, the second, …, so that
/// windows beside each other read elements beside each other, whatever the stride.
typedef struct {
  long rows, phase_width;
} CKSpreadPlane;

/// Writes `channels` planes so, with zeros for the padding.
void ck_spread_planes(
    CKType type, const void *x, void *out, long channels, CKWindow w, CKSpreadPlane s);
/// Some rows and columns of the matrix that `ck_im2col` writes, from spread planes, in the panels that
/// `ck_packed_product` takes. Columns that are missing in the last panel are zero. `places` says where each
/// element of a window is, beyond the first.
void ck_pack_windows(
    CKType type, const void *x, void *packed, long first_row, long row_count, long first_position,
    long position_count, CKWindow w, CKSpreadPlane s, const long *places);
/// The convolution of one spread plane with one kernel, plus `bias`. Reads up to 64 bytes beyond the plane.
void ck_convolve_plane(
    CKType type, const void *x, const void *weight, double bias, void *out, CKWindow w,
    CKSpreadPlane s, const long *places);

/// The greatest element under each window position, and its position in its plane.
void ck_max_pool(CKType type, const void *x, void *out, int64_t *indices, long planes, CKWindow w);
/// x[plane, indices[i]] += grad[i]
void ck_scatter_planes(
    CKType type, const void *grad, const int64_t *indices, void *x, long planes, long in_area,
    long out_area);
/// out[i] = x[plane, indices[i]]
void ck_gather_planes(
    CKType type, const void *x, const int64_t *indices, void *out, long planes, long in_area,
    long out_area);
/// The mean under each window position. `divisor` of zero means the number of elements, with
/// those of the padding if `count_padding`.
void ck_avg_pool(
    CKType type, const void *x, void *out, long planes, CKWindow w, bool count_padding,
    long divisor);
/// Spreads a gradient back over the windows of `ck_avg_pool`.
void ck_avg_pool_grad(
    CKType type, const void *grad, void *x, long planes, CKWindow w, bool count_padding,
    long divisor);
/// The mean over each of out_height × out_width parts of a plane.
void ck_adaptive_avg_pool(CKType type, const void *x, void *out, long planes, CKWindow w);
/// Spreads a gradient back over the parts of `ck_adaptive_avg_pool`.
void ck_adaptive_avg_pool_grad(CKType type, const void *grad, void *x, long planes, CKWindow w);
/// The greatest element of each of out_height × out_width parts, and its position in its plane.
void ck_adaptive_max_pool(
    CKType type, const void *x, void *out, int64_t *indices, long planes, CKWindow w);

/// out[o, i, n] = x[o, indices[i], n] for blocks of `inner` elements of `item_size` bytes.
void ck_index_select(
    long item_size, const void *x, const int64_t *indices, void *out, long outer, long length,
    long count, long inner);
/// x[o, indices[i], n] += grad[o, i, n]
void ck_index_add(
    CKType type, const void *grad, const int64_t *indices, void *x, long outer, long length,
    long count, long inner);
/// out[o, i, n] = x[o, indices[o, i, n], n]
void ck_gather(
    CKType type, const void *x, const int64_t *indices, void *out, long outer, long length,
    long count, long inner);
/// x[o, indices[o, i, n], n] = from[o, i, n]
void ck_scatter(
    CKType type, const void *from, const int64_t *indices, void *x, long outer, long length,
    long count, long inner);
/// x[o, indices[o, i, n], n] += grad[o, i, n]
void ck_scatter_add(
    CKType type, const void *grad, const int64_t *indices, void *x, long outer, long length,
    long count, long inner);

/// An element as a number that sorts as it does, and where it was.
typedef struct {
  uint64_t key;
  int64_t index;
} CKKeyed;
/// The positions of the first `count` of `n` elements in ascending or descending order; equal ones
/// keep theirs.
///
/// `scratch` has room for 2 * n.
void ck_argsort(
    CKType type, bool descending, const void *x, int64_t *out, long n, long count,
    CKKeyed *scratch);

/// The kinds of recurrence, which differ in their gates: one, four (input, forget, cell, output),
/// three (reset, update, new).
CK_ENUM(CKRecurrence) {
  CKRecurrenceTanh,
  CKRecurrenceRelu,
  CKRecurrenceLSTM,
  CKRecurrenceGRU,
};

/// Lays out a matrix for `ck_packed_product`: panels of 64 bytes of its columns, one after the other, and in
/// each the rows. Columns that are missing in the last panel are zero.
///
/// `packed` has room for `inner` rows of whole panels.
void ck_pack(
    CKType type, const void *x, long row_stride, long column_stride, long inner, long columns,
    void *packed);
/// `rows` of x times some panels of a packed matrix of `inner` rows and `columns`, plus what `start` holds.
///
/// `start` may be null for zeros, `out` itself, or one row for all with a stride of zero. Of `out` only
/// the columns of these panels are written. `has_32_registers` says that there are 32 registers of 64 bytes.
void ck_packed_product(
    CKType type, const void *x, long x_stride, const void *packed, const void *start,
    long start_stride, void *out, long out_stride, long rows, long inner, long first_panel,
    long panel_count, long columns, bool has_32_registers);

/// One step: the state from what input and last state contribute to the gates.
///
/// `x` and `h` are those contributions, `batch` rows of all gates. `kept` receives what the gradient
/// needs: four times `hidden` for each row, nothing for a simple recurrence. `cells` are those of
/// the LSTM, or null.
void ck_recurrent_step(
    CKType type, CKRecurrence f, const void *x, const void *h, const void *last,
    const void *last_cells, void *next, void *cells, void *kept, long batch, long hidden);
/// The gradient of `ck_recurrent_step`.
///
/// `carry` holds the gradient of `next` from later steps, to which `grad` is added, and receives
/// the part of that of `last` that does not go through `h_grad`; `cell_carry` is the same for cells.
/// `h_grad` may be `x_grad`, except for the GRU.
void ck_recurrent_step_grad(
    CKType type, CKRecurrence f, const void *grad, const void *cell_grad, const void *last,
    const void *next, const void *last_cells, const void *cells, const void *kept, void *carry,
    void *cell_carry, void *x_grad, void *h_grad, long batch, long hidden);

/// The options of one step of stochastic gradient descent.
typedef struct {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first_step;
} CKSGD;
/// One step in place. `momentum` may be null if the option is zero.
void ck_sgd(CKType type, void *x, const void *grad, void *momentum, long n, CKSGD options);

/// The options of one step of Adam. `correction1` is 1 − β₁ᵗ, `correction2` 1 − β₂ᵗ.
typedef struct {
  double lr, beta1, beta2, eps, weight_decay, correction1, correction2;
  bool decoupled_decay, maximize;
} CKAdam;
/// One step in place. `greatest` is the running maximum of amsgrad, or null.
void ck_adam(
    CKType type, void *x, const void *grad, void *mean, void *square, void *greatest, long n,
    CKAdam options);

/// One step of Adamax in place. `norm` is the decaying maximum of the gradients' magnitudes.
void ck_adamax(
    CKType type, void *x, const void *grad, void *mean, void *norm, long n, CKAdam options);

/// One step of NAdam in place: the gradient and its mean are weighted so in the change.
void ck_nadam(
    CKType type, void *x, const void *grad, void *mean, void *square, long n, CKAdam options,
    double of_grad, double of_mean);

/// One step of RAdam in place. With a `rectification` of 0 the step does not adapt.
void ck_radam(
    CKType type, void *x, const void *grad, void *mean, void *square, long n, CKAdam options,
    double rectification);

/// The options of one step of RMSprop.
typedef struct {
  double lr, alpha, eps, weight_decay, momentum;
  bool maximize;
} CKRMSprop;
/// One step in place. `momentum` and `mean` may be null, if not wanted.
void ck_rmsprop(
    CKType type, void *x, const void *grad, void *square, void *momentum, void *mean, long n,
    CKRMSprop options);

/// The options of one step of Adagrad; `lr` has decayed.
typedef struct {
  double lr, eps, weight_decay;
  bool maximize;
} CKAdagrad;
/// One step in place.
void ck_adagrad(CKType type, void *x, const void *grad, void *sum, long n, CKAdagrad options);

/// The options of one step of Adadelta.
typedef struct {
  double lr, rho, eps, weight_decay;
  bool maximize;
} CKAdadelta;
/// One step in place. `change` is the mean of the squares of the changes.
void ck_adadelta(
    CKType type, void *x, const void *grad, void *square, void *change, long n,
    CKAdadelta options);

/// The Mersenne Twister mt19937.
typedef struct {
  uint32_t words[624];
  int32_t left, next;
} CKTwister;
void ck_twister_seed(CKTwister *twister, uint32_t seed);
uint32_t ck_twister_next(CKTwister *twister);
/// Uniform numbers in [from, to), one draw for each float and two for each double.
void ck_twister_uniform(
    CKTwister *twister, CKType type, void *out, long n, double from, double to);
/// Turns blocks of 16 uniform numbers into normal ones, bit by bit as PyTorch's loop for this family of
/// processors.
void ck_normal_blocks(float *x, long blocks, float mean, float std);
/// `value` with this probability, else zero; two draws for each.
void ck_twister_bernoulli(
    CKTwister *twister, CKType type, void *out, long n, double probability, double value);

/// Whether the address sanitizer watches memory, which it can only where blocks are not used again at once.
bool ck_is_address_sanitized(void);

/// Sets the number of threads, of which the caller is one. Not to be called within `ck_parallel`.
void ck_set_threads(long count);
/// Calls body(context, i) once for each i in 0..<count, on several threads if they are free, and
/// returns when all calls have. Within a body it runs on the calling thread alone.
void ck_parallel(long count, void (*body)(void *context, long index), void *context);

/// What decides which kernels of OpenBLAS a processor can run, as far as the system lets it. All is
/// false where the processor is not x86-64.
typedef struct {
  /// AVX2 with fused multiplication and addition.
  bool has_avx2;
  /// AVX-512 as every server since Skylake has it: F, CD, BW, DQ and VL.
  bool has_avx512;
  /// Whether AMD made it.
  bool is_amd;
} CKProcessor;
CKProcessor ck_processor(void);

/// Calls body(context) while the environment has these variables too, each written NAME=VALUE, before
/// others of their name.
///
/// Threads that look up variables meanwhile are not disturbed, as they are by `setenv`, which may free
/// the list that they read. Variables that another thread sets meanwhile stay set, and these then do too.
/// The strings must live as long as the process. Costs the memory of a list of all variables for good.
///
/// Returns false, without having called, if there is no memory for it.
bool ck_with_variables(
    char *const *added, long count, void (*body)(void *context), void *context);

#endif
