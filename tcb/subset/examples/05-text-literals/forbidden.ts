import { say } from "./text";

export function tell(loud: bool): void {
  const text = loud ? "domains run!" : "domains run";
  say(text);
}
