/** All that is open in an editor, and the policies that it belongs to. */

import { byFile, compilerProblems, lintProblems, type Problem } from "./diagnostics.ts";
import { type PolicyRoot, policiesOf } from "./discover.ts";
import { Project } from "./project.ts";
import type { Snapshot } from "./snapshot.ts";

export class Workspace {
  readonly #open = new Map<string, string>();
  readonly #projects = new Map<string, Project>();
  readonly #roots = new Map<string, readonly PolicyRoot[]>();
  /** What the linter last said of each policy, and of which moment that is. */
  readonly #lint = new Map<Project, { of: Snapshot; problems: readonly Problem[] }>();

  /** Texts of open files, by path. */
  get open(): ReadonlyMap<string, string> {
    return this.#open;
  }

  /** Takes note of a file's text as the editor has it. */
  change(file: string, text: string): void {
    this.#open.set(file, text);
    for (const project of this.projectsOf(file)) project.update(this.#open);
  }

  /** A file was closed: what is on disk counts. Policies without open files are forgotten. */
  close(file: string): void {
    this.#open.delete(file);
    for (const project of this.projectsOf(file)) project.update(this.#open);
    const needed = new Set([...this.#open.keys()].flatMap((each) => this.projectsOf(each)));
    for (const [key, project] of this.#projects) {
      if (needed.has(project)) continue;
      this.#projects.delete(key);
      this.#lint.delete(project);
    }
  }

  /** Files on disk have changed. */
  forgetFiles(): void {
    this.#roots.clear();
    for (const project of this.#projects.values()) project.forgetFiles();
  }

  /** The policies that a file belongs to. */
  projectsOf(file: string): Project[] {
    let roots = this.#roots.get(file);
    if (roots === undefined) {
      roots = policiesOf(file);
      this.#roots.set(file, roots);
    }
    return roots.map((root) => this.#project(root));
  }

  /** The first policy that a file belongs to and that has it. */
  projectOf(file: string): Project | undefined {
    return this.projectsOf(file).find(({ snapshot }) => snapshot.files.has(file));
  }

  #project(root: PolicyRoot): Project {
    const key = `${root.kind} ${root.path}`;
    let project = this.#projects.get(key);
    if (project === undefined) {
      project = new Project(root);
      project.update(this.#open);
      this.#projects.set(key, project);
    }
    return project;
  }

  /** Lints what has changed since it was last linted. */
  lint(): void {
    for (const project of this.#projects.values()) {
      const { snapshot } = project;
      if (this.#lint.get(project)?.of === snapshot) continue;
      this.#lint.set(project, { of: snapshot, problems: lintProblems(snapshot) });
    }
  }

  /** The problems of all policies, by file; the linter's as of its last run. */
  problems(): Map<string, readonly Problem[]> {
    const all = [...this.#projects.values()].flatMap((project) => {
      const own = compilerProblems(project.snapshot);
      const hasErrors = own.some(({ severity }) => severity === "error");
      return hasErrors ? own : [...own, ...(this.#lint.get(project)?.problems ?? [])];
    });
    return byFile(all);
  }
}
