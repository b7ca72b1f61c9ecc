// The page of a merge: each conflict with what the versions want, and the three versions as pictures.

const { file, conflicts, scenes } = data();
const choices = new Map(); // by the ids of conflicts: {take} or {value}
const rows = [];
let current = -1;

const panes = new Panes(document.querySelector(".panes"), document.getElementById("scenes"), scenes, (side, element) => {
  const index = panes.find(side, element, conflicts);
  if (index >= 0) choose(index, false);
  panes.choose(element);
});

// The list of conflicts

const MARKUP = { inserted: "ins", deleted: "del" };
const pieces = (list) => list.map(([text, role]) => make(MARKUP[role] ?? "span", { class: role }, text));

function makeRow(conflict, index) {
  const head = make("button", { type: "button", onclick: () => choose(index) }, ...pieces(conflict.place));
  const kind = make("span", { class: "kind" }, ` ${conflict.id} · ${conflict.kind}`);
  const row = make("fieldset", {}, make("legend", {}, head, kind));
  for (const { side, label, value } of conflict.wishes) {
    const now = side === conflict.chosen ? make("span", { class: "now" }, "in the file for now") : null;
    const who = make("span", { class: "who" }, label === side ? side : `${side} (${label})`);
    const text = make("span", {}, who, now, make("span", { class: "said" }, ...pieces(value)));
    const radio = make("input", { type: "radio", name: conflict.id, value: side, onchange: () => take(index, side) });
    row.append(make("label", {}, radio, text));
  }
  if (conflict.takes_values) row.append(makeOther(conflict, index));
  return row;
}

// Another value than any version has.
function makeOther(conflict, index) {
  const radio = make("input", { type: "radio", name: conflict.id, value: "other", onchange: () => text.focus() });
  const text = make("input", {
    type: "text",
    "aria-label": "Another value: JSON, or a text",
    placeholder: "JSON, or a text",
    oninput: () => {
      radio.checked = true;
      decide(index, { value: valueOf(text.value) });
    },
  });
  const label = make("span", {}, make("span", { class: "who" }, "another value"), text);
  return make("label", { class: "other" }, radio, label);
}

function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// Choices

function take(index, side) {
  const radio = rows[index].querySelector(`input[value="${side}"]`);
  if (!radio) return;
  radio.checked = true;
  decide(index, { take: side });
}

function decide(index, choice) {
  choices.set(conflicts[index].id, choice);
  rows[index].classList.add("decided");
  show();
  showTaken();
}

function resolution() {
  return `${JSON.stringify(Object.fromEntries(choices), null, 2)}\n`;
}

function show() {
  const left = conflicts.length - choices.size;
  const open = left === 0 ? "all decided" : `${left} to decide`;
  const count = conflicts.length === 1 ? "1 conflict" : `${conflicts.length} conflicts`;
  document.getElementById("summary").textContent = `${count}, ${open}`;
  document.getElementById("export").disabled = choices.size === 0;
  document.getElementById("resolution").textContent = resolution();
}

function save() {
  const address = URL.createObjectURL(new Blob([resolution()], { type: "application/json" }));
  make("a", { href: address, download: "resolution.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  say("Saved as resolution.json");
}

// The conflict that is looked at

function choose(index, jump = true) {
  rows[current]?.classList.remove("current");
  current = index;
  const row = rows[index];
  if (!row) return;
  row.classList.add("current");
  row.scrollIntoView({ block: "nearest" });
  if (jump) panes.focus(conflicts[index].spots);
  showTaken();
  say(row.querySelector("legend").textContent);
}

function showTaken() {
  const taken = choices.get(conflicts[current]?.id)?.take;
  for (const [side, pane] of Object.entries(panes.by)) pane.root.classList.toggle("taken", side === taken);
}

function step(by) {
  const count = conflicts.length;
  if (count) choose(current < 0 ? (by > 0 ? 0 : count - 1) : (current + by + count) % count);
}

function pick(side) {
  if (current < 0) step(1);
  if (current >= 0) take(current, side);
}

// Keys and buttons

const commands = {
  n: () => step(1),
  p: () => step(-1),
  1: () => pick("base"),
  2: () => pick("ours"),
  3: () => pick("theirs"),
  4: () => pick("both"),
  s: () => choices.size && save(),
  t: switchTheme,
};
listenToKeys((key) => {
  if (commands[key]) commands[key]();
  else return panes.press(key);
  return true;
});

const buttons = {
  nearer: () => panes.first()?.zoom(STEP),
  further: () => panes.first()?.zoom(1 / STEP),
  fit: () => panes.fit(),
  theme: switchTheme,
  export: save,
  copy: () => navigator.clipboard?.writeText(document.getElementById("command").textContent),
};
for (const [id, act] of Object.entries(buttons)) document.getElementById(id).addEventListener("click", act);
for (const button of document.querySelectorAll("[data-all]")) {
  button.addEventListener("click", () => conflicts.forEach((_, index) => take(index, button.dataset.all)));
}

conflicts.forEach((conflict, index) => rows.push(makeRow(conflict, index)));
document.getElementById("list").append(...rows);
document.getElementById("command").textContent = `wftools resolve ${file} --from resolution.json`;
show();
step(1);
