// Includes a template, CK_TEMPLATE, for each type of floating point, with T and CK_SUFFIX set. Once for each
// template, hence without a guard.

#define T float
#define CK_SUFFIX f32
#include CK_TEMPLATE
#undef T
#undef CK_SUFFIX
#define T double
#define CK_SUFFIX f64
#include CK_TEMPLATE
#undef T
#undef CK_SUFFIX
#undef CK_TEMPLATE
