/* What wasm2c's output needs beside the integer part of its own prelude: one memory at a constant
   place, with explicit bounds checks. Floats, tables and memory.grow are not here, so a core that
   uses them does not build. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "memory.h"

typedef struct {
} wasm_rt_memory_t;
typedef const char *wasm_rt_func_type_t;
enum { WASM_RT_I32, WASM_RT_I64 };

_Noreturn void refuse(const char *reason, uint64_t value);
void *memcpy(void *target, const void *source, size_t bytes);
void *memmove(void *target, const void *source, size_t bytes);
void *memset(void *target, int value, size_t bytes);

#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WASM_RT_TRAP(kind, value) ({ refuse("trap " kind " in the core:", value); 0; })
#define TRAP(name) WASM_RT_TRAP(#name, 0)
#define UNREACHABLE TRAP(UNREACHABLE)
/* Sums of integers, not of pointers: gcc folds base and constant offset into one address. */
#define MEM_ADDR(memory, offset, bytes) ((uint8_t *)(LINEAR + (uint64_t)(offset)))
#define MEM_ADDR_MEMOP MEM_ADDR
#define RANGE_CHECK(memory, offset, bytes)                                                         \
  if (UNLIKELY(LINEAR + (uint64_t)(offset) + (bytes) > LINEAR_END)) WASM_RT_TRAP("BOUNDS", offset);
#define MEMCHECK_DEFAULT32(memory, offset, type) RANGE_CHECK(memory, offset, sizeof(type))
#define MEMCHECK_GENERAL MEMCHECK_DEFAULT32
#define FORCE_READ_INT(value)
#define LOAD_DATA(memory, offset, data, bytes) memcpy(MEM_ADDR(, offset, ), data, bytes)
#define wasm_rt_memcpy __builtin_memcpy
#define wasm_rt_allocate_memory(memory, initial, maximum, is64, page)                              \
  _Static_assert((initial) * (page) == LINEAR_BYTES && (maximum) == (initial), "linear memory")
#define wasm_rt_free_memory(memory)
#define assert(condition)
#define FUNC_PROLOGUE
#define FUNC_EPILOGUE
#define FUNC_TYPE_T(name) static const char *const name
