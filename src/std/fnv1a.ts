// FNV-1a over the UTF-16 code units of a text (G. Fowler, L. C. Noll, K.-P. Vo), 32 bits. It tells texts apart and
// detects damage, but no deliberate collisions. Mix the result before taking it modulo anything.

/** The hash of the text, an integer from 0 to 2^32 - 1. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
