// The rules of a domain.te, and the file without one of them.

/** A rule that can be taken out: a permission of an allow, or a call of an interface. */
export interface Rule {
  readonly name: string;
  /** The file without it. */
  readonly rest: string;
}

const ALLOW = /^allow (\S+) (\S+):(\S+) (\{[^}]*\}|\S+);$/gm;
/** Every interface that gives rights; new_domain gives a name. */
const CALL = /^(?!new_domain)\w+\([^)]*\)$/gm;

function permissionsOf(text: string): string[] {
  return text.replace(/[{}]/g, " ").trim().split(/\s+/);
}

/** Every rule of a module, in the order of the text. */
export function rulesOf(text: string): Rule[] {
  const rules: Rule[] = [];
  for (const match of text.matchAll(ALLOW)) {
    const [whole, source, target, name, words] = match;
    const permissions = permissionsOf(words!);
    for (const one of permissions) {
      const others = permissions.filter((word) => word !== one).join(" ");
      const left = others === "" ? "" : `allow ${source} ${target}:${name} { ${others} };`;
      rules.push({ name: `${target}:${name} ${one}`, rest: text.replace(whole, left) });
    }
  }
  for (const [whole] of text.matchAll(CALL)) {
    rules.push({ name: whole, rest: text.replace(whole, "") });
  }
  return rules;
}
