// Improvements of pages that work without it: leaving quickly, showing and hiding questions while one answers,
// exclusive choices, copying a code, remembering the place on the person's own phone. The server decides everything
// again. Nothing is stored unless the person asks for it.

const $ = id => document.getElementById(id);
const storage = key => { try { return localStorage.getItem(key); } catch { return null; } };

// Leaving: the page is replaced, so that Back does not return to it, and earlier pages that Back reaches in this tab
// leave again. Three times Escape does the same.
const leave = () => {
  const to = document.body.dataset.exit;
  try { sessionStorage.setItem("left", "1"); } catch { /* then Back shows earlier pages */ }
  document.title = "…";
  document.documentElement.hidden = true;
  try { history.replaceState(null, "", "/"); } catch { /* an old browser keeps the address */ }
  location.replace(to);
};
$("exit")?.addEventListener("click", e => { e.preventDefault(); leave(); });
const left = () => { try { return document.body.dataset.exit && sessionStorage.getItem("left"); } catch { return null; } };
if (left()) {
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") leave();
  else sessionStorage.removeItem("left");
}
addEventListener("pageshow", e => { if (e.persisted && left()) leave(); });
let escapes = 0, last = 0;
addEventListener("keydown", e => {
  if (e.key !== "Escape" || !document.body.dataset.exit) return;
  escapes = e.timeStamp - last < 1500 ? escapes + 1 : 1;
  last = e.timeStamp;
  if (escapes === 3) leave();
});

for (const e of document.querySelectorAll(".js")) e.hidden = false;
$("errors")?.focus();

// A second click on a slow line must not send twice; the server would notice, but the person would wonder.
$("form")?.addEventListener("submit", e => {
  if (e.target.dataset.sent) e.preventDefault();
  e.target.dataset.sent = "1";
  setTimeout(() => delete e.target.dataset.sent, 3000);
});

// An exclusive choice ("none of these", "prefer not to say") unticks the others, and they untick it.
addEventListener("change", e => {
  const box = e.target;
  if (box.type !== "checkbox" || !box.checked || !box.name) return;
  for (const other of document.getElementsByName(box.name)) {
    if (other !== box && ("x" in box.dataset || "x" in other.dataset)) other.checked = false;
  }
});

for (const b of document.querySelectorAll("[data-copy]")) {
  b.addEventListener("click", async () => {
    await navigator.clipboard?.writeText($(b.dataset.copy).textContent.trim());
    b.parentElement.querySelector("[role=status]").textContent = "✓";
  });
}
$("print")?.addEventListener("click", () => print());

// The place is kept only on request, and forgotten when the answers are sent. The language is not part of the key.
const place = address => "place:" + address.split("/").slice(2).join("/");
const keep = $("keep");
if (keep) {
  const key = place(keep.dataset.survey), token = document.querySelector("[name=token]").value;
  keep.checked = storage(key) === token;
  keep.addEventListener("change", () => {
    try { keep.checked ? localStorage.setItem(key, token) : localStorage.removeItem(key); } catch { keep.checked = false; }
  });
}
const kept = $("kept");
if (kept) {
  const key = place(kept.dataset.survey), token = storage(key);
  kept.hidden = !token;
  $("go-on").addEventListener("click", () => {
    const form = $("form");
    for (const [name, value] of [["token", token], ["page", "-1"], ["do", "stay"]]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    form.submit();
  });
  $("forget").addEventListener("click", () => { localStorage.removeItem(key); kept.hidden = true; });
}
const sent = document.querySelector("[data-sent]");
if (sent) try { localStorage.removeItem(place(sent.dataset.sent)); } catch { /* nothing was kept */ }

// Questions that hang on answers of the same page.
const block = $("rules");
if (block) {
  const { evaluate } = await import(block.dataset.expr);
  const rules = JSON.parse(block.textContent);

  const given = name => {
    const fields = [...document.getElementsByName("q:" + name)].filter(f => !f.matches(":disabled"));
    return fields.filter(f => (f.type !== "radio" && f.type !== "checkbox") || f.checked).map(f => f.value.trim()).filter(Boolean).join(" ");
  };
  const busy = new Set();
  const value = name => {
    if (!(name in (rules.c ?? {}))) return given(name);
    if (busy.has(name)) return "";
    busy.add(name);
    try { return evaluate(rules.c[name], scope(), "text"); } finally { busy.delete(name); }
  };
  const label = (code, name) => rules.l?.[name]?.[code] ?? "";
  const scope = columns => ({ ref: name => [value(name)], self: "", column: name => columns?.[name] ?? "", label, now: new Date(rules.now), zone: rules.zone });
  const truth = (ast, columns) => evaluate(ast, scope(columns));

  const toggle = (el, off) => {
    if (el.hidden === off) return false;
    el.hidden = off;
    if (el.tagName === "FIELDSET") el.disabled = off;
    else for (const f of el.querySelectorAll("input,select,textarea")) f.disabled = off;
    return true;
  };
  const filter = r => {
    const ok = new Set(r.o.filter(c => truth(r.f, { ...c.c, name: c.n, label: c.t })).map(c => c.n));
    for (const f of document.getElementsByName("q:" + r.n)) {
      if (f.tagName === "SELECT") {
        const now = f.value;
        f.replaceChildren(f.options[0], ...r.o.filter(c => ok.has(c.n)).map(c => new Option(c.t, c.n, false, c.n === now)));
      } else {
        f.closest("label").hidden = f.disabled = !ok.has(f.value);
      }
    }
  };
  const update = () => {
    for (let round = 0, changed = true; changed && round < 20; round++) {
      changed = false;
      for (const r of rules.q) {
        const el = r.w && $(r.w);
        if (el && r.r) changed = toggle(el, !truth(r.r)) || changed;
        if (r.f) filter(r);
      }
    }
  };
  if (rules.live) $("list")?.setAttribute("hidden", "");
  $("form").append(Object.assign(document.createElement("input"), { type: "hidden", name: "live", value: "1" }));
  addEventListener("change", update);
  addEventListener("input", update);
  update();
}
