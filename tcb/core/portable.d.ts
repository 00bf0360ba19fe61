// The files that TypeScript and AssemblyScript both read (limits.ts) use AssemblyScript's names
// of the unsigned integers. For TypeScript they are plain numbers.
declare type u32 = number;
