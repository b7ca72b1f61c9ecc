// A pane shows the scenes of one workflow, one at a time, and moves a camera over the scene that is shown.
// It knows nothing of what stands around it: who makes a pane is told of what happens in it.

const CLICK = 4; // pixels that a pointer may move between down and up and still have clicked
const NEAREST = 4; // the largest zoom, and the smallest
const FURTHEST = 0.02;
const STEP = 1.25; // of a zoom by key or button
const PAN = 80; // pixels, by an arrow key
const AROUND = 24; // pixels around what fills the pane
const FAR = 0.25; // the zoom below which texts cannot be read, and are not drawn
const READABLE = 1; // the zoom at which what is jumped to is shown, at least

// The rectangle around rectangles.
function around(rects) {
  const x = Math.min(...rects.map((each) => each.x));
  const y = Math.min(...rects.map((each) => each.y));
  const right = Math.max(...rects.map((each) => each.x + each.width));
  const bottom = Math.max(...rects.map((each) => each.y + each.height));
  return { x, y, width: right - x, height: bottom - y };
}

class Pane {
  // `root` holds an <svg data-scene> for each scene, each with a .camera group.
  constructor(root, { picked, opened, moved, shown } = {}) {
    this.root = root;
    this.told = { picked, opened, moved, shown };
    this.scenes = new Map();
    for (const svg of root.querySelectorAll("svg[data-scene]")) {
      const [x, y, width, height] = svg.dataset.bounds.split(" ").map(Number);
      svg.removeAttribute("viewBox");
      this.scenes.set(svg.dataset.scene, { svg, bounds: { x, y, width, height }, camera: null });
    }
    this.pointers = new Map();
    this.listen();
    const first = this.scenes.keys().next();
    this.key = first.value;
    for (const [key, { svg }] of this.scenes) svg.toggleAttribute("hidden", key !== this.key);
  }

  get scene() {
    return this.scenes.get(this.key);
  }

  get camera() {
    return this.scene.camera ?? this.fitting(this.scene.bounds);
  }

  // Shows the scene of a key; whether there is one.
  show(key) {
    const there = this.scenes.has(key);
    if (there && key !== this.key) {
      this.scene.svg.setAttribute("hidden", "");
      this.key = key;
      this.scene.svg.removeAttribute("hidden");
      this.told.shown?.(key);
    }
    if (there) this.look(this.camera, false);
    return there;
  }

  // Moves the camera: x and y are the point of the scene in the upper left corner, k the zoom.
  look(camera, tell = true) {
    const k = Math.min(Math.max(camera.k, FURTHEST), NEAREST);
    const made = { x: camera.x, y: camera.y, k };
    this.scene.camera = made;
    const transform = `scale(${k}) translate(${-made.x} ${-made.y})`;
    this.scene.svg.querySelector(".camera").setAttribute("transform", transform);
    this.scene.svg.querySelector("pattern").setAttribute("patternTransform", transform);
    this.scene.svg.classList.toggle("far", k < FAR);
    if (tell) this.told.moved?.(made);
  }

  fit() {
    this.look(this.fitting(this.scene.bounds));
  }

  // The camera that shows a rectangle as large as possible, though not enlarged.
  fitting(rect) {
    const { width, height } = this.size();
    const k = Math.min((width - AROUND) / rect.width, (height - AROUND) / rect.height, 1);
    return this.centred(rect, Math.max(k, FURTHEST));
  }

  // Shows a rectangle in the middle, near enough to be read.
  focus(rect) {
    const { width, height } = this.size();
    const fits = Math.min((width - AROUND) / rect.width, (height - AROUND) / rect.height);
    this.look(this.centred(rect, Math.min(Math.max(this.camera.k, READABLE), fits)));
  }

  centred(rect, k) {
    const { width, height } = this.size();
    return { x: rect.x + rect.width / 2 - width / 2 / k, y: rect.y + rect.height / 2 - height / 2 / k, k };
  }

