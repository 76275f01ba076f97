// What pages do beyond links and forms. Every behaviour hangs on a data attribute or an id.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler, options) => document.addEventListener(type, handler, options);
const near = ({ target }, name) => target.closest?.(`[data-${name}]`);

// ---- dialogs: a full host means open, an empty one closed

const modal = $("#modal"), host = $("#dialog"), againModal = $("#again-modal"), again = $("#again");
const toasts = $("#toasts");
const unsaved = new Set(); // forms somebody typed into
let opener = null, pressed = null, strokes = 0; // so often somebody typed something

const isUnsaved = (place) => [...unsaved].some((form) => form.isConnected && place.contains(form));
const front = () => all("dialog[open]").at(-1);

function show(dialog, place) {
  const full = place.childElementCount > 0;
  if (full && !dialog.open) { dialog.showModal(); focusFirst(place); }
  if (!full && dialog.open) dialog.close();
  const above = front() ?? document.body; // there they are never inert
  if (above !== toasts.parentNode) above.append(toasts); // who moves them takes the focus away
}

function focusFirst(place) {
  const fields = "input:not([type=hidden]), select, textarea";
  ($("[autofocus]", place) ?? $(fields, place) ?? $("[tabindex='-1']", place))?.focus();
}

function focusWrong(place) {
  const link = $(".summary a", place);
  const wrong = $("[aria-invalid=true]", place) ?? (link && $(link.hash));
  wrong?.closest("details")?.setAttribute("open", "");
  wrong?.focus();
}

function leave() {
  const keep = isUnsaved(modal) && $("[data-keep]", modal); // a draft need not be lost
  if (keep) keep.click();
  else if (!isUnsaved(modal) || confirm(modal.dataset.unsaved)) modal.close();
}

function focusBack({ element, id, home }) {
  const ways = [element, document.getElementById(id), $(`#${home} :is(h1, h2)`), $("#main")];
  ways.find((way) => { way?.focus({ preventScroll: true }); return way?.matches(":focus"); });
}

modal.addEventListener("keydown", (e) => { // only here Esc can be held as often as needed
  if (e.key === "Escape" && !e.isComposing) { e.preventDefault(); leave(); }
});
modal.addEventListener("cancel", (e) => { // the back gesture of phones
  if (e.target === modal) { e.preventDefault(); leave(); }
});
modal.addEventListener("close", () => {
  host.replaceChildren();
  show(modal, host);
  if (opener) focusBack(opener);
  opener = null;
});
againModal.addEventListener("close", () => { again.replaceChildren(); show(againModal, again); });
addEventListener("beforeunload", (e) => { if (isUnsaved(document) || $("#uploads progress")) e.preventDefault(); });

on("input", (e) => {
  const { target, target: { form } } = e;
  strokes++;
  if (near(e, "find")) narrow(near(e, "picker"), target.value);
  else if (form?.matches("[data-quick]")) hits = "awaited";
  else if (form?.matches(".form, .composer-note") && !target.closest(".gate, #again")) unsaved.add(form);
});
on("submit", (e) => { pressed = e.submitter; }, true);
on("submit", (e) => { if (!e.defaultPrevented) unsaved.clear(); }); // the browser itself sends it

// ---- requests

addEventListener("click", (e) => { // new tabs and windows are the browser's own business
  if ((e.ctrlKey || e.metaKey || e.shiftKey) && e.target.closest("a[href]")) e.stopImmediatePropagation();
}, true);

const polls = ({ sourceElement }) => sourceElement.matches("[hx-trigger^=every]"); // nobody pressed it

on("htmx:config:request", (e) => {
  const { ctx } = e.detail, element = ctx.sourceElement;
  if (polls(ctx) && document.hidden) return e.preventDefault();
  const panels = all("[data-panel]").map((panel) => panel.dataset.panel);
  ctx.request.headers["X-Panels"] = panels.join(",");
  const button = element.contains(pressed) ? pressed : element;
  const id = (element.form ?? element).dataset.home ?? button.id;
  ctx.origin = element.closest(".toast")?.origin ?? { element: button, id, home: element.closest("[data-panel]")?.id };
  ctx.form = element.matches("form") ? element : null;
  ctx.draft = element.matches("[data-keep], [data-saves]") && element.closest("form");
  unsaved.delete(ctx.draft); // what is typed from now on is not in it
  ctx.rearranging = ctx.form && button.form === ctx.form && /^(add|drop|move|insert|chosen)$/.test(button.name) && button;
  if (/^(drop|move)/.test(ctx.rearranging?.name)) unsaved.add(ctx.form);
  pressed = null;
  ctx.strokes = strokes;
});
on("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.target === host && !modal.open) opener = ctx.origin;
});
on("htmx:before:response", (e) => {
  const { ctx } = e.detail, { response, hx } = ctx;
  ctx.focused = document.activeElement !== document.body;
  if (polls(ctx) && (!response.headers.has("X-Kb") || (hx.redirect && isUnsaved(document)))) return e.preventDefault();
  if (hx.redirect) { unsaved.clear(); return; }
  if (response.headers.has("X-Csrf-Token")) renewToken(response.headers.get("X-Csrf-Token"));
  if (!response.headers.has("X-Kb")) { e.preventDefault(); say("toast-broken"); } // not from us
});
on("htmx:after:request", (e) => { // a refusal is a toast, whatever asked for it
  const { ctx } = e.detail, { sourceElement } = ctx;
  if (sourceElement.matches("[data-fills]") && ctx.strokes < strokes) { // not over what is newer
    e.preventDefault();
    return sourceElement.click();
  }
  const isToast = ctx.response.status >= 400 && /^\s*<div class="toast"/.test(ctx.text);
  if (isToast) Object.assign(ctx.hx, { retarget: "#toasts", reswap: "innerHTML" });
});
on("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.draft && !(ctx.response?.status < 400)) unsaved.add(ctx.draft);
});
on("htmx:error", ({ detail: { ctx } }) => { if (ctx && !polls(ctx)) say("toast-broken"); });

