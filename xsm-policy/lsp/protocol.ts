/** Our places and findings as the Language Server Protocol has them. */

import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  type Location,
  type Range,
} from "vscode-languageserver/node.js";
import type { LintSeverity } from "../lint/rule.ts";
import type { Completion, CompletionKind } from "./completion.ts";
import { fileOnDisk } from "./definition.ts";
import type { Problem } from "./diagnostics.ts";
import type { Place } from "./place.ts";

/** How editors name us beside what we find. */
const SOURCE = "xenolith";

/** The path of a document; undefined for one that is not a file. */
export function pathOf(uri: string): string | undefined {
  return uri.startsWith("file:") ? fileURLToPath(uri) : undefined;
}

export function uriOf(file: string): string {
  return pathToFileURL(file).href;
}

export function rangeOf({ line, character, endLine, endCharacter }: Place): Range {
  return { start: { line, character }, end: { line: endLine, character: endCharacter } };
}

/** A place that an editor can open; undefined for what stands in no file. */
export function locationOf(place: Place): Location | undefined {
  const file = fileOnDisk(place.file);
  return file === undefined ? undefined : { uri: uriOf(file), range: rangeOf(place) };
}

const SEVERITY: Readonly<Record<LintSeverity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
};

export function diagnosticOf({ place, severity, code, message, related }: Problem): Diagnostic {
  return {
    range: rangeOf(place),
    severity: SEVERITY[severity],
    code,
    source: SOURCE,
    message,
    relatedInformation: related.flatMap((each) => {
      const location = locationOf(each.place);
      return location === undefined ? [] : [{ location, message: each.message }];
    }),
  };
}

const COMPLETION_KIND: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  macro: CompletionItemKind.Function,
  type: CompletionItemKind.Class,
  attribute: CompletionItemKind.Interface,
  class: CompletionItemKind.Module,
  permission: CompletionItemKind.EnumMember,
  boolean: CompletionItemKind.Variable,
  role: CompletionItemKind.Property,
};

export function completionItemOf({ label, kind, detail }: Completion): CompletionItem {
  return { label, kind: COMPLETION_KIND[kind], detail };
}
