// Ticks of the customer list: ranges with shift, all on screen, how many there are.
let last;

document.addEventListener("click", ({ target, shiftKey }) => {
  const { form } = target;
  if (form?.id !== "choice" || target.type !== "checkbox") return;
  const { all, head } = form.elements, bar = form.querySelector("[data-chosen]");
  const ticks = [...form.querySelectorAll("tbody input")], isOn = (tick) => tick.checked;
  const [from, to] = [ticks.indexOf(last), ticks.indexOf(target)].sort((a, b) => a - b);
  const set = target === head ? !ticks.every(isOn) : target.checked;
  const range = target === head ? ticks : shiftKey && from >= 0 ? ticks.slice(from, to) : [];
  range.map((tick) => { tick.checked = set; });
  head.checked = ticks.every(isOn);
  if (target !== all) all.checked &&= head.checked;
  bar.textContent = bar.dataset.chosen.replace("#", all.checked ? all.dataset.found : ticks.filter(isOn).length);
  form.dataset.home = target.id;
  last = target;
});
