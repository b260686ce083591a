// Makes text from files and names of files safe for a terminal: what could hide, disguise or end a line is spelled out.
// Unicode Standard Annex 9, for the characters that change the direction of text.

const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** The text with each control or bidirectional character as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
