// A second checker of an evidence bundle. It needs Node and nothing else: no line of it is shared
// with what made the bundle. Usage: node check.mjs [BUNDLE] [--two-solvers]. It exits with 0 if
//   - every file has the hash that was signed, the signature is that of public.pem, and no file is
//     there that was not signed;
//   - evidence/index.json lists the evidence with its hashes;
//   - every certificate of the policy proves its promise: nothing leaves a closed set;
//   - every obligation that counts as proved has the verdicts of two different solvers, which
//     agree, about one SMT-LIB text (its sha256); with --one-solver: of one at least;
//   - every item that is said to be covered by a proof names operations that were run.

import { createHash, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const words = process.argv.slice(2);
const wantsTwo = !words.includes("--one-solver");
const own = dirname(fileURLToPath(import.meta.url));
const folder = words.find((word) => !word.startsWith("--")) ?? own;
const problems = [];

/** Notes a problem. */
function say(text) {
  problems.push(text);
}

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");
const read = (path) => readFileSync(join(folder, path));
const json = (path) => JSON.parse(read(path).toString("utf8"));

/** All files, as paths from the bundle's root. */
function all(path = "") {
  return readdirSync(join(folder, path)).flatMap((name) => {
    const inner = path === "" ? name : `${path}/${name}`;
    return statSync(join(folder, inner)).isDirectory() ? all(inner) : [inner];
  });
}

/** The signed statement; throws if the signature is not right. */
function statement() {
  const envelope = json("attestation.dsse.json");
  const payload = Buffer.from(envelope.payload, "base64");
  const type = envelope.payloadType;
  const head = `DSSEv1 ${type.length} ${type} ${payload.length} `;
  const key = createPublicKey(read("public.pem"));
  const signature = Buffer.from(envelope.signatures[0].sig, "base64");
  if (!verify(null, Buffer.concat([Buffer.from(head), payload]), key, signature)) {
    throw new Error("the signature is not that of public.pem");
  }
  return JSON.parse(payload.toString("utf8"));
}

/** Hashes of all files against the statement. */
function checkHashes() {
  const signed = new Map(statement().subject.map((one) => [one.name, one.digest.sha256]));
  for (const path of all()) {
    if (path === "attestation.dsse.json" || path === "public.pem") continue;
    if (!signed.has(path)) say(`${path}: was not signed`);
    else if (hash(read(path)) !== signed.get(path)) say(`${path}: has another hash`);
    signed.delete(path);
  }
  for (const path of signed.keys()) say(`${path}: is missing`);
}

/** The list of the evidence. */
function checkIndex() {
  const listed = new Map(json("evidence/index.json").files.map((one) => [one.path, one.sha256]));
  for (const path of all("evidence")) {
    const name = path.slice("evidence/".length);
    if (name === "index.json") continue;
    if (listed.get(name) !== hash(read(path))) say(`${path}: not as evidence/index.json lists it`);
    listed.delete(name);
  }
  for (const name of listed.keys()) say(`evidence/${name}: is missing`);
}

/** A condition's value; undefined while the values leave it open. */
function valueOf(condition, values) {
  if (condition.kind === "boolean") return values[condition.boolean];
  if (condition.kind === "not") {
    const inner = valueOf(condition.operand, values);
    return inner === undefined ? undefined : !inner;
  }
  const left = valueOf(condition.left, values);
  const right = valueOf(condition.right, values);
  if (left === undefined || right === undefined) return undefined;
  if (condition.kind === "and") return left && right;
  if (condition.kind === "or") return left || right;
  return condition.kind === "eq" ? left === right : left !== right;
}

/** May a step be taken? In a way, 2c + 2 stands for condition c, and 2c + 1 for its opposite. */
function isOpen(ways, conditions, values) {
  return ways.some((way) =>
    way.every((number) => {
      const value = valueOf(conditions[(number - 1) >> 1], values);
      return value === undefined || value === (number % 2 === 0);
    }),
  );
}

/** Does nothing that is asked for lie in a closed set that holds where the flow begins? */
function checkClosed(flow, question, certificate, values, text) {
  if (certificate.kind === "split") {
    for (const [value, part] of [
      [true, certificate.whenTrue],
      [false, certificate.whenFalse],
    ]) {
      const next = [...values];
      next[certificate.boolean] = value;
      checkClosed(flow, question, part, next, text);
    }
    return;
  }
  if (certificate.kind !== "closed") return say(`policy: ${text}: no certificate of a closed set`);
  const inside = new Set(certificate.nodes);
  const through = new Set(question.through);
  const origins = new Set([...question.from, ...certificate.nodes]);
  if (question.to.some((node) => inside.has(node))) say(`policy: ${text}: the goal is in the set`);
  for (const [from, to, ways] of flow.edges) {
    const leaves = origins.has(from) && !inside.has(to) && !through.has(to);
    if (leaves && isOpen(ways, flow.conditions, values)) {
      return say(`policy: ${text}: ${flow.nodes[from]} -> ${flow.nodes[to]} leaves the set`);
    }
  }
}

/** The promises of the policy. */
function checkPolicy() {
  const { promises, flow } = json("evidence/policy.json");
  for (const promise of promises) {
    if (!promise.holds) say(`policy: ${promise.text}: does not hold`);
    if (promise.kind !== "neverflow") continue;
    if (promise.flow === undefined) say(`policy: ${promise.text}: has no certificate`);
    else checkClosed(flow, promise.flow, promise.flow.certificate, [], promise.text);
  }
  return promises.length;
}

/** The verdicts of the proofs. */
function checkProofs() {
  const { obligations, core_sha256 } = json("evidence/proofs.json");
  const tally = { proved: 0, open: 0, two: 0, core: core_sha256 };
  const alone = [];
  for (const one of obligations) {
    const name = `${one.family}: ${one.operation}: ${one.property}`;
    if (!one.ok) {
      tally.open++;
      continue;
    }
    tally.proved++;
    if (one.solver === "terms") continue;
    if (!/^[0-9a-f]{64}$/.test(one.sha256)) say(`proofs: ${name}: names no query`);
    const agree = one.opinions.every(([, , verdict]) => verdict === one.expect);
    if (one.opinions.length === 0 || !agree) say(`proofs: ${name}: the solvers do not agree`);
    const solvers = new Set(one.opinions.map(([solver]) => solver.replace(/-wasm$/, "")));
    if (solvers.size > 1) tally.two++;
    else alone.push(name);
  }
  if (wantsTwo && alone.length > 0) {
    say(`proofs: ${alone.length} obligations have one solver's verdict, the first is ${alone[0]}`);
  }
  return tally;
}

/** What the trace says of proofs against the proofs. */
function checkTrace(proved) {
  const { items, cases, core, provedCore } = json("evidence/trace.json");
  const wasm = hash(read("evidence/core.wasm"));
  if (core !== wasm) say(`trace: is about another core (${core})`);
  for (const { id, states, proof } of items) {
    const state = states.find(({ need }) => need === "proof");
    if (state?.state !== "covered") continue;
    if (provedCore !== wasm || proved.core !== wasm) say(`trace: ${id}: another core was proved`);
    if (proof.length === 0) say(`trace: ${id}: is covered by no proof`);
    for (const name of proof) {
      if ((cases[name]?.obligations ?? 0) === 0) say(`trace: ${id}: "${name}" was not run`);
    }
  }
  return items.length;
}

try {
  checkHashes();
  checkIndex();
  const promises = checkPolicy();
  const proved = checkProofs();
  const items = checkTrace(proved);
  const { proved: good, open, two } = proved;
  console.log(`${items} items, ${promises} promises of the policy, ${good} obligations proved`);
  console.log(`${two} of them by two solvers; ${open} open`);
} catch (error) {
  say(error.message);
}
for (const text of problems) console.log(text);
const verdict = problems.length === 0 ? "the bundle is what was signed" : "";
console.log(verdict || `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
