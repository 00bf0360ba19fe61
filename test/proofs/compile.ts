import * as asc from "assemblyscript/asc";

/** Compiles AssemblyScript text to bytes, with the flags of the core unless told otherwise. */
export async function compile(source: string, optimise = ["-Oz", "--converge"]) {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      "core.ts",
      "--outFile",
      "core.wasm",
      ...["--runtime", "stub", "--debug", "--use", "abort=", "--noAssert"],
      ...["--initialMemory", "2", "--maximumMemory", "2"],
      ...optimise,
    ],
    {
      readFile: (name) => (name === "core.ts" ? source : null),
      writeFile: (name, contents) => {
        if (name === "core.wasm") binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`asc: ${stderr.toString()}`);
  return binary;
}
