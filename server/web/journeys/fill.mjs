// Answers whatever a page asks, knowing nothing of the questionnaire.

const sentences = {
  pl: "Zmyślona odpowiedź.",
  en: "A made-up answer.",
  uk: "Вигадана відповідь.",
  ru: "Вымышленный ответ.",
  ar: "إجابة مختلقة.",
};

/**
 * Answers every visible question that has no answer yet, as often as answers make more questions appear. Of radio
 * buttons it takes the first, so that yes-questions lead on; of boxes that can be combined the first two; of lists
 * the first entry; numbers are typed in the digits of the language. Gives how many controls it used.
 */
export async function fill(page, lang) {
  let used = 0;
  for (let pass = 0; pass < 6; pass++) {
    const n = await once(page, lang);
    if (n === 0) break;
    used += n;
  }
  return used;
}

async function once(page, lang) {
  return (await radios(page)) + (await boxes(page)) + (await lists(page)) + (await texts(page, lang));
}

/** Groups visible, usable controls by name, in page order. */
async function groups(page, selector) {
  const byName = new Map();
  for (const control of await page.locator(selector).all()) {
    if (!(await control.isEnabled()) || !(await shown(control))) continue;
    const name = await control.getAttribute("name");
    if (!name) continue;
    byName.set(name, [...(byName.get(name) ?? []), control]);
  }
  return byName;
}

/** A control may be drawn by its label; it counts as shown when either is. */
async function shown(control) {
  return (await control.isVisible()) || (await control.locator("xpath=ancestor::label[1]").isVisible());
}

async function anyChecked(controls) {
  for (const c of controls) if (await c.isChecked()) return true;
  return false;
}

async function radios(page) {
  let used = 0;
  for (const controls of (await groups(page, "main input[type=radio]")).values()) {
    if (await anyChecked(controls)) continue;
    await controls[0].check();
    used++;
  }
  return used;
}

async function boxes(page) {
  let used = 0;
  for (const controls of (await groups(page, "main input[type=checkbox][name]")).values()) {
    if (await anyChecked(controls)) continue;
    const combinable = [];
    for (const c of controls) if ((await c.getAttribute("data-x")) === null) combinable.push(c);
    for (const c of combinable.slice(0, 2)) {
      await c.check();
      used++;
    }
  }
  return used;
}

async function lists(page) {
  let used = 0;
  for (const control of await page.locator("main select").all()) {
    if (!(await control.isVisible()) || !(await control.isEnabled()) || (await control.inputValue()) !== "") continue;
    const values = await control.locator("option:not([disabled])").evaluateAll((all) => all.filter((o) => !o.hidden).map((o) => o.value).filter(Boolean));
    if (values.length === 0) continue;
    await control.selectOption(values[0]);
    used++;
  }
  return used;
}

async function texts(page, lang) {
  let used = 0;
  const controls = page.locator("main textarea, main input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=submit])");
  for (const control of await controls.all()) {
    if (!(await control.isVisible()) || !(await control.isEditable()) || (await control.inputValue()) !== "") continue;
    await control.fill(await typed(control, lang));
    used++;
  }
  return used;
}

async function typed(control, lang) {
  const kind = await control.getAttribute("type");
  const mode = await control.getAttribute("inputmode");
  if (kind === "date") return "2026-03-04";
  if (kind === "time") return "10:30";
  if (kind === "datetime-local") return "2026-03-04T10:30";
  if (kind === "number") return "2";
  if (mode === "numeric" || mode === "decimal") return lang === "ar" ? "٢" : "2";
  return sentences[lang.split("-")[0]] ?? sentences.en;
}
