// Errors by their numbers, as hypercalls and the control protocol have them.

export const ENOENT: i32 = -2;
export const EIO: i32 = -5;
export const ENOEXEC: i32 = -8;
export const EPERM: i32 = -1;
export const EAGAIN: i32 = -11;
export const EEXIST: i32 = -17;
export const ENODEV: i32 = -19;
export const EINVAL: i32 = -22;
export const ENOSPC: i32 = -28;
export const ENOSYS: i32 = -38;
