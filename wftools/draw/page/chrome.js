// What all pages have: elements made without parsing text, and a switch between dark and light.

// An element with attributes and content; text is never parsed.
function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...content.filter((each) => each !== null && each !== undefined));
  return element;
}

function data() {
  return JSON.parse(document.getElementById("data").textContent);
}

function switchTheme() {
  const root = document.documentElement;
  const prefersLight = matchMedia("(prefers-color-scheme: light)").matches;
  const now = root.dataset.theme ?? (prefersLight ? "light" : "dark");
  root.dataset.theme = now === "light" ? "dark" : "light";
}

// Whether a key belongs to a field that is written in.
function isWriting(event) {
  return Boolean(event.target.closest?.("input:not([type=checkbox]), textarea, select"));
}

// Tells what happened to those who do not see it.
function say(text) {
  document.getElementById("said").textContent = text;
}

// Calls `act` with each key that is pressed and means nothing else; it says whether it did something.
function listenToKeys(act) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event)) return;
    if (event.target.closest?.("button") && (event.key === "Enter" || event.key === " ")) return;
    if (act(event.key)) event.preventDefault();
  });
}

// The arrow keys go from tab to tab.
function moveByArrows(list) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = [...list.children];
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
    event.preventDefault();
    event.stopPropagation();
  });
}
