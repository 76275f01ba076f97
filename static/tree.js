// Groups: typing narrows a picker, Enter takes its first line; dragged ones change their place.

const near = ({ target }, name) => target.closest?.(`[data-${name}]`);
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function narrow(picker, typed) {
  picker.querySelectorAll("li").forEach((item) => {
    item.hidden = !plain(item.textContent).includes(plain(typed));
  });
}

function pick(line, find, picker) {
  if (!line.form) return line.focus();
  if (!find.value) return line.form.requestSubmit();
  line.click();
  line.closest("ul").prepend(line.closest("li"));
  narrow(picker, (find.value = ""));
}

addEventListener("input", (e) => {
  if (near(e, "find")) narrow(near(e, "picker"), e.target.value);
});
addEventListener("keydown", (e) => {
  const picker = near(e, "picker");
  if (!picker || e.defaultPrevented) return;
  const all = [...picker.querySelectorAll("[data-find], [data-line]")];
  const stops = all.filter((stop) => !stop.closest("[hidden]")), [find, ...lines] = stops;
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key], line = lines.find((one) => !one.checked) ?? lines[0];
  if (step) stops[stops.indexOf(e.target) + step]?.focus();
  else if (e.key === "Enter" && e.target === find && line) pick(line, find, picker);
  else return;
  e.preventDefault();
});

let dragged, place;
addEventListener("dragstart", (e) => { dragged = near(e, "group"); });
addEventListener("dragend", () => { dragged = null; place?.removeAttribute("data-over"); });
addEventListener("dragover", (e) => {
  place?.removeAttribute("data-over");
  place = !dragged || dragged.contains(e.target) ? null : near(e, "drop");
  place?.setAttribute("data-over", "");
  if (place) e.preventDefault();
});
addEventListener("drop", (e) => {
  const form = document.querySelector("#placement");
  if (!place) return;
  e.preventDefault();
  form.group.value = dragged.dataset.group;
  form.below.value = place.dataset.drop;
  form.requestSubmit();
});
