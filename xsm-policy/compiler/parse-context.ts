/** Security contexts, MLS levels and ranges, and the numbers of device statements. */

import type { ContextText, DeviceContext, DeviceKind, LevelText, RangeText } from "./ast.ts";
import type { ParserState } from "./parser-state.ts";
import { Token } from "./tokens.ts";

const MAXIMUM_U32 = 0xffff_ffffn;
const MAXIMUM_U64 = 0xffff_ffff_ffff_ffffn;

/** `user:role:type[:low[-high]]` */
export function parseContext(state: ParserState): ContextText {
  const { start } = state.lexer;
  const user = state.name("a user");
  state.expect(Token.Colon, "a context is user:role:type");
  const role = state.name("a role");
  state.expect(Token.Colon, "a context is user:role:type");
  const type = state.name("a type");
  const range = state.accept(Token.Colon) ? parseRange(state) : undefined;
  return { user, role, type, range, start, end: state.lexer.previousEnd };
}

/** `s0` or `s0:c0.c3 - s1:c0.c5` */
export function parseRange(state: ParserState): RangeText {
  const low = parseLevel(state);
  const high = state.accept(Token.Minus) ? parseLevel(state) : undefined;
  return { low, high, start: low.start, end: (high ?? low).end };
}

/** `s0:c0.c3,c5` */
export function parseLevel(state: ParserState): LevelText {
  const sensitivity = state.name("a sensitivity");
  const categories = state.accept(Token.Colon) ? state.commaNames("a category") : undefined;
  return { sensitivity, categories, start: sensitivity.start, end: state.lexer.previousEnd };
}

/** `pirqcon 33 CTX`, `iomemcon 0x0-0xff CTX`, `devicetreecon "/soc" CTX`, ... */
export function parseDevice(state: ParserState, device: DeviceKind, start: number): DeviceContext {
  if (device === "devicetreecon") return parseDeviceTree(state, start);
  const limit = device === "iomemcon" ? MAXIMUM_U64 : MAXIMUM_U32;
  const ranged = device === "iomemcon" || device === "ioportcon";
  const low = parseNumber(state, limit);
  const high = ranged && state.accept(Token.Minus) ? parseNumber(state, limit) : low;
  const context = parseContext(state);
  return {
    kind: "device-context",
    device,
    low,
    high,
    path: undefined,
    context,
    start,
    end: context.end,
  };
}

function parseDeviceTree(state: ParserState, start: number): DeviceContext {
  const { lexer } = state;
  const quoted = lexer.kind === Token.QuotedPath;
  if (!quoted && lexer.kind !== Token.Path) state.unexpected('a path such as "/soc/ethernet"');
  const path = quoted ? lexer.text.slice(1, -1) : lexer.text;
  lexer.next();
  const context = parseContext(state);
  return {
    kind: "device-context",
    device: "devicetreecon",
    low: 0n,
    high: 0n,
    path,
    context,
    start,
    end: context.end,
  };
}

function parseNumber(state: ParserState, limit: bigint): bigint {
  const { lexer } = state;
  if (lexer.kind !== Token.Number) state.unexpected("a number");
  // A leading zero means octal to checkpolicy, as in C.
  const { text } = lexer;
  const octal = /^0[0-7]+$/.test(text);
  if (/^0[0-9]+$/.test(text) && !octal) state.fail("bad-number", `'${text}' is no octal number`);
  const value = BigInt(octal ? `0o${text.slice(1)}` : text);
  if (value > limit) state.fail("number-too-large", `${text} is larger than ${limit}`);
  lexer.next();
  return value;
}
