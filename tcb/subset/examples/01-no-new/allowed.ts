import { setScratchByte } from "./columns";

export function keep(place: u32, byte: u32): void {
  setScratchByte(place, byte);
}
