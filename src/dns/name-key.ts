// Names as texts that equal names share, so that maps can hold them: the wire form's bytes, one character each. Letter
// case is the caller's affair.

/** The key of a name in wire form; of any bytes, a text that equal bytes share. */
export function nameKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The key of the name above; undefined for the root's. */
export function keyAbove(key: string): string | undefined {
  return key.length === 1 ? undefined : key.slice(1 + key.charCodeAt(0));
}

/** The keys of the name itself and of all above it, the root's last. */
export function keysUpward(key: string): readonly string[] {
  const keys: string[] = [];
  for (let at: string | undefined = key; at !== undefined; at = keyAbove(at)) keys.push(at);
  return keys;
}

/** Whether a name is the other one or below it. */
export function isAtOrBelow(key: string, above: string): boolean {
  let at = 0;
  while (key.length - at > above.length) at += 1 + key.charCodeAt(at);
  return key.length - at === above.length && key.endsWith(above);
}
