/* Xen's public interface, as far as the test guests speak it (xen/include/public, 4.17). */
#pragma once
#include "guest.h"

enum hypercallNumber {
  MEMORY_OP = 12,
  MULTICALL = 13,
  XEN_VERSION = 17,
  CONSOLE_IO = 18,
  GRANT_TABLE_OP = 20,
  VCPU_OP = 24,
  SCHED_OP = 29,
  EVENT_CHANNEL_OP = 32,
  HVM_OP = 34,
};
enum { DOMID_SELF = 0x7ff0, EPERM = 1, EFAULT = 14, ENOSYS = 38 };
enum { SCHED_YIELD = 0, SCHED_BLOCK = 1, SCHED_SHUTDOWN = 2, SCHED_POLL = 3 };
enum { SHUTDOWN_POWEROFF = 0, SHUTDOWN_CRASH = 3 };
enum { VERSION_VERSION = 0, VERSION_EXTRA = 1, VERSION_FEATURES = 6 };
enum { VCPU_SET_SINGLESHOT = 8 };
enum { EVENT_BIND_INTERDOMAIN = 0, EVENT_BIND_VIRQ = 1, EVENT_CLOSE = 3, EVENT_SEND = 4 };
enum { EVENT_ALLOC_UNBOUND = 6 };
enum { PARAMETER_SET = 0, PARAMETER_GET = 1 };
enum { PARAMETER_STORE_PFN = 1, PARAMETER_STORE_PORT = 2 };
enum { PARAMETER_CONSOLE_PFN = 17, PARAMETER_CONSOLE_PORT = 18 };
enum { MEMORY_ADD_TO_PHYSMAP = 7, SPACE_SHARED_INFO = 0, SPACE_GRANT_TABLE = 1 };
enum { GRANT_MAP = 0, GRANT_UNMAP = 1, GRANT_QUERY_SIZE = 6 };

typedef struct {
  u16 domain, size;
  u32 space;
  word index, frame;
} addToPhysmap;
typedef struct {
  u16 domain, remote;
  u32 port;
} allocUnbound;
typedef struct {
  u16 remote;
  u32 remotePort, localPort;
} bindInterdomain;
typedef struct {
  u32 virq, vcpu, port;
} bindVirq;
typedef struct {
  u16 domain, pad;
  u32 index;
  u64 value;
} hvmParameter;
typedef struct {
  word ports;
  u32 count;
  u64 deadline;
} schedPoll;
typedef struct {
  u64 deadline;
  u32 flags, pad;
} singleshot;
typedef struct {
  u32 flags_domain;
  u32 frame;
} grantEntry;
typedef struct {
  u64 address;
  u32 flags, reference;
  u16 domain;
  short status;
  u32 handle;
  u64 busAddress;
} mapGrant;
typedef struct {
  u64 address, busAddress;
  u32 handle;
  short status;
} unmapGrant;
