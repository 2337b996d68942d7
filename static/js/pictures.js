// The pictures of a post: their buttons, and dragging one by its grip or by itself, move it among the others. The form
// then sends them in the order they stand in, as it sends everything that changes.
const STRIP = "#composer-pictures";
let dragged = null;
let home = null;

function changed(strip) {
  strip.querySelectorAll(".picture").forEach((picture, index) => {
    picture.id = `picture_${index + 1}`;
    picture.querySelectorAll("[data-number]").forEach((number) => (number.textContent = index + 1));
  });
  strip.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(`${STRIP} [data-move]`);
  if (!button) return;
  event.preventDefault();
  const picture = button.closest(".picture");
  const earlier = button.dataset.move === "-1";
  const other = earlier ? picture.previousElementSibling : picture.nextElementSibling;
  if (!other?.matches(".picture")) return;
  earlier ? other.before(picture) : other.after(picture);
  changed(picture.parentElement);
  const hidden = getComputedStyle(button).visibility === "hidden"; // the first has no earlier, the last no later
  (hidden ? picture.querySelector(`[data-move="${earlier ? 1 : -1}"]`) : button).focus();
});

document.addEventListener("dragstart", (event) => {
  const handle = event.target.closest?.(`${STRIP} .picture-grip, ${STRIP} .picture > img`);
  if (!handle) return;
  dragged = handle.closest(".picture");
  home = dragged.nextElementSibling;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  event.dataTransfer.setDragImage(dragged, 16, 16);
  dragged.toggleAttribute("data-dragged", true);
});

document.addEventListener("dragover", (event) => {
  if (!dragged || !event.target.closest?.(STRIP)) return;
  event.preventDefault();
  const over = event.target.closest(".picture");
  if (!over || over === dragged) return;
  const { top, height } = over.getBoundingClientRect();
  event.clientY < top + height / 2 ? over.before(dragged) : over.after(dragged);
});

document.addEventListener("drop", (event) => dragged && event.preventDefault());

document.addEventListener("dragend", (event) => {
  if (!dragged) return;
  dragged.toggleAttribute("data-dragged", false);
  if (event.dataTransfer.dropEffect === "none") home.before(dragged);
  else if (dragged.nextElementSibling !== home) changed(dragged.parentElement);
  dragged = home = null;
});