on("htmx:after:swap", ({ detail: { ctx } }) => {
  const failed = ctx.response?.status >= 400, typed = unsaved.has(ctx.form);
  if (!failed) all("[data-said=toast-broken]", toasts).forEach((toast) => toast.remove());
  if (ctx.form && !failed && !ctx.rearranging) settle(ctx.form);
  show(modal, host);
  show(againModal, again);
  if (modal.open) opener ??= ctx.origin; // Undo opened it
  greet(opener ?? ctx.origin);
  if ((polls(ctx) || ctx.draft) && (!ctx.focused || document.activeElement !== document.body)) return;
  all("[data-find]").forEach((find) => htmx.trigger(find, "input"));
  if (typed && (failed || ctx.rearranging)) all(".form", host).forEach((form) => unsaved.add(form));
  if (failed) focusWrong(front() ?? ctx.form ?? host);
  if (ctx.rearranging) focusRow(ctx.rearranging);
  if (document.activeElement === document.body && ctx.origin) focusBack(ctx.origin);
  if (modal.open && !againModal.open && !$("#dialog :focus, #toasts :focus")) focusFirst(host);
  if (ctx.form?.matches("[data-quick]")) showHits();
});

function settle(form) {
  unsaved.delete(form);
  if (form.matches("[data-reset]")) form.reset();
}

function renewToken(token) { // signed in again: the page goes on with the token of the new session
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
  all("input[name=csrf_token]").forEach((input) => { input.value = token; });
}

function focusRow({ id, name }) {
  const row = all(".repeat-row", document.getElementById(id)?.parentElement).at(-1);
  if (name === "add") $("input:not([type=hidden]), textarea", row)?.focus();
}

// ---- toasts: news go after ten seconds, so does what can be undone no longer; the others stay

function say(id) {
  all(`[data-said=${id}]`, toasts).forEach((toast) => toast.remove());
  const toast = $(`#${id}`).content.firstElementChild.cloneNode(true);
  toast.dataset.said = id;
  toasts.append(toast);
  greet();
}

function greet(origin = {}) { // news replace older ones, Undo leads back to its origin
  const added = all(".toast", toasts).filter((toast) => !toast.origin);
  added.forEach((toast) => { toast.origin = origin; });
  added.filter((toast) => toast.matches("[data-ends]")).forEach(fade);
  all(".toast[data-kind=news]:not(:has(form))", toasts).forEach((toast) => {
    if (added.includes(toast)) fade(toast);
    else if (added.length) toast.remove();
  });
}
greet();

function fade(toast) { // but not while somebody reads it
  const go = () => toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove();
  setTimeout(go, toast.dataset.said ? 3_000 : 10_000);
}

// ---- uploads: files go one by one, with progress and no time limit

let last = Promise.resolve(), stored = 0; // of those that go together

function take(form, files) {
  const rows = $("[data-limit]", form);
  if (!$("#uploads progress")) stored = 0;
  for (const file of files) {
    const large = file.size > rows.dataset.limit;
    const row = rows.content.children[+!large]?.cloneNode(true);
    if (!row) return; // the form sends it
    $("bdi", row).textContent = file.name;
    $("button", row).onclick = () => {
      htmx.trigger(row, "htmx:abort");
      row.remove();
      ($("#uploads button") ?? $("[type=file]"))?.focus();
    };
    $("#uploads").append(row);
    const post = () => htmx.ajax("POST", form.action, { source: row, values: { files: file, stored }, fetch: send });
    if (!large) last = last.then(post).then(() => againModal.open && closed().then(post)).then(() => row.remove());
  }
  form.reset();
  unsaved.delete(form);
  form.closest("dialog")?.close();
}

