/* The window: the only way from a service to memory that others see. */
#include "world.h"
#include "../../../tcb/machine/svm/bulk.h"

/* What lies nowhere in the window ends the domain, as an access outside of it does here. */
static inline void *reach(u32 handle, u32 offset, u32 bytes) {
  if (handle >= HANDLES || bytes > PAGE_BYTES || offset > PAGE_BYTES - bytes) {
    refuse("a page's border was crossed:", (u64)handle << 32 | offset);
  }
  return PAGE(handle) + offset;
}

static inline void *reachWhole(u32 handle, u32 offset, u32 bytes) {
  if (offset & (bytes - 1)) refuse("an access is not aligned:", offset);
  return reach(handle, offset, bytes);
}

/* Other domains write to the same memory: each access happens once, whole, and in order. */
#define ACCESS(result, name, type, expression, ...)                                                \
  result IMPORT(name, u32 handle, u32 offset, ##__VA_ARGS__) {                                     \
    type *at = reachWhole(handle, offset, sizeof(type));                                           \
    return expression;                                                                             \
  }
#define ORDER __ATOMIC_SEQ_CST
ACCESS(u32, pageLoad8, u8, __atomic_load_n(at, ORDER))
ACCESS(u32, pageLoad16, u16, __atomic_load_n(at, ORDER))
ACCESS(u32, pageLoad32, u32, __atomic_load_n(at, ORDER))
ACCESS(u64, pageLoad64, u64, __atomic_load_n(at, ORDER))
ACCESS(void, pageStore8, u8, __atomic_store_n(at, value, __ATOMIC_RELEASE), u32 value)
ACCESS(void, pageStore16, u16, __atomic_store_n(at, value, __ATOMIC_RELEASE), u32 value)
ACCESS(void, pageStore32, u32, __atomic_store_n(at, value, __ATOMIC_RELEASE), u32 value)
ACCESS(void, pageStore64, u64, __atomic_store_n(at, value, __ATOMIC_RELEASE), u64 value)

void IMPORT(pageCopyIn, u32 handle, u32 offset, u32 linear, u32 bytes) {
  memcpy(reachLinear(linear, bytes), reach(handle, offset, bytes), bytes);
}
void IMPORT(pageCopyOut, u32 handle, u32 offset, u32 linear, u32 bytes) {
  memcpy(reach(handle, offset, bytes), reachLinear(linear, bytes), bytes);
}
void IMPORT(pageCopy, u32 from, u32 fromOffset, u32 to, u32 toOffset, u32 bytes) {
  memmove(reach(to, toOffset, bytes), reach(from, fromOffset, bytes), bytes);
}
void IMPORT(fence) { __atomic_thread_fence(ORDER); }
