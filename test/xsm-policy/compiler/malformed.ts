/**
 * Two hundred malformed policies, made from one that is right: same list each time.
 *
 * Run as a program (`tsx test/xsm-policy/compiler/malformed.ts`) it compiles them at full size and
 * prints the slowest and the peak memory.
 */

import { randomFrom } from "../generate.ts";
import { policyOf } from "./sample.ts";

export interface Malformed {
  readonly name: string;
  readonly text: string;
}

const GOOD = policyOf("bool x true;\nif (x) {\n  allow a_t c_t:domain create;\n}\n");

const MEGABYTE = 1 << 20;

/** All of them; the largest are of `megabytes` (100 where it counts). */
export function* malformedPolicies(megabytes: number): Generator<Malformed> {
  yield* truncated();
  yield* binary();
  yield* huge(megabytes * MEGABYTE);
  yield* deep();
  yield* shuffled();
  yield* unknown();
}

/** Cut at places all over, before the last statement. */
function* truncated(): Generator<Malformed> {
  const end = GOOD.lastIndexOf("sid xen u");
  for (let part = 1; part <= 70; part++) {
    const at = Math.floor((end * part) / 71);
    yield { name: `cut at ${at}`, text: GOOD.slice(0, at) };
  }
}

function* binary(): Generator<Malformed> {
  const random = randomFrom(7);
  for (let index = 0; index < 30; index++) {
    const length = 1 + Math.floor(random() * 4000);
    const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
    yield { name: `random bytes ${index}`, text: bytes.toString("latin1") };
  }
  yield { name: "NUL bytes", text: "\0".repeat(MEGABYTE) };
  yield { name: "an ELF file", text: `\x7fELF\x02\x01\x01${"\0".repeat(9)}${GOOD}` };
  yield { name: "a binary within", text: GOOD.replace("bool", "\x01\x02\x03\nbool") };
  yield { name: "UTF-16", text: Buffer.from(GOOD, "utf16le").toString("latin1") };
  yield { name: "Windows line ends", text: GOOD.replaceAll("\n", "\r\n") };
}

function* huge(size: number): Generator<Malformed> {
  yield { name: "much of one name", text: "a".repeat(size) };
  yield { name: "much of one number", text: "1".repeat(size) };
  yield { name: "much of one quote", text: `"${"a".repeat(size)}` };
  yield { name: "much of one path", text: `/${"a".repeat(size)}` };
  yield { name: "much of braces", text: "{".repeat(size) };
  yield { name: "much of closing braces", text: "}".repeat(size) };
  yield { name: "much of semicolons", text: ";".repeat(size) };
  yield { name: "much of spaces", text: " ".repeat(size) };
  yield { name: "much of one comment", text: `#${"x".repeat(size)}` };
  yield { name: "much of 'allow'", text: "allow ".repeat(size / 6) };
  yield { name: "many lines of 'allow'", text: "allow\n".repeat(size / 6) };
  yield { name: "many line marks", text: '#line 1 "x"\n'.repeat(size / 12) };
}

function* deep(): Generator<Malformed> {
  for (const depth of [200, 5_000, 1_000_000]) {
    const set = `${"{ ".repeat(depth)}a_t${" }".repeat(depth)}`;
    yield { name: `${depth} braces`, text: policyOf(`allow ${set} c_t:domain create;`) };
    const condition = `${"(".repeat(depth)}x${")".repeat(depth)}`;
    yield { name: `${depth} parentheses`, text: policyOf(`bool x true; if (${condition}) { }`) };
    const not = policyOf(`bool x true; if (${"! ".repeat(depth)}x) { }`);
    yield { name: `${depth} negations`, text: not };
    const either = `${"(u1 == u2 or ".repeat(depth)}u1 == u2${")".repeat(depth)}`;
    const constraint = GOOD.replace("sid xen u", `constrain domain create (${either});\nsid xen u`);
    yield { name: `a constraint ${depth} deep`, text: constraint };
    const optional = `${"optional { ".repeat(depth)}${"} ".repeat(depth)}`;
    yield { name: `${depth} optional blocks`, text: policyOf(`${optional}\nnonsense`) };
    const chain = `x${" && x".repeat(depth * 10)}`;
    yield { name: `${depth * 10} operands`, text: policyOf(`bool x true; if (${chain}) { }`) };
  }
}

/** Lines in a wrong order, doubled, or without a part. */
function* shuffled(): Generator<Malformed> {
  const random = randomFrom(11);
  const lines = GOOD.trimEnd().split("\n");
  for (let index = 0; index < 40; index++) {
    const changed = [...lines];
    const from = Math.floor(random() * lines.length);
    const kind = index % 4;
    if (kind === 0) changed.splice(from, 0, "type a_t;", "class domain");
    else if (kind === 1) changed[from] = changed[from].replace(/[;}{:]?$/, " $ ");
    else if (kind === 2) changed.unshift("user u roles { r };");
    else changed[from] = `${changed[from]} nonsense`;
    yield { name: `line ${from} changed (${kind}, ${index})`, text: `${changed.join("\n")}\n` };
  }
}

/** Names that nothing declares, of every kind. */
function* unknown(): Generator<Malformed> {
  const statements = [
    "allow nosuch_t c_t:domain create;",
    "allow a_t nosuch_t:domain create;",
    "allow a_t c_t:nosuch create;",
    "allow a_t c_t:domain nosuch;",
    "neverallow ~nosuch_t *:domain create;",
    "type_transition a_t b_t:domain nosuch_t;",
    "type_change a_t b_t:nosuch c_t;",
    "type d_t, nosuch;",
    "typealias nosuch_t alias x_t;",
    "typeattribute nosuch_t dm;",
    "typebounds nosuch_t a_t;",
    "permissive nosuch_t;",
    "role nosuch_r types a_t;",
    "allow nosuch_r r;",
    "role_transition nosuch_r a_t:domain r;",
    "roleattribute r nosuch;",
    "if (nosuch) { allow a_t c_t:domain create; }",
    "expandattribute nosuch true;",
    "range_transition a_t b_t:domain s0;",
    "policycap nosuch;",
    "frobnicate a_t;",
    "optional { require { gadget x; } }",
  ];
  for (const statement of statements) yield { name: statement, text: policyOf(statement) };
  const after = ["pirqcon 1 u:r:nosuch_t", "pirqcon 1 u:nosuch_r:a_t", "sid nosuch u:r:a_t"];
  for (const statement of after) yield { name: statement, text: policyOf("", `${statement}\n`) };
  yield { name: "an empty file", text: "" };
  yield { name: "only a comment", text: "# nothing\n" };
  yield { name: "another language", text: '{ "policy": [1, 2, 3] }\n' };
  yield { name: "a shell script", text: "#!/bin/sh\nset -e\necho hello\n" };
}

if (process.argv[1]?.endsWith("malformed.ts")) {
  const { compile } = await import("../../../xsm-policy/compiler/compile.ts");
  let count = 0;
  let slowest = { name: "", milliseconds: 0 };
  for (const { name, text } of malformedPolicies(100)) {
    const begin = performance.now();
    const { ok, diagnostics } = compile({ name: "bad.conf", text });
    const milliseconds = Math.round(performance.now() - begin);
    count++;
    if (milliseconds > slowest.milliseconds) slowest = { name, milliseconds };
    if (ok || diagnostics.length === 0) throw new Error(`${name} was taken`);
  }
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(
    `${count} malformed policies refused; slowest ${slowest.name}: ${slowest.milliseconds} ms; ` +
      `peak memory ${memory} MiB\n`,
  );
}
