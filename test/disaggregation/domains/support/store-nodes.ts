// Lines of xenstore's configuration for devices, as the toolstack would write their nodes.

/** A node of xenstore's configuration, and all below it. */
export function nodes(
  path: string,
  permissions: string,
  keys: Readonly<Record<string, string | number>>,
): string {
  const lines = Object.entries(keys).map(([key, value]) => {
    return `node ${path}/${key} ${permissions} ${value}\n`;
  });
  return [`node ${path} ${permissions} \n`, ...lines].join("");
}

/** The nodes of a device: each side is its own domain's, and read by the other's. */
export function deviceNodes(
  kind: string,
  back: number,
  front: number,
  number: number,
  keys: Readonly<Record<string, string | number>>,
): string {
  const frontPath = `/local/domain/${front}/device/${kind}/${number}`;
  const backPath = `/local/domain/${back}/backend/${kind}/${front}/${number}`;
  const common = { frontend: frontPath, "frontend-id": front, online: 1, state: 1 };
  return [
    nodes(frontPath, `n${front},r${back}`, {
      backend: backPath,
      "backend-id": back,
      state: 1,
      ...(kind === "vbd"
        ? { "virtual-device": number, "device-type": "disk" }
        : { handle: number }),
      ...(keys.mac === undefined ? {} : { mac: keys.mac }),
    }),
    nodes(backPath, `n${back},r${front}`, { ...common, ...keys }),
  ].join("");
}
