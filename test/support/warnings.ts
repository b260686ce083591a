// The warnings that Node.js gives while something runs. It gives each kind once a process.
export async function warningsDuring(run: () => Promise<unknown>): Promise<readonly string[]> {
  const names: string[] = [];
  const onWarning = ({ name }: Error): void => void names.push(name);
  process.on("warning", onWarning);
  await run();
  // They come in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", onWarning);
  return names;
}
