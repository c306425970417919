// The XLSForm expression language in the browser: it evaluates the syntax tree that survey/expr writes as JSON, with
// the same results. The shape of the tree is documented there, in json.go; a test runs both on the same thousands of
// expressions. It has no dependencies and keeps nothing.
//
// evaluate(tree, scope, as) gives a boolean, with as "text" or "number" a string or number. The scope holds
//   ref(name)              the values of ${name}, an array of strings (or one string)
//   self                   the value of the question the expression stands at: a string, or a function that gives it
//   column(name)           a column of the choice row, "" when absent
//   label(code, question)  the label of a choice, for jr:choice-name
//   now                    a Date, milliseconds, or a function that gives one
//   zone                   the IANA time zone of the survey; the browser's own when absent or unknown
//   months, weekdays       twelve and seven short names (Sunday first), English when absent
// What only the server can do (Expr.ServerOnly) is not for this module; it throws.

const MAX_TEXT = 100_000, MAX_STEPS = 2_000_000, MAX_POWER = 1024, DAY = 86_400_000;

// Values: boolean, number, string, an array of strings for a node-set, and for days and moments { days, text }.
const isDated = v => typeof v === "object" && !Array.isArray(v);
const clip = s => s.length <= MAX_TEXT ? s : Array.from(s).slice(0, MAX_TEXT).join("");
const trim = s => s.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
const fields = s => (s = trim(s)) === "" ? [] : s.split(/[ \t\r\n]+/);
const each = v => Array.isArray(v) ? v : [v];

const bool = v => {
  if (Array.isArray(v)) return v.length > 0;
  if (isDated(v)) return v.days !== 0;
  return Boolean(v); // 0, NaN and "" are false
};

// Numbers have no exponent, NaN is blank, and -0 is 0 already in String.
const written = n => {
  if (Number.isNaN(n)) return "";
  const m = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(n));
  if (!m) return String(n);
  const digits = m[2] + (m[3] ?? ""), exponent = Number(m[4]);
  return m[1] + (exponent < 0 ? "0." + "0".repeat(-exponent - 1) + digits : digits.padEnd(exponent + 1, "0"));
};

const text = v => {
  if (Array.isArray(v)) return v[0] ?? "";
  if (isDated(v)) return v.text;
  return typeof v === "number" ? written(v) : String(v);
};

