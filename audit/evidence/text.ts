// Evidence as bytes: the same content is always the same text.

/** Indented JSON with a newline at its end; keys in the order in which they stand. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
