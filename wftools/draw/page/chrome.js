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
  return event.target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

// Tells what happened to those who do not see it.
function say(text) {
  document.getElementById("said").textContent = text;
}
