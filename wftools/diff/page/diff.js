// The page of a comparison: for each file the list of its changes, and the old and the new version as pictures.

const WIDE = 1.2; // width to height of a workflow
const SIDES = ["old", "new", "both"];
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
    this.panes = {};
    for (const root of section.querySelectorAll(".pane")) {
      const side = root.dataset.side;
      if (!root.querySelector("svg")) {
        root.remove();
        continue;
      }
      this.panes[side] = new Pane(root, {
        moved: (camera) => this.follow(side, camera),
        picked: (element) => this.pick(side, element),
        opened: (key) => this.open(this.file.scenes.findIndex((scene) => scene[side] === key)),
      });
    }
    this.divider = section.querySelector(".divider");
    this.divider.addEventListener("input", () => this.share());
    this.share();
    this.makeList();
    this.makeTabs();
    this.open(0);
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
    for (const pane of Object.values(this.panes)) pane.choose(null);
    if (!entry || !jump) return;
    const scene = this.file.scenes.findIndex((each) => SIDES.some((side) => entry.spots[side]?.[0][0] === each[side]));
    if (scene >= 0) this.open(scene);
    let focused = false;
    for (const side of this.shown()) {
      const pane = this.panes[side];
      const spots = (entry.spots[side] ?? []).filter(([key]) => key === pane.key);
      if (!spots.length) continue;
      pane.choose(...spots.filter(([, id]) => id !== null).map(([, id]) => pane.node(id)));
      if (!focused) pane.focus(around(spots.map(([, , x, y, width, height]) => ({ x, y, width, height }))));
      focused = true;
    }
    say(entry.button.textContent);
  }

  step(by) {
    const count = this.entries.length;
    if (count) this.choose(this.at < 0 ? (by > 0 ? 0 : count - 1) : (this.at + by + count) % count);
  }

  // What is clicked in a picture is found in the list.
  pick(side, element) {
    const id = element?.dataset.node ?? element?.dataset.target;
    const key = this.scenes()[side];
    const is = ([scene, node]) => scene === key && node === id;
    const index = id === undefined ? -1 : this.entries.findIndex((entry) => entry.spots[side]?.some(is));
    this.choose(index, false);
    this.panes[side].choose(element);
  }

  describe(entry) {
    const details = this.section.querySelector(".details");
    details.hidden = !entry?.parts.length;
    if (details.hidden) return;
    const rows = entry.parts.flatMap(([name, how]) => [make("dt", {}, name), make("dd", {}, make("pre", {}, ...pieces(how)))]);
    details.replaceChildren(make("h2", {}, ...pieces(entry.head)), make("dl", {}, ...rows));
  }

  // Scenes

  scenes() {
    return this.file.scenes[this.open_];
  }

  makeTabs() {
    const list = this.section.querySelector(".scenes");
    list.hidden = this.file.scenes.length < 2;
    this.file.scenes.forEach((scene, index) => {
      const count = scene.count ? make("span", { class: "count" }, String(scene.count)) : null;
      list.append(make("button", { type: "button", role: "tab", onclick: () => this.open(index) }, scene.title, count));
    });
    moveByArrows(list);
  }

  open(index) {
    if (index < 0 || index === this.open_) return;
    this.open_ = index;
    const scene = this.scenes();
    for (const [side, pane] of Object.entries(this.panes)) {
      const there = scene[side] !== null && pane.show(scene[side]);
      pane.root.classList.toggle("absent", !there);
      pane.scene.svg.toggleAttribute("hidden", !there);
    }
    [...this.section.querySelector(".scenes").children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    this.fit();
  }

  // Cameras

  shown() {
    const sides = document.body.dataset.view === "both" ? ["both"] : ["new", "old"];
    const there = sides.filter((side) => this.panes[side]);
    return there.length ? there : Object.keys(this.panes);
  }

  first() {
    const [side] = this.shown();
    return this.panes[side];
  }

  follow(side, camera) {
    for (const [other, pane] of Object.entries(this.panes)) if (other !== side) pane.look(camera, false);
  }

  // Shows all that either version has.
  fit() {
    const all = this.shown().filter((side) => this.scenes()[side] !== null);
    const bounds = all.map((side) => this.panes[side].scene.bounds);
    if (!bounds.length) return;
    const rect = around(bounds);
    // What is wide is shown one above the other, which leaves more of it to be read.
    this.section.querySelector(".panes").classList.toggle("stacked", rect.width > WIDE * rect.height);
    const pane = this.panes[all[0]];
    pane.look(pane.fitting(rect));
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
  view().fit();
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
  views[current]?.fit();
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
  0: () => view().fit(),
  f: () => view().fit(),
  t: switchTheme,
  Escape: () => view().choose(-1),
};
listenToKeys((key) => {
  if (commands[key]) commands[key]();
  else return view().first()?.press(key) ?? false;
  return true;
});

const buttons = {
  nearer: () => view().first()?.zoom(STEP),
  further: () => view().first()?.zoom(1 / STEP),
  fit: () => view().fit(),
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
