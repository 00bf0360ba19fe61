/* What wasm2c's output needs to run as a process of Linux: what tcb/machine/svm/wasm-rt.h is on the
   metal, over an array. Bounds are checked as there; what a store replaces is noted. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "places.h"

typedef struct {
} wasm_rt_memory_t;
typedef const char *wasm_rt_func_type_t;
enum { WASM_RT_I32, WASM_RT_I64 };

extern uint8_t linear[LINEAR_BYTES];
_Noreturn void trap(void);
void storeNoted(void *target, const void *source, size_t bytes);
void fillNoted(void *target, int value, size_t bytes);
void moveNoted(void *target, const void *source, size_t bytes);

#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WASM_RT_TRAP(kind, value) ({ trap(); 0; })
#define TRAP(name) WASM_RT_TRAP(#name, 0)
#define UNREACHABLE TRAP(UNREACHABLE)
#define MEM_ADDR(memory, offset, bytes) (linear + (uint64_t)(offset))
#define MEM_ADDR_MEMOP MEM_ADDR
#define RANGE_CHECK(memory, offset, bytes)                                                         \
  if (UNLIKELY((uint64_t)(offset) + (bytes) > LINEAR_BYTES)) WASM_RT_TRAP("BOUNDS", offset);
#define MEMCHECK_DEFAULT32(memory, offset, type) RANGE_CHECK(memory, offset, sizeof(type))
#define MEMCHECK_GENERAL MEMCHECK_DEFAULT32
#define FORCE_READ_INT(value)
#define LOAD_DATA(memory, offset, data, bytes) memcpy(MEM_ADDR(, offset, ), data, bytes)
#define wasm_rt_memcpy storeNoted
#define memset fillNoted
#define memmove moveNoted
#define wasm_rt_allocate_memory(memory, initial, maximum, is64, page)                              \
  _Static_assert((initial) * (page) == LINEAR_BYTES && (maximum) == (initial), "linear memory")
#define wasm_rt_free_memory(memory)
#define assert(condition)
#define FUNC_PROLOGUE
#define FUNC_EPILOGUE
#define FUNC_TYPE_T(name) static const char *const name
