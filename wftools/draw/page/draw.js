// The page of one workflow: canvas, tabs, search, details.

const { scenes } = data();
const byKey = new Map(scenes.map((scene) => [scene.key, scene]));
const way = [scenes[0].key]; // the scenes that were opened one inside the other
let chosen = null; // the index of a node of the scene that is shown

const details = document.getElementById("details");
const search = document.getElementById("search");
const found = document.getElementById("found");

const pane = new Pane(document.getElementById("canvas"), {
  picked: (element) => (element?.dataset.node === undefined ? pickLink(element) : pick(place(element.dataset.node))),
  opened: (key) => open(key, true),
  moved: showZoom,
});

const scene = () => byKey.get(pane.key);
const place = (id) => scene().nodes.findIndex((node) => node.id === id);

function showZoom() {
  document.getElementById("zoom").textContent = `${Math.round(pane.camera.k * 100)} %`;
}

// Scenes

function open(key, inside = false) {
  if (!byKey.has(key)) return;
  const at = way.indexOf(key);
  if (at >= 0) way.length = at + 1;
  else if (inside) way.push(key);
  else way.splice(0, way.length, ...(key === scenes[0].key ? [key] : [scenes[0].key, key]));
  pane.show(key);
  showZoom();
  pick(-1);
  showWay();
  say(`${scene().title}, ${scene().nodes.length} nodes`);
}

function showWay() {
  const trail = way.map((key, index) => {
    const last = index === way.length - 1;
    const button = make("button", { type: "button", onclick: () => open(key) }, byKey.get(key).title);
    if (last) button.setAttribute("aria-current", "page");
    return make("li", {}, button);
  });
  document.getElementById("way").replaceChildren(...trail);
  for (const tab of document.querySelectorAll("#scenes [data-key]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.key === pane.key));
    tab.tabIndex = tab.dataset.key === pane.key ? 0 : -1;
  }
}

function makeTabs() {
  const list = document.getElementById("scenes");
  list.hidden = scenes.length < 2;
  for (const each of scenes) {
    const attributes = { type: "button", role: "tab", "data-key": each.key, "aria-controls": "canvas" };
    const count = make("span", { class: "count" }, String(each.nodes.length));
    list.append(make("button", { ...attributes, onclick: () => open(each.key) }, each.title, count));
  }
  moveByArrows(list);
}

// Details

function pick(index, jump = false) {
  chosen = index >= 0 ? index : null;
  const node = scene().nodes[index];
  pane.choose(node ? pane.node(node.id) : null);
  details.replaceChildren(...(node ? describe(node) : [hint()]));
  document.body.classList.toggle("has-details", Boolean(node));
  if (!node) return;
  if (jump) pane.focus(node);
  say(`${node.title}, ${node.type}`);
}

function hint() {
  return make("p", { class: "quiet" }, "Choose a node to see its values.");
}

function describe(node) {
  const parts = [
    make("h2", {}, node.title),
    make("p", { class: "quiet" }, [node.type, `#${node.id}`, node.state].filter(Boolean).join(" · ")),
  ];
  if (node.inside !== null && byKey.has(node.inside)) {
    parts.push(make("button", { type: "button", class: "wide", onclick: () => open(node.inside, true) }, "Open the subgraph"));
  }
  if (node.widgets.length) {
    const rows = node.widgets.flatMap(([name, value, linked]) => [
      make("dt", {}, name || "value", linked ? make("span", { class: "quiet" }, " (given by a link)") : null),
      make("dd", {}, make("pre", {}, value)),
    ]);
    parts.push(make("h3", {}, "Values"), make("dl", {}, ...rows));
  }
  const inputs = scene().links.filter((link) => link.target === node.id);
  const outputs = scene().links.filter((link) => link.source === node.id);
  if (inputs.length) parts.push(make("h3", {}, "Inputs"), ends(inputs, (link) => [link.input, link.source, link.output]));
  if (outputs.length) parts.push(make("h3", {}, "Outputs"), ends(outputs, (link) => [link.output, link.target, link.input]));
  return parts;
}

function ends(links, of) {
  const rows = links.map((link) => {
    const [mine, id, theirs] = of(link);
    const index = place(id);
    const other = scene().nodes[index];
    const jump = make("button", { type: "button", onclick: () => pick(index, true) }, other ? other.title : id);
    return make("li", {}, `${mine} — `, jump, ` ${theirs}`, theirs === link.type ? null : make("span", { class: "quiet" }, ` ${link.type}`));
  });
  return make("ul", {}, ...rows);
}

function pickLink(element) {
  pick(-1);
  if (!element) return;
  pane.choose(element);
  const { source, target, input } = element.dataset;
  const link = scene().links.find((each) => each.source === source && each.target === target && each.input === input);
  if (!link) return;
  details.replaceChildren(
    make("h2", {}, link.type),
    ends([link], () => ["from", link.source, link.output]),
    ends([link], () => ["to", link.target, link.input]),
  );
  document.body.classList.add("has-details");
}

// Search

function look() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = [];
  for (const each of words.length ? scenes : []) {
    each.nodes.forEach((node, index) => {
      node.haystack ??= [node.title, node.type, `#${node.id}`, ...node.widgets.flat()].join("\n").toLowerCase();
      if (words.every((word) => node.haystack.includes(word))) hits.push({ each, node, index });
    });
  }
  const shown = hits.slice(0, 50).map(({ each, node, index }, number) => {
    const where = each.key === scenes[0].key ? "" : ` · in ${each.title}`;
    const attributes = { role: "option", id: `hit-${number}`, "aria-selected": String(number === 0) };
    const text = make("span", { class: "quiet" }, `${node.type} · #${node.id}${where}`);
    return make("li", { ...attributes, onclick: () => jump(each.key, index) }, make("b", {}, node.title), " ", text);
  });
  found.replaceChildren(...shown);
  found.hidden = words.length === 0;
  search.setAttribute("aria-expanded", String(!found.hidden));
  if (words.length && !hits.length) found.append(make("li", { class: "quiet" }, "Nothing found"));
  say(words.length ? `${hits.length} found` : "");
}

