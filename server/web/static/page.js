// Improvements of pages that work without it: leaving quickly, showing and hiding questions while one answers,
// exclusive choices, copying a code, remembering the place on the person's own phone. The server decides everything
// again. Nothing is stored unless the person asks for it.

const $ = id => document.getElementById(id);
const storage = key => { try { return localStorage.getItem(key); } catch { return null; } };
// What only a script can do is made by it: some browsers without scripts show even what is hidden.
const make = (tag, properties, ...inside) => {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...inside);
  return e;
};
const button = (text, press) => {
  const b = make("button", { type: "button" }, text);
  b.addEventListener("click", press);
  return b;
};

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

// Back after sending: the tab remembers the drafts that were sent from it, whose tokens open nothing any more, and
// their pages show no answers again. While one answers Back works as everywhere.
const token = document.querySelector("[name=token]");
const sentHere = () => { try { return (sessionStorage.getItem("sent") ?? "").split(" "); } catch { return []; } };
const blank = () => {
  if (!token || !sentHere().includes(token.value)) return;
  document.title = token.dataset.sentTitle;
  const main = $("main");
  main.replaceChildren(make("h1", {}, token.dataset.sentTitle), make("p", {}, token.dataset.sentText));
  main.closest("form")?.querySelectorAll("button,input").forEach(e => e.remove());
};
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") blank();
addEventListener("pageshow", e => { if (e.persisted) blank(); });
if (token) $("form").append(make("input", { type: "hidden", name: "scripts", value: "1" }));

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

for (const p of document.querySelectorAll("[data-of]")) {
  const said = make("span", { role: "status" });
  p.append(button(p.dataset.copy, async () => {
    await navigator.clipboard?.writeText($(p.dataset.of).textContent.trim());
    said.textContent = "✓";
  }), " ");
  if (p.dataset.print) p.append(button(p.dataset.print, () => print()), " ");
  p.append(said);
}

// The place is kept only on request, and forgotten when the answers are sent. The language is not part of the key.
const place = address => "place:" + address.split("/").slice(2).join("/");
const keep = $("keep-here");
if (keep && token) {
  const key = place(keep.dataset.survey), box = make("input", { type: "checkbox", id: "keep", checked: storage(key) === token.value });
  box.addEventListener("change", () => {
    try { box.checked ? localStorage.setItem(key, token.value) : localStorage.removeItem(key); } catch { box.checked = false; }
  });
  keep.append(make("label", { className: "o" }, box, make("span", {}, keep.dataset.label)));
}
const kept = $("kept"), begun = kept && storage(place(kept.dataset.survey));
if (begun) {
  kept.className = "box";
  const go = button(kept.dataset.go, () => {
    const form = $("form");
    for (const [name, value] of [["token", begun], ["page", "-1"], ["do", "stay"]]) form.append(make("input", { type: "hidden", name, value }));
    form.submit();
  });
  go.className = "button";
  kept.append(make("p", {}, kept.dataset.text), go, " ", button(kept.dataset.forget, () => {
    localStorage.removeItem(place(kept.dataset.survey));
    kept.remove();
  }));
}
const sent = document.querySelector("[data-sent]");
if (sent) {
  try { localStorage.removeItem(place(sent.dataset.sent)); } catch { /* nothing was kept */ }
  try { sessionStorage.setItem("sent", [...sentHere(), sent.dataset.token].join(" ")); } catch { /* then Back shows the answers */ }
}

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
