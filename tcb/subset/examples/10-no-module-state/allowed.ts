import * as column from "./columns";

const STEP: u32 = 1 << 4;

export function next(): u32 {
  column.setBootCommand(column.bootCommand() + STEP);
  return column.bootCommand();
}
