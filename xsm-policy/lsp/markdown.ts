/** Pieces of Markdown. */

/** A block of policy text. */
export function fenced(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}

/** Names as code, the first few and how many more there are. */
export function codeList(names: readonly string[], limit = 12): string {
  const shown = names.slice(0, limit).map((name) => `\`${name}\``);
  const more = names.length - limit;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** Text without the blank lines around it and the indentation that all its lines have. */
export function outdent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, "")
    .trimEnd()
    .split("\n");
  const written = lines.filter((line) => line.trim() !== "");
  const least = Math.min(...written.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(least)).join("\n");
}
