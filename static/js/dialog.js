// <a href="#id" data-dialog="id"> opens <dialog id>; without this script `:target` shows it instead.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest?.("[data-dialog-close]")) {
    const shown = event.target.closest("dialog");
    if (shown?.open) {
      event.preventDefault();
      shown.close();
    }
  }
  // a click on the backdrop is one on the dialog itself
  if (event.target.matches?.("dialog[open]") && event.target.dataset.stay === undefined) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
