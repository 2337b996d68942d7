// Counters, tags, colours and file drops. Each also runs on what htmx brings in.
const READY = "ready";

function each(root, selector, bind) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.push(root);
  for (const element of found) {
    if (element.dataset[READY]) continue;
    element.dataset[READY] = "1";
    bind(element);
  }
}

// Code points, as the server counts plain limits; networks' own counting comes from the server.
function counter(line) {
  const input = document.getElementById(line.dataset.counterFor);
  const allowed = Number(line.textContent.split("/")[1]);
  if (!input || !allowed) return;
  input.addEventListener("input", () => {
    const used = [...input.value].length;
    line.textContent = `${used} / ${allowed}`;
    line.toggleAttribute("data-over", used > allowed);
  });
}

// The named input keeps the words with commas between; an unnamed one beside the chips takes new words.
function tags(box) {
  const kept = box.querySelector("input");
  const entry = kept.cloneNode();
  entry.removeAttribute("name");
  entry.value = "";
  entry.required = false;
  kept.type = "hidden";
  kept.removeAttribute("id");
  box.append(entry);
  const words = () => kept.value.split(",").map((word) => word.trim()).filter(Boolean);
  const write = (list) => {
    kept.value = [...new Map(list.map((word) => [word.toLowerCase(), word])).values()].join(", ");
    kept.dispatchEvent(new Event("change", { bubbles: true }));
    draw();
  };
  const draw = () => {
    box.querySelectorAll(".tag").forEach((tag) => tag.remove());
    words().forEach((word, index) => {
      const tag = document.createElement("span");
      const remove = document.createElement("button");
      tag.className = "tag";
      tag.textContent = word;
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${box.dataset.remove}: ${word}`);
      remove.addEventListener("click", () => (write(words().filter((_, i) => i !== index)), entry.focus()));
      tag.append(remove);
      box.insertBefore(tag, entry);
    });
  };
  const take = () => {
    const given = entry.value.split(",").map((word) => word.trim()).filter(Boolean);
    entry.value = "";
    if (given.length) write([...words(), ...given]);
  };
  entry.addEventListener("keydown", (event) => {
    if (event.key === "," || (event.key === "Enter" && entry.value.trim())) {
      event.preventDefault();
      take();
    } else if (event.key === "Backspace" && !entry.value && words().length) write(words().slice(0, -1));
  });
  entry.addEventListener("blur", take);
  entry.addEventListener("paste", () => setTimeout(() => entry.value.includes(",") && take()));
  box.addEventListener("click", (event) => event.target === box && entry.focus());
  draw();
}

// WCAG 2.2 relative luminance: white text needs 4.5 to 1.
function colour(box) {
  const input = box.querySelector("input");
  const note = box.querySelector("[data-colour-note]");
  const say = () => {
    const [r, g, b] = input.value.match(/\w\w/g).map((hex) => {
      const part = parseInt(hex, 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    const contrast = 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
    box.querySelector("output").textContent = input.value;
    note.textContent = contrast >= 4.5 ? box.dataset.good : box.dataset.dark;
  };
  input.addEventListener("input", say);
  say();
}

function drop(box) {
  const input = box.querySelector("input[type=file]");
  const names = box.querySelector("[data-drop-names]");
  for (const kind of ["dragenter", "dragover"]) box.addEventListener(kind, () => box.toggleAttribute("data-over", true));
  for (const kind of ["dragleave", "drop"]) box.addEventListener(kind, () => box.toggleAttribute("data-over", false));
  input.addEventListener("change", () => (names.textContent = [...input.files].map((file) => file.name).join(", ")));
}

function bind(root) {
  each(root, "[data-counter-for]", counter);
  each(root, "[data-tags]", tags);
  each(root, "[data-colour]", colour);
  each(root, "[data-drop]", drop);
}

bind(document);
document.addEventListener("htmx:load", (event) => bind(event.detail.elt));
