// Relative links in Markdown lead to files that exist, and their anchors to headings of these files. Links to other
// sites are not followed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "./support/process.ts";

const NOT_OURS = /(^|\/)(node_modules|\.git|dist|coverage)(\/|$)/;

/** Markdown without code: fenced blocks and code spans hold no links. */
function withoutCode(page: string): string {
  return page.replace(/^( *)```[^]*?^\1```$/gm, "").replace(/`[^`\n]*`/g, "code");
}

/** Targets of the links in a page, but for those to other sites. */
function linksOf(page: string): string[] {
  const links = withoutCode(page).matchAll(/\]\(\s*<?([^)>\s]+)/g);
  return [...links].map((link) => link[1]!).filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of page.replace(/^( *)```[^]*?^\1```$/gm, "").matchAll(/^#{1,6} +(.*?) *$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The links of the page at `path` that lead nowhere; `read` gives the text of a file, undefined where there is none. */
function brokenLinks(path: string, page: string, read: (path: string) => string | undefined): string[] {
  return linksOf(page).filter((target) => {
    const [file = "", anchor] = target.split("#", 2);
    const text = file === "" ? page : read(join(dirname(path), decodeURIComponent(file)));
    if (text === undefined) return true;
    return anchor !== undefined && !anchorsOf(text).has(anchor);
  });
}

/** A folder has no headings: an anchor in it is broken. */
function readHere(path: string): string | undefined {
  if (!existsSync(ROOT + path)) return undefined;
  return path.endsWith(".md") ? readFileSync(ROOT + path, "utf8") : "";
}

const pages = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => !NOT_OURS.test(entry.name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(ROOT + entry.name, { recursive: true, encoding: "utf8" }).map((path) => `${entry.name}/${path}`)
      : [entry.name],
  )
  .filter((path) => path.endsWith(".md") && !NOT_OURS.test(path));

describe("links between pages", () => {
  test("there are pages with links", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/answers.md"]));
    expect(pages.flatMap((path) => linksOf(readHere(path)!)).length).toBeGreaterThan(50);
  });

  test.each(pages)("%s", (path) => {
    expect(brokenLinks(path, readHere(path)!, readHere)).toEqual([]);
  });
});

describe("the check finds", () => {
  const files: Readonly<Record<string, string>> = {
    "docs/a.md": "# One\n\n## `code` and More, again\n\n## One\n\n```sh\n# no-heading\n```\n",
    LICENSE: "",
  };
  test.each([
    ["a file that is missing", "[x](b.md)", ["b.md"]],
    ["a file beside another folder", "[x](../docs/a.md) [y](../LICENSE) [z](../a.md)", ["../a.md"]],
    ["an anchor that is missing", "[x](a.md#two) [y](a.md#one)", ["a.md#two"]],
    ["headings of one text", "[x](a.md#one-1) [y](a.md#one-2)", ["a.md#one-2"]],
    ["code in a heading", "[x](a.md#code-and-more-again)", []],
    ["a comment in code", "[x](a.md#no-heading)", ["a.md#no-heading"]],
    ["an anchor of its own page", "# Here\n[x](#here) [y](#there)", ["#there"]],
    ["an anchor in a file without headings", "[x](../LICENSE#one)", ["../LICENSE#one"]],
    ["a link of two lines", "[x\ny](b.md)", ["b.md"]],
    ["nothing in code and on other sites", "`[x](b.md)` [y](https://example.com/b.md)\n```\n[z](b.md)\n```\n", []],
  ])("%s", (_, page, broken) => {
    expect(brokenLinks("docs/page.md", page, (path) => files[path])).toEqual(broken);
  });
});