  size() {
    const { width, height } = this.root.getBoundingClientRect();
    return { width: Math.max(width, 1), height: Math.max(height, 1) };
  }

  pan(dx, dy) {
    const { x, y, k } = this.camera;
    this.look({ x: x - dx / k, y: y - dy / k, k });
  }

  // Zooms about a point of the pane; without, about its middle.
  zoom(factor, at = null) {
    const { width, height } = this.size();
    const [px, py] = at ?? [width / 2, height / 2];
    const { x, y, k } = this.camera;
    const near = Math.min(Math.max(k * factor, FURTHEST), NEAREST);
    this.look({ x: x + px / k - px / near, y: y + py / k - py / near, k: near });
  }

  // Does what a key asks for; whether it asks for anything.
  press(key) {
    const done = {
      "+": () => this.zoom(STEP),
      "=": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      0: () => this.fit(),
      f: () => this.fit(),
      ArrowLeft: () => this.pan(PAN, 0),
      ArrowRight: () => this.pan(-PAN, 0),
      ArrowUp: () => this.pan(0, PAN),
      ArrowDown: () => this.pan(0, -PAN),
    }[key];
    done?.();
    return Boolean(done);
  }

  // The element of a node in the scene that is shown.
  node(id) {
    return this.scene.svg.querySelector(`.a-node[data-node="${CSS.escape(id)}"]`);
  }

  // Marks elements as the chosen ones.
  choose(...elements) {
    for (const each of this.root.querySelectorAll(".chosen")) each.classList.remove("chosen");
    for (const each of elements) each?.classList.add("chosen");
  }

  listen() {
    const root = this.root;
    root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    root.addEventListener("pointerdown", (event) => this.down(event));
    root.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) root.addEventListener(kind, (event) => this.up(event));
    root.addEventListener("dblclick", (event) => {
      const inside = event.target.closest?.("[data-inside]");
      if (inside) this.told.opened?.(inside.dataset.inside, inside);
    });
    new ResizeObserver(() => this.look(this.camera, false)).observe(root);
  }

  place(event) {
    const { left, top } = this.root.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  wheel(event) {
    event.preventDefault();
    if (event.shiftKey) {
      this.pan(-(event.deltaX || event.deltaY), 0);
      return;
    }
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.0015; // a pinch on a trackpad comes as a wheel with Ctrl
    this.zoom(Math.exp(-Math.max(Math.min(event.deltaY * lines, 300), -300) * speed), this.place(event));
  }

  down(event) {
    if (event.button > 1) return;
    this.pointers.set(event.pointerId, { at: this.place(event), from: this.place(event), target: event.target });
    this.root.focus({ preventScroll: true });
  }

  move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const at = this.place(event);
    if (!pointer.drags && Math.hypot(at[0] - pointer.from[0], at[1] - pointer.from[1]) > CLICK) {
      pointer.drags = true;
      this.root.setPointerCapture(event.pointerId);
      this.root.classList.add("drags");
    }
    if (!pointer.drags) return;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const was = Math.hypot(pointer.at[0] - other.at[0], pointer.at[1] - other.at[1]);
      const is = Math.hypot(at[0] - other.at[0], at[1] - other.at[1]);
      const middle = [(at[0] + other.at[0]) / 2, (at[1] + other.at[1]) / 2];
      this.pan((at[0] - pointer.at[0]) / 2, (at[1] - pointer.at[1]) / 2);
      if (was > 0) this.zoom(is / was, middle);
    } else {
      this.pan(at[0] - pointer.at[0], at[1] - pointer.at[1]);
    }
    pointer.at = at;
  }

  up(event) {
    const pointer = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    this.root.classList.remove("drags");
    if (!pointer || pointer.drags || event.type === "pointercancel") return;
    const opener = pointer.target.closest?.(".opener");
    const node = pointer.target.closest?.(".a-node");
    if (opener && node) this.told.opened?.(node.dataset.inside, node);
    else this.told.picked?.(node ?? pointer.target.closest?.(".a-link") ?? null);
  }
}