// The survey's calendar. A zone's offset comes from writing a moment in that zone and reading it as if it were UTC.
const utc = (y, month, d, h, min, s, ms) => new Date(0).setUTCFullYear(y, month - 1, d) + ((h * 60 + min) * 60 + s) * 1000 + ms;
const clocks = new Map();
const clock = zone => {
  if (!clocks.has(zone)) {
    const make = timeZone => new Intl.DateTimeFormat("en-US", { timeZone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    try { clocks.set(zone, make(zone)); } catch { clocks.set(zone, make(undefined)); }
  }
  return clocks.get(zone);
};
const offset = (ms, zone) => {
  if (zone === "UTC") return 0;
  const moved = ms < -62_000_000_000_000 ? 12_622_780_800_000 : 0; // 400 years: before the year 1 years are counted backwards
  const p = Object.fromEntries(clock(zone).formatToParts(ms + moved).map(({ type, value }) => [type, Number(value)]));
  return utc(p.year, p.month, p.day, p.hour, p.minute, p.second, 0) - (Math.floor((ms + moved) / 1000) * 1000);
};
// A time that clocks skip or show twice is the one that Go's time.Date takes.
const fromLocal = (local, zone) => local - offset(local - offset(local, zone), zone);

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/;
const parseMoment = (s, zone) => {
  const m = MOMENT.exec(s);
  if (!m) return NaN;
  const [y, month, d, h, min, sec] = m.slice(1, 7).map(p => Number(p ?? 0));
  if (month < 1 || month > 12 || d < 1 || d > new Date(utc(y, month + 1, 0, 0, 0, 0, 0)).getUTCDate()) return NaN;
  if (h > 23 || min > 59 || sec > 59) return NaN;
  const local = utc(y, month, d, h, min, sec, Number(((m[7] ?? "") + "000").slice(0, 3)));
  if (!m[8]) return fromLocal(local, zone);
  if (m[8] === "Z") return local;
  const oh = Number(m[8].slice(1, 3)), om = Number(m[8].slice(4));
  if (oh > 23 || om > 59) return NaN;
  return local - (m[8][0] === "-" ? -1 : 1) * (oh * 60 + om) * 60_000;
};

const two = n => String(n).padStart(2, "0");
const three = n => String(n).padStart(3, "0");
const four = n => String(n).padStart(4, "0");

// Midnight is written as a day, everything else as a moment with milliseconds and offset.
const dated = (ms, zone) => {
  const east = offset(ms, zone), t = new Date(ms + east), y = t.getUTCFullYear();
  if (y < 0 || y > 9999) return "";
  let s = `${four(y)}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())}`;
  if (t.getUTCHours() || t.getUTCMinutes() || t.getUTCSeconds() || t.getUTCMilliseconds()) {
    const minutes = Math.floor(Math.abs(east) / 60_000);
    s += `T${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}.${three(t.getUTCMilliseconds())}` +
      `${east < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
  return { days: ms / DAY, text: s };
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const PARTS = {
  Y: t => four(t.getUTCFullYear()), y: t => two(t.getUTCFullYear() % 100), m: t => two(t.getUTCMonth() + 1), n: t => t.getUTCMonth() + 1,
  b: (t, s) => (s.months ?? MONTHS)[t.getUTCMonth()], d: t => two(t.getUTCDate()), e: t => t.getUTCDate(),
  a: (t, s) => (s.weekdays ?? WEEKDAYS)[t.getUTCDay()], H: t => two(t.getUTCHours()), h: t => t.getUTCHours(),
  M: t => two(t.getUTCMinutes()), S: t => two(t.getUTCSeconds()), 3: t => three(t.getUTCMilliseconds()),
};
const formatMoment = (e, s, pattern) => {
  const ms = parseMoment(s, e.zone);
  if (Number.isNaN(ms)) return "";
  const t = new Date(ms + offset(ms, e.zone));
  return clip(pattern.replace(/%([YymnbdeaHhMS3])/g, (_, letter) => PARTS[letter](t, e.scope)));
};

const parseNumber = (s, zone) => {
  const ms = parseMoment(s, zone);
  if (!Number.isNaN(ms)) return ms / DAY;
  s = trim(s);
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(s) ? Number(s) : NaN;
};

const patterns = new Map();
const pattern = p => {
  if (!patterns.has(p)) patterns.set(p, new RegExp(p, "u"));
  return patterns.get(p);
};

// whole cuts towards zero and stays within ±2^31; undefined for NaN.
const whole = n => Number.isNaN(n) ? undefined : Math.trunc(Math.min(Math.max(n, -(2 ** 31)), 2 ** 31));

const power = (x, y) => {
  if (Number.isNaN(x)) return x;
  if (y !== Math.trunc(y) || Math.abs(y) > MAX_POWER) return x ** y;
  let p = 1;
  for (let n = Math.abs(y); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) p *= x;
    x *= x;
  }
  return y < 0 ? 1 / p : p;
};

const round = (x, decimals = 0) => {
  const d = whole(decimals);
  if (d === undefined) return NaN;
  const scale = Number("1e" + Math.min(Math.max(d, -300), 300)), shifted = Math.abs(x) * scale;
  if (!Number.isFinite(shifted)) return x;
  const r = Math.round(shifted) / scale;
  return x < 0 || Object.is(x, -0) ? -r : r;
};

// The functions, each with the evaluation e and the trees of its arguments.
const FUNCTIONS = {
  true: () => true,
  false: () => false,
  not: (e, a) => !e.bool(a),
  boolean: (e, a) => e.bool(a),
  "boolean-from-string": (e, a) => ["1", "true"].includes(e.text(a)),
  if: (e, a, b, c) => e.eval(e.bool(a) ? b : c),
  coalesce: (e, a, b) => e.text(a) || e.text(b),
  once: (e, a) => e.outer || e.text(a),
  selected: (e, a, b) => {
    const list = trim(e.text(a)), code = trim(e.text(b));
    return list === code || fields(list).includes(code);
  },
  checklist: (e, a, b, ...rest) => {
    const [least, most] = e.bounds(a, b);
    let count = 0;
    for (const n of rest) for (const v of each(e.eval(n))) if (bool(v)) count++;
    return count >= least && count <= most;
  },
  "weighted-checklist": (e, a, b, ...rest) => {
    const [least, most] = e.bounds(a, b);
    let sum = 0;
    for (let i = 0; i + 1 < rest.length; i += 2) {
      const met = e.bool(rest[i]), weight = e.number(rest[i + 1]);
      if (met) sum += weight;
    }
    return sum >= least && sum <= most;
  },
  "jr:choice-name": (e, a, question) => (e.scope.label ?? e.scope.choiceLabel)?.(e.text(a), question) ?? "",

  string: (e, a) => e.own(a),
  "string-length": (e, a) => Array.from(e.own(a)).length,
  "normalize-space": (e, a) => fields(e.own(a)).join(" "),
  concat: (e, ...a) => e.join("", a),
  join: (e, a, ...rest) => e.join(e.text(a), rest),
  contains: (e, a, b) => e.text(a).includes(e.text(b)),
  "starts-with": (e, a, b) => e.text(a).startsWith(e.text(b)),
  "ends-with": (e, a, b) => e.text(a).endsWith(e.text(b)),
  "substring-before": (e, a, b) => {
    const s = e.text(a), i = s.indexOf(e.text(b));
    return i < 0 ? "" : s.slice(0, i);
  },
  "substring-after": (e, a, b) => {
    const s = e.text(a), t = e.text(b), i = s.indexOf(t);
    return i < 0 ? "" : s.slice(i + t.length);
  },
  substr: (e, a, b, c) => {
    const s = Array.from(e.text(a)), start = whole(e.number(b)), end = c === undefined ? s.length : whole(e.number(c));
    if (start === undefined || end === undefined) return "";
    const fromEnd = i => Math.min(Math.max(i < 0 ? i + s.length : i, 0), s.length);
    return s.slice(fromEnd(start), Math.max(fromEnd(start), fromEnd(end))).join("");
  },
  substring: (e, a, b, c) => {
    const s = Array.from(e.text(a)), from = Math.floor(e.number(b) + 0.5);
    const to = c === undefined ? Infinity : from + Math.floor(e.number(c) + 0.5);
    if (Number.isNaN(from) || Number.isNaN(to)) return "";
    const within = i => Math.min(Math.max(i - 1, 0), s.length);
    return s.slice(within(from), Math.max(within(from), within(to))).join("");
  },
  translate: (e, a, b, c) => {
    const s = Array.from(e.text(a)), from = Array.from(e.text(b)), to = Array.from(e.text(c)), table = new Map();
    from.forEach((r, i) => { if (!table.has(r)) table.set(r, to[i] ?? ""); });
    return clip(s.map(r => table.get(r) ?? r).join(""));
  },
  regex: (e, a, p) => pattern(p).test(e.text(a)),

  number: (e, a) => {
    const v = a === undefined ? e.self : e.eval(a);
    if (typeof v === "string" || Array.isArray(v)) {
      const ms = parseMoment(text(v), e.zone);
      if (!Number.isNaN(ms)) return Math.floor(ms / DAY);
    }
    return e.toNumber(v);
  },
  int: (e, a) => Math.trunc(e.number(a)),
  floor: (e, a) => Math.floor(e.number(a)),
  ceiling: (e, a) => Math.ceil(e.number(a)),
  abs: (e, a) => Math.abs(e.number(a)),
  sqrt: (e, a) => Math.sqrt(e.number(a)),
  pow: (e, a, b) => power(e.number(a), e.number(b)),
  pi: () => Math.PI,
  round: (e, a, b) => round(e.number(a), b === undefined ? 0 : e.number(b)),
  sum: (e, a) => {
    let total = 0;
    for (const v of each(e.eval(a))) total += e.toNumber(v);
    return total;
  },
  min: (e, ...a) => e.extreme(a, (x, best) => x < best),
  max: (e, ...a) => e.extreme(a, (x, best) => x > best),

  today: e => {
    const now = e.now(), local = now + offset(now, e.zone);
    return dated(fromLocal(Math.floor(local / DAY) * DAY, e.zone), e.zone);
  },
  date: (e, a) => {
    const v = e.eval(a);
    if (typeof v === "boolean") return "";
    if (typeof v === "number" || isDated(v)) {
      const days = e.toNumber(v);
      return days >= -719_528 && days <= 2_932_896 ? dated(Math.floor(days * DAY + 0.5), e.zone) : "";
    }
    const ms = parseMoment(text(v).replace(/^([^T-]{4})-([^T-]+)-([^T-]+)/, (_, y, m, d) => `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`), e.zone);
    return Number.isNaN(ms) ? "" : dated(ms, e.zone);
  },
  "format-date": (e, a, b) => formatMoment(e, e.text(a), e.text(b)),
  "decimal-date-time": (e, a) => {
    const v = e.eval(a);
    return typeof v === "number" || isDated(v) ? e.toNumber(v) : parseMoment(text(v), e.zone) / DAY;
  },
  "decimal-time": (e, a) => {
    const s = e.text(a), ms = parseMoment("1970-01-01T" + s, "UTC");
    if (Number.isNaN(ms)) return NaN;
    const local = /Z|[+-]\d\d:\d\d$/.test(s) ? ms + offset(ms, e.zone) : ms;
    return (((local % DAY) + DAY) % DAY) / DAY;
  },

  count: (e, a) => each(e.eval(a)).length,
  "count-non-empty": (e, a) => each(e.eval(a)).filter(v => text(v) !== "").length,
  "count-selected": (e, a) => fields(e.text(a)).length,
  "selected-at": (e, a, b) => fields(e.text(a))[whole(e.number(b)) ?? -1] ?? "",
  position: (e, a) => {
    if (a === undefined) return e.item?.position ?? 1;
    const v = e.eval(a);
    if (Array.isArray(v) && v.length === 0) return NaN;
    return v.places?.[0] ?? 1;
  },
  last: e => e.item?.size ?? 1,
};
FUNCTIONS["date-time"] = FUNCTIONS.date;
FUNCTIONS["format-date-time"] = FUNCTIONS["format-date"];

const ORDER = { "<": (x, y) => x < y, "<=": (x, y) => x <= y, ">": (x, y) => x > y, ">=": (x, y) => x >= y };
const ARITHMETIC = { "+": (x, y) => x + y, "-": (x, y) => x - y, "*": (x, y) => x * y, div: (x, y) => x / y, mod: (x, y) => x % y };
const BINARY = new Set(["and", "or", "=", "!=", "|", ...Object.keys(ORDER), ...Object.keys(ARITHMETIC)]);

class Evaluation {
  constructor(scope) {
    this.scope = scope;
    this.steps = 0;
    this.item = null; // inside a predicate what "." and position() look at
    this.zone = scope.zone;
  }

  get outer() { return (typeof this.scope.self === "function" ? this.scope.self() : this.scope.self) ?? ""; }
  get self() { return this.item ? this.item.self : this.outer; }
  now() { const n = this.scope.now; return Number(typeof n === "function" ? n() : n); }
  bool(n) { return bool(this.eval(n)); }
  text(n) { return text(this.eval(n)); }
  number(n) { return this.toNumber(this.eval(n)); }
  own(n) { return n === undefined ? this.self : this.text(n); }

  toNumber(v) {
    if (Array.isArray(v)) return v.length ? parseNumber(v[0], this.zone) : NaN;
    if (isDated(v)) return v.days;
    return typeof v === "string" ? parseNumber(v, this.zone) : Number(v);
  }

  bounds(a, b) {
    const least = this.number(a), most = this.number(b);
    return [least, most === -1 ? Infinity : most];
  }

  join(separator, trees) {
    let s = "", first = true;
    for (const n of trees) {
      for (const v of each(this.eval(n))) {
        if (s.length > 4 * MAX_TEXT) break;
        s += (first ? "" : separator) + text(v);
        first = false;
      }
    }
    return clip(s);
  }

  extreme(trees, better) {
    let best = NaN, found = false, bad = false;
    for (const n of trees) {
      for (const v of each(this.eval(n))) {
        const x = this.toNumber(v);
        bad ||= Number.isNaN(x);
        if (!found || better(x, best)) [best, found] = [x, true];
      }
    }
    return bad ? NaN : best;
  }

  eval(n) {
    if (++this.steps > MAX_STEPS) return "";
    if (typeof n !== "object") return n;
    const [head, a, b] = n;
    switch (head) {
      case "$": return each(this.scope.ref(a) ?? []);
      case ".": return [this.self];
      case "current": return [this.outer];
      case "@": {
        const s = this.item ? "" : this.scope.column(a);
        return s ? [s] : [];
      }
      case "{}": return n.slice(1);
      case "[]": return this.filter(each(this.scope.ref(a) ?? []), n.slice(3));
      case "-": if (n.length === 2) return -this.number(a);
    }
    if (BINARY.has(head)) return this.binary(head, a, b);
    if (!Object.hasOwn(FUNCTIONS, head)) throw new Error("expr: " + head + " runs on the server only");
    return FUNCTIONS[head](this, ...n.slice(1));
  }

  binary(sign, left, right) {
    const a = this.eval(left);
    if (sign === "or") return bool(a) ? a : this.eval(right);
    if (sign === "and") return bool(a) ? this.eval(right) : a;
    const b = this.eval(right);
    if (sign === "=" || sign === "!=") return this.equal(a, b, sign === "!=");
    if (sign in ORDER) return this.some(a, b, (x, y) => ORDER[sign](this.toNumber(x), this.toNumber(y)));
    if (sign === "|") return left[0] === "$" && right[0] === "$" && left[1] === right[1] ? a : [...each(a), ...each(b)].map(text).slice(0, MAX_TEXT);
    return ARITHMETIC[sign](this.toNumber(a), this.toNumber(b));
  }

  // some says whether one pair of values fits; of a node-set every value is tried.
  some(a, b, fits) {
    for (const x of each(a)) {
      for (const y of each(b)) {
        if (++this.steps > MAX_STEPS) return false;
        if (fits(x, y)) return true;
      }
    }
    return false;
  }

  equal(a, b, unequal) {
    if (typeof a === "boolean" || typeof b === "boolean") return (bool(a) === bool(b)) !== unequal;
    return this.some(a, b, (x, y) => {
      const same = typeof x === "string" && typeof y === "string" ? x === y : this.toNumber(x) === this.toNumber(y);
      return same !== unequal;
    });
  }

  // filter keeps the values that pass every predicate, and remembers where they stood before.
  filter(values, predicates) {
    let places = values.map((_, i) => i);
    const outer = this.item;
    try {
      for (const p of predicates) {
        const kept = [];
        for (const [k, i] of places.entries()) {
          this.item = { self: values[i], position: k + 1, size: places.length };
          const v = this.eval(p);
          if (this.steps > MAX_STEPS) return [];
          if (typeof v === "number" || isDated(v) ? this.toNumber(v) === k + 1 : bool(v)) kept.push(i);
        }
        places = kept;
      }
    } finally {
      this.item = outer;
    }
    return Object.assign(places.map(i => values[i]), { places: places.map(i => i + 1) });
  }
}

export function evaluate(tree, scope, as = "bool") {
  const e = new Evaluation(scope), v = e.eval(tree);
  return as === "text" ? text(v) : as === "number" ? e.toNumber(v) : bool(v);
}
evaluate.text = (tree, scope) => evaluate(tree, scope, "text");
evaluate.number = (tree, scope) => evaluate(tree, scope, "number");
