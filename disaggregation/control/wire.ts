// The control protocol's numbers (README.md), for both ends: the services (AssemblyScript) and the
// client (TypeScript). Plain u32 constants only. All fields are little endian.

// ---- frames -------------------------------------------------------------------------------------

/** "XCP1": the version is part of what a receiver looks for. */
export const MAGIC: u32 = 0x31504358;
export const HEADER_BYTES: u32 = 16;
export const FIELD_TYPE: u32 = 4;
export const FIELD_CHANNEL: u32 = 5;
export const FIELD_BODY_BYTES: u32 = 6;
export const FIELD_SEQUENCE: u32 = 8;
/** FNV-1a of the 12 bytes before it. */
export const FIELD_CHECK: u32 = 12;
export const CHECK_SEED: u32 = 0x811c9dc5;
export const CHECK_FACTOR: u32 = 0x01000193;
export const TAG_BYTES: u32 = 16;
export const BODY_LIMIT: u32 = 4224;
/** A frame that does not go on for so long is given up. */
export const GAP_NANOSECONDS: u32 = 500000000;

export const KEY_BYTES: u32 = 32;
export const NONCE_BYTES: u32 = 16;
/** Sessions that a service has at once. */
export const CHANNELS: u32 = 8;
/** First byte of what a session key is derived from. */
export const TO_SERVICE: u32 = 1;
export const TO_CLIENT: u32 = 2;

export const TYPE_HELLO: u32 = 1;
export const TYPE_CHALLENGE: u32 = 2;
export const TYPE_REQUEST: u32 = 3;
export const TYPE_REPLY: u32 = 4;
export const TYPE_CONSOLE: u32 = 5;

// ---- bodies -------------------------------------------------------------------------------------

/** A request: u32 operation, u32 argument (a domain, mostly), data. */
export const REQUEST_HEADER_BYTES: u32 = 8;
/** A reply: u32 sequence number of the request, i32 result (0 or a negative errno), data. */
export const REPLY_HEADER_BYTES: u32 = 8;
/** Console output: u32 domain, u32 kind, data. */
export const CONSOLE_HEADER_BYTES: u32 = 8;
export const CONSOLE_OUTPUT: u32 = 1;
export const CONSOLE_ENDED: u32 = 2;

export const OPERATION_SYSTEM: u32 = 1;
export const OPERATION_LIST: u32 = 2;
export const OPERATION_VCPUS: u32 = 3;
export const OPERATION_PAUSE: u32 = 4;
export const OPERATION_UNPAUSE: u32 = 5;
export const OPERATION_DESTROY: u32 = 6;
export const OPERATION_STORE: u32 = 7;
export const OPERATION_ATTACH: u32 = 8;
export const OPERATION_DETACH: u32 = 9;
export const OPERATION_INPUT: u32 = 10;
/** Argument: where its data belongs in the text of a recipe (../domains/toolstack/recipes.ts). */
export const OPERATION_RECIPE: u32 = 11;
/** The toolstack ends: the machine does not stay on for its sake. */
export const OPERATION_END: u32 = 12;
/** From here on the builder answers. */
export const OPERATION_HAVE: u32 = 16;
export const OPERATION_OFFER: u32 = 17;
export const OPERATION_DATA: u32 = 18;
/** Argument: CREATE_PAUSED or 0. From a client: what its recipe says; to the builder: its data. */
export const OPERATION_CREATE: u32 = 19;
export const CREATE_PAUSED: u32 = 1;
export const OPERATION_START: u32 = 20;

/** A domain in the answer to LIST: u32 number, u32 zero, and words a to g of command 22. */
export const DOMAIN_ROW_BYTES: u32 = 64;
/** A vCPU in the answer to VCPUS: u32 number, u32 zero, and words b to f of command 23. */
export const VCPU_ROW_BYTES: u32 = 48;
/** The answer to SYSTEM: u64 nanoseconds since the machine started, u32 Xen's version. */
export const SYSTEM_BYTES: u32 = 16;

/** CREATE: fields of its data. */
export const HASH_BYTES: u32 = 32;
export const CREATE_NAME: u32 = 0;
export const CREATE_NAME_BYTES: u32 = 24;
export const CREATE_VCPUS: u32 = 24;
export const CREATE_MEMORY_MIB: u32 = 28;
export const CREATE_MOST_MIB: u32 = 32;
export const CREATE_WEIGHT: u32 = 36;
export const CREATE_FLAGS: u32 = 40;
export const CREATE_FLAG_XSAVE: u32 = 1;
export const CREATE_LABEL_BYTES: u32 = 44;
export const CREATE_KERNEL: u32 = 48;
/** All zero: no ramdisk. */
export const CREATE_RAMDISK: u32 = 80;
/** The label's text, then the command line's, to the end. */
export const CREATE_TEXTS: u32 = 112;
/** The answer to CREATE: u32 domain, u32 ports of its xenstore ring and its console, u32 zero. */
export const CREATED_BYTES: u32 = 16;
