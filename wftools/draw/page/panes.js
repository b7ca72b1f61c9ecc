// Several panes beside each other that show the same scenes of several versions, with one camera.

const WIDE = 1.2; // width to height of a workflow

class Panes {
  // `root` holds .pane[data-side] elements; each of `scenes` has, by side, the key of a scene, or null.
  constructor(root, tabs, scenes, picked) {
    this.root = root;
    this.tabs = tabs;
    this.scenes = scenes;
    this.by = {};
    for (const element of root.querySelectorAll(".pane")) {
      const side = element.dataset.side;
      if (!element.querySelector("svg")) {
        element.remove();
        continue;
      }
      this.by[side] = new Pane(element, {
        moved: (camera) => this.follow(side, camera),
        picked: (picture) => picked(side, picture),
        opened: (key) => this.open(scenes.findIndex((scene) => scene[side] === key)),
      });
    }
    this.makeTabs();
    this.open(0);
  }

  get scene() {
    return this.scenes[this.index];
  }

  makeTabs() {
    this.tabs.hidden = this.scenes.length < 2;
    this.scenes.forEach((scene, index) => {
      const count = scene.count ? make("span", { class: "count" }, String(scene.count)) : null;
      this.tabs.append(
        make("button", { type: "button", role: "tab", onclick: () => this.open(index) }, scene.title, count),
      );
    });
    moveByArrows(this.tabs);
  }

  open(index) {
    if (index < 0 || index === this.index) return;
    this.index = index;
    for (const [side, pane] of Object.entries(this.by)) {
      const there = this.scene[side] !== null && pane.show(this.scene[side]);
      pane.root.classList.toggle("absent", !there);
      pane.scene.svg.toggleAttribute("hidden", !there);
    }
    [...this.tabs.children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    this.fit();
  }

  // The sides that can be seen now.
  shown() {
    return Object.keys(this.by).filter((side) => this.by[side].root.offsetParent !== null);
  }

  // Those of them that have the scene that is shown.
  there() {
    return this.shown().filter((side) => this.scene[side] !== null);
  }

  follow(side, camera) {
    for (const other of Object.keys(this.by)) {
      if (other !== side && this.scene[other] !== null) this.by[other].look(camera, false);
    }
  }

  // Shows all that any version has.
  fit() {
    const there = this.there();
    if (!there.length) return;
    const rect = around(there.map((side) => this.by[side].scene.bounds));
    // What is wide is shown one above the other, which leaves more of it to be read.
    this.root.classList.toggle("stacked", rect.width > WIDE * rect.height);
    const pane = this.by[there[0]];
    pane.look(pane.fitting(rect));
  }

  // Shows spots, by side lists of the key of a scene, the id of a node or null, and the frame.
  focus(spots) {
    this.choose();
    const wanted = this.scenes.findIndex((scene) => Object.keys(this.by).some((side) => spots[side]?.[0][0] === scene[side]));
    this.open(wanted);
    let focused = false;
    for (const side of this.there().reverse()) {
      const pane = this.by[side];
      const here = (spots[side] ?? []).filter(([key]) => key === pane.key);
      if (!here.length) continue;
      pane.choose(...here.filter(([, id]) => id !== null).map(([, id]) => pane.node(id)));
      if (!focused) pane.focus(around(here.map(([, , x, y, width, height]) => ({ x, y, width, height }))));
      focused = true;
    }
  }

  choose(...elements) {
    for (const pane of Object.values(this.by)) pane.choose();
    for (const each of elements) each?.classList.add("chosen");
  }

  // The index among `things`, each with spots, of the one that an element of a picture belongs to.
  find(side, element, things) {
    const id = element?.dataset.node ?? element?.dataset.target;
    const is = ([scene, node]) => scene === this.scene[side] && node === id;
    return id === undefined ? -1 : things.findIndex((thing) => thing.spots[side]?.some(is));
  }

  first() {
    return this.by[this.there()[0]];
  }

  press(key) {
    if (key === "0" || key === "f") this.fit();
    else return this.first()?.press(key) ?? false;
    return true;
  }
}
