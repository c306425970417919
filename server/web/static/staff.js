// Small comforts of the staff pages; everything works without them.
"use strict";
// An error summary takes the focus, so that screen readers begin there.
const errors = document.getElementById("errors");
if (errors) errors.focus();
// A link or key that is shown once is selected by one click.
for (const field of document.querySelectorAll("input.copy")) {
  field.addEventListener("focus", () => field.select());
}
for (const button of document.querySelectorAll("button.print")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A form is sent once: a second click while the first is under way changes nothing.
for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
