// Small comforts. Every page works without this file.
"use strict";

// A menu that hangs over the page closes with Escape and when the focus or a click goes elsewhere.
function closeOthers(event) {
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}
document.addEventListener("click", closeOthers);
document.addEventListener("focusin", closeOthers);
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[data-closes][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Buttons that need a script stay hidden without one.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.documentElement.classList.add("cg-script");
