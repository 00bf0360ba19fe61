let command: u32 = 0;

export function next(): u32 {
  command += 16;
  return command;
}
