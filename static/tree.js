// Groups: typing narrows a picker, Enter takes its first line; dragged ones change their place.

const near = ({ target }, name) => target.closest?.(`[data-${name}]`);
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const has = (item, typed) => plain(item.textContent).includes(plain(typed));

function narrow(picker, typed) {
  picker.querySelectorAll("li").forEach((item) => {
    item.hidden = !has(item, typed);
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
  const isFound = ({ checked, parentNode }) => !checked && has(parentNode, find.value);
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key], line = lines.find(isFound) ?? lines[0];
  if (step) stops[stops.indexOf(e.target) + step]?.focus();
  else if (e.key === "Enter" && e.target === find) line && pick(line, find, picker);
  else return;
  e.preventDefault();
});

let dragged, place;
function drag(group) {
  dragged = group;
  document.body.toggleAttribute("data-dragging", !!group);
  place?.removeAttribute("data-over");
}
addEventListener("dragstart", (e) => drag(near(e, "group")));
addEventListener("dragend", () => drag());
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
  form.dataset.home = `${dragged.id}-edit`;
  form.requestSubmit();
});