const closed = () => new Promise((go) => againModal.addEventListener("close", go, { once: true }));
const send = (url, { headers, body, signal }) => new Promise((done, fail) => {
  const xhr = new XMLHttpRequest(); // fetch tells no progress
  xhr.open("POST", url);
  for (const name in headers) xhr.setRequestHeader(name, headers[name]);
  xhr.upload.onprogress = (e) => { $("#uploads progress").value = e.loaded / e.total; };
  xhr.onloadend = () => {
    const { status } = xhr, mark = xhr.getResponseHeader("X-Kb");
    stored += status === 200;
    mark ? done(new Response(xhr.response, { status, headers: { "X-Kb": mark } })) : fail(signal.reason);
  };
  signal.onabort = () => xhr.abort();
  xhr.send(body);
});

["dragover", "dragleave", "drop"].forEach((type) => on(type, (e) => {
  const form = $("[data-upload]", front() ?? document);
  if (!form || !e.dataTransfer.types.includes("Files")) return;
  e.preventDefault();
  form.toggleAttribute("data-over", type === "dragover");
  if (type === "drop") take(form, e.dataTransfer.files);
}));
on("change", ({ target, target: { form, files } }) => {
  if (files && $("[data-limit]", form)) take(form, files);
  if (target.matches("[data-autosubmit]")) form.requestSubmit();
});

// ---- lists: rows open on a click anywhere, arrows move, Back finds the row again

const inRow = () => document.activeElement.type === "checkbox" ? ".tick input" : "th a";
const stops = (list) => all(list.matches("[data-hits]") ? "a, button" : `tr[data-href] ${inRow()}`, list);
const listKey = () => `row ${location.pathname}${location.search}`;

function openRow(row, aside) {
  if (aside) window.open(row.dataset.href, "_blank", "noopener");
  else { remember(row); location.assign(row.dataset.href); }
}
const remember = (row) => sessionStorage.setItem(listKey(), row.id);

function findRowAgain() {
  const row = document.getElementById(sessionStorage.getItem(listKey()) ?? "");
  const [visit] = performance.getEntriesByType("navigation");
  const isBack = visit?.type === "back_forward" || (row && document.referrer.includes(row.dataset.href));
  if (!row || !isBack) return;
  $("th a", row)?.focus({ preventScroll: true });
  const { top, bottom } = row.getBoundingClientRect();
  if (top < 60 || bottom > innerHeight) row.scrollIntoView({ block: "center" });
}
findRowAgain();

function move(e) {
  const list = e.target.closest("[data-rows], [data-hits]")
    ?? (e.target.closest("[role=search]") && $("[data-hits], [data-rows]", front() ?? document));
  if (!list) return;
  const links = stops(list), next = links.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1);
  e.preventDefault();
  (links[next] ?? (next < 0 ? $("[role=search] input[type=search]", front() ?? document) : null))?.focus();
}

// Enter in the quick search waits for the answer to what was typed, then opens the only hit.
let hits = "shown";

function showHits() {
  if (hits === "wanted") openHit();
  hits = "shown";
}

function openHit() {
  const links = stops($("[data-hits]", modal));
  if (links.length === 1 || links[0]?.matches("[data-exact]")) location.assign(links[0].href);
  else links[0]?.focus();
}

// ---- ticks of a list: ranges with shift, all on screen, how many there are

let lastTick;
on("click", ({ target, target: { form }, shiftKey }) => {
  if (form?.id !== "choice" || target.type !== "checkbox") return;
  const { all: found, head } = form.elements, bar = $("[data-chosen]", form);
  const ticks = all("tbody input", form), isOn = (tick) => tick.checked;
  const [from, to] = [ticks.indexOf(lastTick), ticks.indexOf(target)].sort((a, b) => a - b);
  const set = target === head ? !ticks.every(isOn) : target.checked;
  const range = target === head ? ticks : shiftKey && from >= 0 ? ticks.slice(from, to) : [];
  range.forEach((tick) => { tick.checked = set; });
  head.checked = ticks.every(isOn);
  if (target !== found) found.checked &&= head.checked;
  bar.textContent = bar.dataset.chosen.replace("#", found.checked ? found.dataset.found : ticks.filter(isOn).length);
  form.dataset.home = target.id;
  lastTick = target;
});

// ---- pickers: typing narrows them, Enter takes the first line, arrows walk

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const has = (item, typed) => plain(item.textContent).includes(plain(typed));
const narrow = (picker, typed) => all("li", picker).forEach((item) => { item.hidden = !has(item, typed); });

function pick(line, find, picker) {
  if (!line.form) return line.focus();
  if (!find.value) return line.form.requestSubmit();
  line.click();
  line.closest("ul").prepend(line.closest("li"));
  narrow(picker, (find.value = ""));
}

