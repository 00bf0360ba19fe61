/** The commands of the analysis, for `xenolith policy`. */

export { checkCommand } from "./check-command.ts";
export { diffCommand } from "./diff-command.ts";
export { explainCommand } from "./explain-command.ts";
export { flowsCommand } from "./flows-command.ts";
export { learnCommand } from "./learn-command.ts";
