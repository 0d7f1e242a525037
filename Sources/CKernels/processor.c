#include "support.h"

CKProcessor ck_processor(void) {
  CKProcessor processor = {.is_amd = false};
#if defined(__x86_64__)
  __builtin_cpu_init();
  // These also ask whether the system keeps the wider registers when it switches threads.
  processor.has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  processor.has_avx512 = processor.has_avx2 && __builtin_cpu_supports("avx512f")
      && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  processor.is_amd = __builtin_cpu_is("amd");
#endif
  return processor;
}
