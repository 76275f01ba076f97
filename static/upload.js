// Files go one by one, with progress and no time limit; without this the form sends all at once.
const $ = (selector, root = document) => root.querySelector(selector);
let last = Promise.resolve();

function take(form, files) {
  for (const file of files) {
    const [row, large] = $("template", form).content.cloneNode(true).children;
    const shown = file.size > form.dataset.limit ? large : row;
    $("bdi", shown).textContent = file.name;
    $(shown === row ? "#uploads" : "#toasts").append(shown);
    $("button", row).onclick = () => { htmx.trigger(row, "htmx:abort"); row.remove(); };
    last = last.then(() => htmx.ajax("POST", form.action, { source: row, values: { files: file }, fetch: send })).then(() => row.remove());
  }
  form.reset();
  form.closest("dialog")?.close();
}

const send = (url, { headers, body, signal }) => new Promise((done, fail) => {
  const xhr = new XMLHttpRequest(); // fetch tells no progress
  xhr.open("POST", url);
  for (const name in headers) xhr.setRequestHeader(name, headers[name]);
  xhr.upload.onprogress = (e) => { $("#uploads progress").value = e.loaded / e.total; };
  xhr.onload = () => xhr.getResponseHeader("X-Kb") ? done(new Response(xhr.response, { status: xhr.status, headers: { "X-Kb": 1 } })) : fail();
  xhr.onerror = fail;
  signal.onabort = () => fail(signal.reason, xhr.abort());
  xhr.send(body);
});

for (const type of ["dragover", "dragleave", "drop"]) addEventListener(type, (e) => {
  const form = $("dialog [data-upload]") ?? $("[data-upload]");
  if (!form || !e.dataTransfer.types.includes("Files")) return;
  e.preventDefault();
  form.toggleAttribute("data-over", type === "dragover");
  if (type === "drop") take(form, e.dataTransfer.files);
});
addEventListener("change", ({ target: { form, files } }) => { if (form?.matches("[data-upload]")) take(form, files); });
addEventListener("beforeunload", (e) => { if ($(".upload")) e.preventDefault(); });
