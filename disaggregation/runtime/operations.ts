// Numbers of the privileged operations that services ask for (docs/boot-pack.md).

// The builder's.
export const CREATE: u32 = 1;
export const POPULATE_SUPERFRAME: u32 = 2;
export const RESERVE: u32 = 3;
export const POPULATE: u32 = 4;
export const COPY: u32 = 5;
export const PARAMETER: u32 = 6;
export const CONSOLE: u32 = 7;
export const CONTEXT: u32 = 8;
export const UNPAUSE: u32 = 9;
export const XSAVE: u32 = 16;
export const CHANNEL: u32 = 18;
export const GRANT: u32 = 19;

// The toolstack's.
export const PAUSE: u32 = 13;
export const RESUME: u32 = 14;
export const DESTROY: u32 = 15;
export const INFORMATION: u32 = 22;
export const VCPU_INFORMATION: u32 = 23;