function jump(key, index) {
  if (key !== pane.key) open(key);
  pick(index, true);
  closeSearch();
}

function closeSearch() {
  found.hidden = true;
  search.setAttribute("aria-expanded", "false");
  pane.root.focus({ preventScroll: true });
}

search.addEventListener("input", look);
search.addEventListener("focus", look);
search.addEventListener("blur", () => setTimeout(() => (found.hidden = true), 200));
search.addEventListener("keydown", (event) => {
  const options = [...found.querySelectorAll("[role=option]")];
  const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    const next = options[(at + step + options.length) % options.length];
    options[at]?.setAttribute("aria-selected", "false");
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", next.id);
    event.preventDefault();
  } else if (event.key === "Enter") {
    options[at]?.click();
  } else if (event.key === "Escape") {
    closeSearch();
  }
});

// Keys and buttons

const commands = {
  "/": () => search.focus(),
  n: () => step(1),
  p: () => step(-1),
  Enter: () => chosen !== null && open(scene().nodes[chosen].inside, true),
  Escape: () => (chosen !== null ? pick(-1) : up()),
  Backspace: up,
  t: switchTheme,
};

function step(by) {
  const count = scene().nodes.length;
  if (count) pick(chosen === null ? (by > 0 ? 0 : count - 1) : (chosen + by + count) % count, true);
}

function up() {
  if (way.length > 1) open(way[way.length - 2]);
}

listenToKeys((key) => {
  if (pane.press(key)) return true;
  commands[key]?.();
  return Boolean(commands[key]);
});

const buttons = {
  nearer: () => pane.zoom(STEP),
  further: () => pane.zoom(1 / STEP),
  fit: () => pane.fit(),
  theme: switchTheme,
  close: () => pick(-1),
};
for (const [id, act] of Object.entries(buttons)) document.getElementById(id).addEventListener("click", act);

makeTabs();
showWay();
pane.show(pane.key);
showZoom();
pick(-1);
