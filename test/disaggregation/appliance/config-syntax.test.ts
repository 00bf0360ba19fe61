// What would be caught: a file that xl reads one way and we another, and errors that point at the
// wrong place.

import { describe, expect, test } from "vitest";
import { parseConfig, type Value } from "../../../disaggregation/appliance/config-syntax.ts";

type Plain = string | Plain[];
const plain = (value: Value): Plain => {
  return value.kind === "atom" ? value.text : value.values.map(plain);
};

/** A file's settings without their places. */
function read(text: string): Record<string, Plain> {
  const settings = parseConfig(text, "x.cfg");
  return Object.fromEntries([...settings].map(([name, { value }]) => [name, plain(value)]));
}

describe("what xl reads", () => {
  test.each<[string, string, Record<string, Plain>]>([
    ["both quotes", `a='x "y"'\nb="it's"`, { a: 'x "y"', b: "it's" }],
    ["numbers stay text", "a = 012\nb=0x1f", { a: "012", b: "0x1f" }],
    ["semicolons", "a=1;b=2;;c=3", { a: "1", b: "2", c: "3" }],
    ["comments", "# one\na=1 # two\n#", { a: "1" }],
    ["a hash in a string", 'a="#1"', { a: "#1" }],
    ["escapes", String.raw`a="\"\\\n\t\'"`, { a: "\"\\\n\t'" }],
    ["lists over lines", "a = [\n 'x',\n\n 'y', # why\n]\n", { a: ["x", "y"] }],
    ["an empty list", "a=[]\nb=[\n]", { a: [], b: [] }],
    ["lists in lists", "a=[[1,2],['x']]", { a: [["1", "2"], ["x"]] }],
    ["the last of two", "a=1\na=2", { a: "2" }],
    ["appended texts", "a='x'\na+='y'", { a: "xy" }],
    ["appended lists", "a=['x']\na+=['y','z']", { a: ["x", "y", "z"] }],
    ["appending to nothing", "a+=['y']", { a: ["y"] }],
    ["Windows line ends", "a=1\r\nb=2\r\n", { a: "1", b: "2" }],
    ["nothing", "\n\n", {}],
  ])("%s", (_, text, settings) => {
    expect(read(text)).toEqual(settings);
  });
});

describe("what xl refuses", () => {
  test.each([
    ["an open string", 'a="x\nb=1', "x.cfg:1:3: the string does not end on this line"],
    ["a missing value", "a =\nb=1", "x.cfg:1:4: a string, a number or [ expected, not the end of"],
    ["no value at all", "a", "x.cfg:1:2: = or += expected, not the end of the file"],
    ["two values", "a = 1 2", 'x.cfg:1:7: a line end or ; expected, not "2"'],
    ["a bare word", "\n a = hvm", 'x.cfg:2:6: a string, a number or [ expected, not "hvm"'],
    ["capitals", "Name = 1", "x.cfg:1:1: names are written in small letters"],
    ["Python", "a = ('x')", 'x.cfg:1:5: "(" is Python, which xl does not read either'],
    ["a list without commas", "a=['x'\n'y']", "x.cfg:2:1: , or ] expected, not a string"],
    ["an open list", "a=[1,\n", "x.cfg:2:1: a string, a number or [ expected, not the end of"],
    ["two commas", "a=[1,,2]", 'x.cfg:1:6: a string, a number or [ expected, not ","'],
    ["a strange escape", String.raw`a="x\q"`, String.raw`x.cfg:1:5: unknown escape "\q"`],
    ["a number first", "1=a", 'x.cfg:1:1: the name of a setting expected, not "1"'],
    ["a text and a list", "a='x'\na+=['y']", "x.cfg:2:4: a list cannot be added to a string"],
    ["lists without end", `a=${"[".repeat(9)}`, "x.cfg:1:11: no deeper list expected"],
    ["a control character", "a=\u0001", "x.cfg:1:3:"],
  ])("%s", (_, text, message) => {
    expect(() => parseConfig(text, "x.cfg")).toThrow(message);
  });
});
