import { say } from "./text";

export function tell(loud: bool): void {
  if (loud) return say("domains run!");
  say("domains run");
}
