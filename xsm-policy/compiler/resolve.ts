/** Name resolution: from the syntax tree to the policy. */

import type { ExpandAttribute, Name, Statement, SyntaxTree } from "./ast.ts";
import { type Block, enableBlocks, GLOBAL_BLOCK } from "./blocks.ts";
import { applyDefault, defineClasses } from "./classes.ts";
import { declareSymbols, parentName } from "./declare.ts";
import { indexSymbols } from "./index-symbols.ts";
import type { Policy } from "./policy.ts";
import { capabilityNumber } from "./policycap.ts";
import { ConstraintResolver } from "./resolve-constraints.ts";
import { LabelResolver } from "./resolve-devices.ts";
import { LevelResolver } from "./resolve-mls.ts";
import { RoleResolver } from "./resolve-roles.ts";
import { RuleResolver } from "./resolve-rules.ts";
import { listed } from "./resolve-sets.ts";
import { ResolverState } from "./resolver-state.ts";
import type { DiagnosticSink } from "./sink.ts";
import type { PolicySymbol } from "./symbols.ts";

/**
 * Resolves all names of a policy. Errors go to the sink; the policy then lacks what they concern.
 */
export function resolve(tree: SyntaxTree, sink: DiagnosticSink): Policy {
  const state = new ResolverState(tree, sink);
  defineClasses(state);
  declareSymbols(state);
  enableBlocks(state.blocks);
  if (!state.blocks[GLOBAL_BLOCK].enabled) reportUnmet(state);
  indexSymbols(state);
  new Resolver(state).run();
  return state.policy;
}

/** A requirement outside every optional block cannot be waived. */
function reportUnmet(state: ResolverState): void {
  const [global] = state.blocks;
  global.enabled = true;
  const missing = global.required.find((symbol) => symbol.declaredIn.length === 0);
  const name = missing === undefined ? "a class" : `'${missing.name}'`;
  state.sink.error({
    code: "unmet-requirement",
    message: `${name} is required outside every optional block, but nothing declares it`,
    hint: "declare it, or put the rules that need it in an optional block",
  });
}

class Resolver {
  readonly #state: ResolverState;
  readonly #rules: RuleResolver;
  readonly #levels: LevelResolver;
  readonly #roles: RoleResolver;
  readonly #constraints: ConstraintResolver;
  readonly #labels: LabelResolver;
  readonly #marked = new Map<number, boolean>();

  constructor(state: ResolverState) {
    this.#state = state;
    this.#levels = new LevelResolver(state);
    this.#rules = new RuleResolver(state);
    this.#roles = new RoleResolver(state, this.#rules, this.#levels);
    this.#constraints = new ConstraintResolver(state, this.#rules, this.#roles);
    this.#labels = new LabelResolver(state, this.#levels);
  }

  run(): void {
    const { blocks, policy } = this.#state;
    if (policy.mls) this.#levels.defineLevels();
    for (const block of blocks) this.#marks(block);
    for (const block of blocks) this.#block(block);
    this.#state.block = GLOBAL_BLOCK;
    for (const statement of blocks[GLOBAL_BLOCK].statements) this.#late(statement);
    this.#labels.checkInitialSids();
  }

