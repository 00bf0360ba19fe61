/** `xenolith policy lsp`: a language server for editors. */

import { Command } from "commander";

const afterHelp = `
Speaks the Language Server Protocol on standard input and output: diagnostics of the compiler and
the linter, hover with explanation, definitions and references across macros, rename, formatting,
completion. Files: policy.conf, and folders of modules (*.te, *.if, *.spt, *.cons, *.assert).

Examples:
  Neovim:  vim.lsp.start({ name = "xenolith", cmd = { "xenolith", "policy", "lsp" } })
  Helix:   [language-server.xenolith] command = "xenolith", args = ["policy", "lsp"]
  Emacs:   (add-to-list 'eglot-server-programs '(selinux-policy-mode "xenolith" "policy" "lsp"))

Exit codes: 0 the editor ended the session, 1 it went away without a word, 2 wrong usage`;

/** The command `lsp`. */
export function lspCommand(): Command {
  return new Command("lsp")
    .description("serve editors: diagnostics, hover, definitions, rename, formatting, completion")
    .option("--stdio", "use standard input and output (always so)")
    .addHelpText("after", afterHelp)
    .action(async () => {
      // The protocol's library is large, and no other command needs it.
      const { serve } = await import("./server.ts");
      serve();
    });
}
