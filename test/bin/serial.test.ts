// What would be caught: a guest whose lines are printed under another's name, or lost when the
// serial port cuts them.

import { expect, test } from "vitest";
import { type SerialLine, SerialSplitter } from "../../bin/serial.ts";

test("lines are told apart by their speaker, however they are cut", () => {
  const said: SerialLine[] = [];
  const splitter = new SerialSplitter(["alpha"], (line) => said.push(line));
  const text = [
    "SeaBIOS: hello\r\n",
    "xenolith: domains run\r\n",
    "alpha: one\r\n",
    "alpha: \r\n",
    "alpha: xenolith: domain 1 alpha state=4\r\n",
    "beta: who\r\n",
    "alpha: last",
  ].join("");
  for (const letter of text) splitter.push(letter);
  splitter.end();
  expect(said).toEqual([
    { speaker: undefined, text: "SeaBIOS: hello" },
    { speaker: "", text: "domains run" },
    { speaker: "alpha", text: "one" },
    { speaker: "alpha", text: "" },
    { speaker: "alpha", text: "xenolith: domain 1 alpha state=4" },
    { speaker: undefined, text: "beta: who" },
    { speaker: "alpha", text: "last" },
  ]);
});