  /** What must be known before any rule is read. */
  #marks(block: Block): void {
    this.#state.block = block.index;
    for (const statement of block.statements) {
      if (statement.kind !== "expandattribute") continue;
      const names = { one: "an attribute", many: "attributes" };
      for (const member of listed(this.#state, statement.attributes, names)) {
        const symbol = this.#state.find("type", member);
        if (symbol === undefined) continue;
        if (!symbol.special) this.#notAttribute(member);
        else if (symbol.index !== -1 && this.#state.holds) this.#mark(symbol, statement);
      }
    }
  }

  /** An attribute marked both ways is not expanded. */
  #mark({ index, name }: PolicySymbol, statement: ExpandAttribute): void {
    const attribute = this.#state.policy.attributes[index];
    const before = this.#marked.get(index);
    this.#marked.set(index, statement.value);
    attribute.expand = statement.value && before !== false;
    if (before === undefined || before === statement.value) return;
    attribute.expand = false;
    this.#state.sink.warn({
      code: "contradiction",
      message: `'${name}' is marked by expandattribute as both true and false; false it is`,
      span: this.#state.tree.span(statement),
    });
  }

  #notAttribute(name: Name): void {
    const text = this.#state.tree.text(name);
    this.#state.error("not-an-attribute", `'${text}' is a type, not an attribute`, name);
  }

  #block(block: Block): void {
    for (const statement of block.statements) {
      this.#state.block = block.index;
      this.#statement(statement);
    }
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case "access-rule":
        this.#rules.access(statement, undefined);
        break;
      case "type-rule":
        this.#rules.typeRule(statement, undefined);
        break;
      case "if":
        this.#rules.conditional(statement);
        break;
      case "type":
        this.#dottedType(statement.name);
        break;
      case "typebounds":
        for (const child of this.#state.tree.members(statement.children)) {
          this.#bound(statement.parent, child);
        }
        break;
      case "permissive":
        this.#permissive(statement.name);
        break;
      case "policycap":
        this.#capability(statement.name);
        break;
      case "default":
        applyDefault(this.#state, statement);
        break;
      case "role-types":
        this.#roles.types(statement);
        break;
      case "role-allow":
        this.#roles.allow(statement);
        break;
      case "role_transition":
        this.#roles.transition(statement);
        break;
      case "range_transition":
        this.#levels.rangeTransition(statement, this.#rules);
        break;
      case "user":
        this.#roles.user(statement);
        break;
      default:
    }
  }

  /** What needs users and roles to be complete. */
  #late(statement: Statement): void {
    if (statement.kind === "constrain") this.#constraints.constrain(statement);
    else if (statement.kind === "validatetrans") this.#constraints.validate(statement);
    else if (statement.kind === "sid-context") this.#labels.initialSid(statement);
    else if (statement.kind === "device-context") this.#labels.device(statement);
  }

  /** The type `a.b` is bounded by the type `a`. */
  #dottedType(name: Name): void {
    const parent = parentName(this.#state.tree.text(name));
    if (parent === undefined) return;
    const id = this.#state.tree.names.find(parent);
    if (this.#state.tables.type.get(id) === undefined) {
      const message = `type '${parent}' does not exist, and it bounds this one`;
      this.#state.error("unknown-parent", message, name, {
        hint: `declare ${parent}, or take the '.' out of the name`,
      });
      return;
    }
    this.#bound({ id, start: name.start, end: name.end }, name);
  }

  #bound(parentNameNode: Name, childName: Name): void {
    const parent = this.#state.find("type", parentNameNode);
    const child = this.#state.find("type", childName);
    if (parent === undefined || child === undefined) return;
    if (parent.special || child.special) {
      const name = parent.special ? parentNameNode : childName;
      this.#state.error("not-a-type", "an attribute cannot take part in typebounds", name);
      return;
    }
    if (!this.#state.holds || parent.index === -1 || child.index === -1) return;
    const { types } = this.#state.policy;
    const type = types[child.index];
    if (type.bounds !== -1 && type.bounds !== parent.index) {
      const other = types[type.bounds].name;
      const message = `'${type.name}' is bounded by both ${other} and ${parent.name}`;
      this.#state.error("conflict", message, childName);
      return;
    }
    type.bounds = parent.index;
  }

  #permissive(name: Name): void {
    const symbol = this.#state.find("type", name);
    if (symbol === undefined) return;
    if (symbol.special) {
      this.#state.error("not-a-type", "an attribute cannot be permissive", name);
    } else if (this.#state.holds && symbol.index !== -1) {
      this.#state.policy.types[symbol.index].permissive = true;
    }
  }

  #capability(name: Name): void {
    const text = this.#state.tree.text(name);
    const { capabilities } = this.#state.policy;
    const { number, hint } = capabilityNumber(text);
    if (number === -1) {
      const message = `unknown policy capability '${text}'`;
      this.#state.error("unknown-capability", message, name, { hint });
    } else if (!capabilities.includes(number)) capabilities.push(number);
  }
}
