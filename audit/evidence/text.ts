// Evidence as bytes: the same content is always the same text.

/** Indented JSON with a newline at its end; keys in the order in which they stand. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/** Lines with code: no blank lines, no comments, as cloc counts them. C, assembler, TypeScript. */
export function codeLines(text: string): number {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, (comment) =>
    comment.replace(/[^\n]/g, ""),
  );
  return withoutBlocks.split("\n").filter((line) => {
    const code = line.trim();
    return code !== "" && !code.startsWith("//");
  }).length;
}
