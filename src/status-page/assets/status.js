// Keeps a page up to date: applies the changes that the server sends, item by item, and asks anew when the search
// changes. Without it, the pages show what they showed when they were loaded.
// @ts-check

/**
 * What live-streams.ts sends.
 * @typedef {{ name: string, keys?: string[], items: Record<string, string> }} SectionChange
 */

const TYPING_MS = 150;
const RETRY_MS = 5_000;
const FLASH_MS = 1_500;

const connection = /** @type {HTMLElement} */ (document.getElementById("connection"));
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-live]"));
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @type {EventSource | undefined} */
let source;
/** @type {number | undefined} */
let timer;

/**
 * The element that the server made from a template that escapes every text.
 * @param {string} html
 */
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return /** @type {HTMLElement} */ (template.content.firstElementChild);
}

/**
 * @param {SectionChange} change
 * @param {boolean} isFirst whether the reader has not seen the section change yet
 */
function apply({ name, keys, items }, isFirst) {
  const container = /** @type {HTMLElement | null} */ (document.querySelector(`[data-section="${name}"]`));
  if (container === null) return;
  const shown = new Map(
    [...container.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, child]),
  );
  for (const [key, html] of Object.entries(items)) {
    const fresh = parse(html);
    const old = shown.get(key);
    shown.set(key, fresh);
    if (old === undefined) continue;
    if (old.isEqualNode(fresh)) {
      shown.set(key, old);
      continue;
    }
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("a")?.focus();
    if (!isFirst && !isCalm && container.matches("tbody")) {
      fresh.animate([{ backgroundColor: "var(--changed)" }, { backgroundColor: "transparent" }], FLASH_MS);
    }
  }
  if (keys === undefined) return;
  const wanted = new Set(keys);
  for (const [key, element] of shown) if (!wanted.has(key ?? "")) element.remove();
  let next = container.firstElementChild;
  for (const key of keys) {
    const element = /** @type {Element} */ (shown.get(key));
    if (element === next) next = next.nextElementSibling;
    else container.insertBefore(element, next);
  }
}

/** Where the changes come from: the page says it, and the search form as it is now. */
function eventsUrl() {
  if (form === null) return document.body.dataset.events ?? "";
  const parameters = searchParameters();
  parameters.set("queries", new FormData(form).has("queries") ? "1" : "0");
  return `events?${parameters}`;
}

/** The search as it is in the address of the page. */
function searchParameters() {
  const parameters = new URLSearchParams(location.search);
  parameters.delete("queries");
  return parameters;
}

function disconnect() {
  clearTimeout(timer);
  source?.close();
  source = undefined;
}

function connect() {
  disconnect();
  let isFirst = true;
  source = new EventSource(eventsUrl());
  source.addEventListener("message", ({ data }) => {
    connection.textContent = "";
    for (const change of /** @type {SectionChange[]} */ (JSON.parse(data))) apply(change, isFirst);
    isFirst = false;
  });
  source.addEventListener("error", () => {
    connection.textContent = "Not connected: what you see may be old. Trying again.";
    // After a refusal the browser does not try again by itself.
    if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, RETRY_MS);
    isFirst = true;
  });
}

/** Puts the search into the address of the page, so that it can be shared, and shows the first page of it. */
function search() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(/** @type {HTMLFormElement} */ (form))) {
    if (value !== "" && name !== "queries") parameters.set(name, String(value));
  }
  const query = parameters.toString();
  history.replaceState(null, "", query === "" ? location.pathname : `?${query}`);
  connect();
}

if (form !== null) {
  // Not all fields of the form are inside it.
  document.addEventListener("input", ({ target }) => {
    if (/** @type {HTMLInputElement} */ (target).form !== form) return;
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
}
if (document.body.dataset.events !== undefined) {
  // Nobody looks at a hidden page, and a browser has few connections for one server.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  if (!document.hidden) connect();
}
