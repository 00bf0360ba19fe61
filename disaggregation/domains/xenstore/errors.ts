// What a request can fail with, and how the wire protocol calls it (public/io/xs_wire.h).

export const OK: u32 = 0;
export const EINVAL: u32 = 1;
export const EACCES: u32 = 2;
export const EEXIST: u32 = 3;
export const ENOENT: u32 = 4;
export const ENOMEM: u32 = 5;
export const ENOSPC: u32 = 6;
export const ENOSYS: u32 = 7;
export const EAGAIN: u32 = 8;
export const E2BIG: u32 = 9;
export const EPERM: u32 = 10;

export function errorName(error: u32): string {
  if (error == EINVAL) return "EINVAL";
  if (error == EACCES) return "EACCES";
  if (error == EEXIST) return "EEXIST";
  if (error == ENOENT) return "ENOENT";
  if (error == ENOMEM) return "ENOMEM";
  if (error == ENOSPC) return "ENOSPC";
  if (error == EAGAIN) return "EAGAIN";
  if (error == E2BIG) return "E2BIG";
  if (error == EPERM) return "EPERM";
  return "ENOSYS";
}
