// The page of a comparison: for each file the list of its changes, and the old and the new version as pictures.

const SIGNS = { "+": ["added", "+"], "-": ["removed", "−"], "~": ["changed", "~"] };
const MARKUP = { inserted: "ins", deleted: "del" };

// Pieces of text, each with what it is.
function pieces(list) {
  return list.map(([text, role]) => make(MARKUP[role] ?? "span", { class: role }, text));
}

class FileView {
  constructor(section, file) {
    this.section = section;
    this.file = file;
    this.entries = [];
    this.at = -1;
    const [panes, tabs] = [".panes", ".scenes"].map((each) => section.querySelector(each));
    this.panes = new Panes(panes, tabs, file.scenes, (side, element) => this.pick(side, element));
    this.divider = section.querySelector(".divider");
    this.divider.addEventListener("input", () => this.share());
    this.share();
    this.makeList();
  }

  // The list of changes

  makeList() {
    const list = this.section.querySelector(".list");
    for (const chapter of this.file.chapters) {
      if (chapter.title.length) list.append(make("h2", {}, ...pieces(chapter.title)));
      const rows = chapter.entries.map((entry) => {
        const index = this.entries.push(entry) - 1;
        const [kind, sign] = SIGNS[entry.sign];
        const how = entry.details.flatMap((detail, i) => [i ? ", " : "", ...pieces(detail)]);
        const text = make("span", {}, ...pieces(entry.head), how.length ? make("span", { class: "how" }, ...how) : null);
        const mark = make("span", { class: `sign ${kind}`, "aria-label": kind, role: "img" }, sign);
        entry.button = make("button", { type: "button", onclick: () => this.choose(index) }, mark, text);
        return make("li", {}, entry.button);
      });
      list.append(make("ol", {}, ...rows));
    }
    if (!this.entries.length) list.append(make("p", { class: "quiet" }, this.file.remark));
    this.section.querySelector(".untold").textContent = this.file.untold;
  }

  choose(index, jump = true) {
    this.entries[this.at]?.button.removeAttribute("aria-current");
    this.at = index;
    const entry = this.entries[index];
    entry?.button.setAttribute("aria-current", "true");
    entry?.button.scrollIntoView({ block: "nearest" });
    this.describe(entry);
    this.panes.choose();
    if (!entry || !jump) return;
    this.panes.focus(entry.spots);
    say(entry.button.textContent);
  }

  step(by) {
    const count = this.entries.length;
    if (count) this.choose(this.at < 0 ? (by > 0 ? 0 : count - 1) : (this.at + by + count) % count);
  }

  // What is clicked in a picture is found in the list.
  pick(side, element) {
    this.choose(this.panes.find(side, element, this.entries), false);
    this.panes.choose(element);
  }

  describe(entry) {
    const details = this.section.querySelector(".details");
    details.hidden = !entry?.parts.length;
    if (details.hidden) return;
    const rows = entry.parts.flatMap(([name, how]) => [make("dt", {}, name), make("dd", {}, make("pre", {}, ...pieces(how)))]);
    details.replaceChildren(make("h2", {}, ...pieces(entry.head)), make("dl", {}, ...rows));
  }

  share() {
    this.section.querySelector(".panes").style.setProperty("--share", `${this.divider.value}%`);
  }
}

// Files

const { files } = data();
const sections = [...document.querySelectorAll(".file")];
const views = files.map(() => null);
let current = 0;
const view = () => views[current];

function showFile(index) {
  current = (index + files.length) % files.length;
  sections.forEach((section, i) => section.toggleAttribute("hidden", i !== current));
  views[current] ??= new FileView(sections[current], files[current]);
  [...document.getElementById("files").children].forEach((tab, i) => {
    tab.setAttribute("aria-selected", String(i === current));
    tab.tabIndex = i === current ? 0 : -1;
  });
  document.getElementById("summary").textContent = files[current].summary;
  view().panes.fit();
}

function makeFiles() {
  const list = document.getElementById("files");
  list.hidden = files.length < 2;
  files.forEach((file, index) => {
    const count = make("span", { class: "count" }, file.status === "changed" ? String(file.count) : file.status);
    list.append(make("button", { type: "button", role: "tab", onclick: () => showFile(index) }, file.name, count));
  });
  moveByArrows(list);
}

function setView(mode) {
  document.body.dataset.view = mode;
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  views[current]?.panes.fit();
}

function showMoves(shown) {
  document.getElementById("layout").checked = shown;
  document.body.classList.toggle("without-moves", !shown);
}

// Keys and buttons

const commands = {
  n: () => view().step(1),
  p: () => view().step(-1),
  1: () => setView("beside"),
  2: () => setView("both"),
  3: () => setView("slider"),
  l: () => showMoves(!document.getElementById("layout").checked),
  "]": () => showFile(current + 1),
  "[": () => showFile(current - 1),
  t: switchTheme,
  Escape: () => view().choose(-1),
};
listenToKeys((key) => {
  if (commands[key]) commands[key]();
  else return view().panes.press(key);
  return true;
});

const buttons = {
  nearer: () => view().panes.first()?.zoom(STEP),
  further: () => view().panes.first()?.zoom(1 / STEP),
  fit: () => view().panes.fit(),
  theme: switchTheme,
};
for (const [id, act] of Object.entries(buttons)) document.getElementById(id).addEventListener("click", act);
for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", () => setView(button.dataset.mode));
}
document.getElementById("layout").addEventListener("change", (event) => showMoves(event.target.checked));

setView("beside");
makeFiles();
showFile(0);
