// What pages do beyond reading, where there is script: menus that close, choosing many rows, dropping files.
"use strict";

const closest = (event, selector) => event.target instanceof Element ? event.target.closest(selector) : null;

// A menu closes when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  const inside = closest(event, "details.menu");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== inside) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Rows of a table are chosen one by one or all at once; what acts on them waits until one is chosen.
const boxes = (table) => [...table.querySelectorAll("tbody input[type=checkbox]")];

function countChosen(table) {
  const all = boxes(table);
  const chosen = all.filter((box) => box.checked).length;
  const head = table.querySelector("[data-choose-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  const form = table.closest("form");
  if (!form) return;
  for (const place of form.querySelectorAll("[data-chosen]")) {
    place.textContent = chosen ? place.dataset.chosen.replace("{count}", chosen) : "";
  }
  for (const control of form.querySelectorAll("[data-needs-choice]")) control.disabled = chosen === 0;
}

document.addEventListener("change", (event) => {
  const table = closest(event, "table[data-selectable]");
  if (!table) return;
  if (event.target.matches("[data-choose-all]")) {
    for (const box of boxes(table)) box.checked = event.target.checked;
  }
  countChosen(table);
});

// A list to pick from is picked whole by one box above it, which only script can offer.
const picks = (head) => [...head.closest("fieldset").querySelectorAll(".pick input[type=checkbox]")];

function countPicked(head) {
  const picked = picks(head).filter((box) => box.checked).length;
  head.checked = picked > 0 && picked === picks(head).length;
  head.indeterminate = picked > 0 && !head.checked;
}

document.addEventListener("change", (event) => {
  const head = closest(event, "fieldset")?.querySelector("[data-pick-all]");
  if (!head) return;
  if (event.target === head) for (const box of picks(head)) box.checked = head.checked;
  countPicked(head);
});

// Files can be dropped on their field; the bar shows how much of them has gone.
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const field = closest(event, "[data-drop]");
    if (!field) return;
    event.preventDefault();
    field.classList.toggle("drop-over", name === "dragover");
    if (name !== "drop") return;
    const input = field.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector("progress.upload");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  if (event.detail.loaded < event.detail.total) bar.value = (100 * event.detail.loaded) / event.detail.total;
  else bar.removeAttribute("value"); // all has gone; how long the judging takes is not known
});
document.addEventListener("htmx:afterRequest", (event) => {
  const bar = event.target.querySelector("progress.upload");
  if (bar) bar.hidden = true;
});

// What came anew is made ready: tables are counted, and what is wrong is shown first.
function ready(root) {
  for (const table of root.querySelectorAll("table[data-selectable]")) countChosen(table);
  for (const head of root.querySelectorAll("[data-pick-all]")) {
    head.parentElement.hidden = false;
    countPicked(head);
  }
  root.querySelector("[data-focus]")?.focus();
}
document.addEventListener("DOMContentLoaded", () => {
  ready(document);
  for (const here of document.querySelectorAll("nav [aria-current]")) {
    // Not scrollIntoView: Chromium would let the first Tab begin there instead of at the link past the navigation.
    const bar = here.closest("nav"), [inside, around] = [here, bar].map((one) => one.getBoundingClientRect());
    bar.scrollLeft += inside.left + inside.width / 2 - around.left - around.width / 2;
  }
});
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