function walk(e, picker) {
  const stops = all("[data-find], [data-line]", picker).filter((stop) => !stop.closest("[hidden]"));
  const [find, ...lines] = stops, isFound = ({ checked, parentNode }) => !checked && has(parentNode, find.value);
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key], line = lines.find(isFound) ?? lines[0];
  if (step) stops[stops.indexOf(e.target) + step]?.focus();
  else if (e.key === "Enter" && e.target === find) line && pick(line, find, picker);
  else return;
  e.preventDefault();
}

// ---- groups change their place by dragging

let dragged, place;

function drag(group) {
  dragged = group;
  document.body.toggleAttribute("data-dragging", !!group);
  over();
}

function over(to) {
  place?.removeAttribute("data-over");
  place = to;
  place?.setAttribute("data-over", "");
}

on("dragstart", (e) => drag(near(e, "group")));
on("dragend", () => drag());
on("dragover", (e) => {
  over(dragged && !dragged.contains(e.target) ? near(e, "drop") : null);
  if (place) e.preventDefault();
});
on("drop", (e) => {
  if (!place) return;
  e.preventDefault();
  const form = $("#placement");
  form.group.value = dragged.dataset.group;
  form.below.value = place.dataset.drop;
  form.dataset.home = `${dragged.id}-edit`;
  form.requestSubmit();
});

// ---- clicks

on("click", (e) => {
  all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(e.target)) menu.open = false; });
  const row = near(e, "href"), link = e.target.closest("a, button, input, label, summary");
  if (row && link?.matches("a[href]")) remember(row);
  if (row && !link && getSelection().type !== "Range") openRow(row, e.ctrlKey || e.metaKey);
  if (near(e, "print")) { e.preventDefault(); print(); }
  if (document.referrer === near(e, "back")?.href.split("#")[0]) { e.preventDefault(); history.back(); }
  if (near(e, "copy")) copy(near(e, "copy").dataset.copy);
  if (near(e, "insert")) insert(near(e, "insert").dataset.insert);
  if (near(e, "keys")) help();
  if (near(e, "dismiss")) near(e, "dismiss").closest(".toast").remove();
  if (near(e, "close") && front()) {
    e.preventDefault();
    front() === modal ? leave() : againModal.close();
  }
});
on("auxclick", (e) => {
  const row = near(e, "href");
  if (e.button === 1 && row && !e.target.closest("a")) openRow(row, true);
});

const copy = (text) => navigator.clipboard.writeText(text).then(() => say("toast-copied"));

let written; // where a placeholder goes, as if it was typed

on("focusin", (e) => { written = near(e, "fill") ?? written; });

function insert(text) {
  (written ?? $("textarea[data-fill]")).focus();
  document.execCommand("insertText", false, text);
}

function help() {
  opener = { element: document.activeElement };
  host.replaceChildren($("#keys-help").content.cloneNode(true));
  show(modal, host);
}

// ---- keys

on("keydown", (e) => {
  if (e.defaultPrevented || e.isComposing) return;
  const isTyping = e.target.matches("input, textarea, select");
  const isCommand = e.ctrlKey || e.metaKey, hasModifier = isCommand || e.altKey;
  if (isCommand && e.key === "Enter") submitHere(e);
  else if (isCommand && e.key === "k") { e.preventDefault(); if (!front()) $("#quick-open")?.click(); }
  else if (isCommand && e.key === "z" && !isTyping) press(e, all(".toast form button").at(-1));
  else if (e.key === "Escape") closeMenu();
  else if (["ArrowDown", "ArrowUp"].includes(e.key) && !hasModifier) move(e);
  else if (e.key === "Enter" && isTyping && modal.open && e.target.closest("[data-quick]")) {
    e.preventDefault();
    if (hits === "shown") openHit(); else hits = "wanted";
  }
  else if (!isTyping && !hasModifier && !front()) pressLetter(e);
  if (!e.defaultPrevented && near(e, "picker")) walk(e, near(e, "picker"));
});

function pressLetter(e) {
  const letter = "letters" in document.body.dataset && /^[a-z]$/.test(e.key) && $(`[data-key=${e.key}]`);
  press(e, e.key === "/" ? $("#quick-open") : letter);
  if (e.key === "?") help();
}

function press(e, target) {
  if (target) { e.preventDefault(); target.click(); }
}

function submitHere(e) {
  const form = e.target.closest("form") ?? $("dialog[open] .form");
  if (form) { e.preventDefault(); form.requestSubmit(); }
}

function closeMenu() {
  const menu = $("details[data-menu][open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); }
}

for (const tab of all(".tabs [aria-current]")) tab.parentNode.scrollLeft ||= tab.offsetLeft - 48;
if (!front()) focusWrong($("#main")); // a refused page without a dialog
