// What a voter says, while she says it: pairs of an option's number and a value, in her own order.
import { sha256, toHex, utf8 } from "./encoding.js";

const byFirst = ([one], [other]) => one - other, byText = ([one], [other]) => (one < other ? -1 : 1);
export const pairs = (choices) => choices.map((each) => (Array.isArray(each) ? each : [each, 1]));
export const placeOf = (said, number) => said.findIndex(([other]) => other === number);

// The same with this value for this option; null takes the option back.
export const put = (said, number, value, found = placeOf(said, number), place = found < 0 ? said.length : found) =>
  [...said.slice(0, place), ...(value === null ? [] : [[number, value]]), ...said.slice(place + 1)];

// The same with this option a place better (-1) or worse (1), if there is such a place.
export function moved(said, number, by) {
  const place = placeOf(said, number), swapped = { [place]: said[place + by], [place + by]: said[place] };
  return swapped[place] ? said.map((each, at) => swapped[at] ?? each) : said;
}

// A kind of input: what a control says (null: nothing), how it shows what was said, and what the
// ballot states of it, to the letter (shared.events.ballots).
const numbers = {
  read: ({ checked }) => (checked ? 1 : null),
  show(control, value) { control.checked = value !== null; },
  choices: (said) => [...said].sort(byFirst).map(([number]) => number),
};
export const ranking = { ...numbers, choices: (said) => said.map(([number]) => number) };
const values = {  // radios, or a field that shows `data-none` where it has no value
  read: ({ value, dataset }) => (["", dataset.none].includes(value.trim()) ? null : Number(value)),
  show(control, value) {
    if (control.type === "radio") control.checked = control.value === String(value ?? "");
    else control.value = value ?? control.dataset.none;
  },
  choices: (said) => [...said].sort(byFirst),
};
export const inputOf = ({ type }) =>
  ({ approval: numbers, contests: numbers, knapsack: numbers, ranking })[type] ?? values;

// The least and the most that an option can have, and a field's value after one more (1) or less
// (-1): below a least of more than nought is no value.
export const bounds = ({ type, most_each, low, high }) =>
  ({ cumulative: [1, most_each], score: [low, high] })[type] ?? [-Infinity, Infinity];
export function stepped(value, by, [least, most]) {
  const next = (value ?? Math.max(least - 1, 0)) + by;
  return next < least && least > 0 ? null : Math.max(least, Math.min(next, most));
}

// What limits look at. `options` has the cost in cents and the contest, if any, by number.
export function sums(said, options) {
  const all = said.map(([, value]) => value), about = said.map(([number]) => options[number]);
  const contests = about.map(({ contest }) => contest).filter(Boolean);
  return {
    n: all.length, own: contests.length, general: all.length - contests.length,
    territories: new Set(contests).size, cost: about.reduce((sum, { cost }) => sum + cost, 0),
    points: all.reduce((sum, value) => sum + value, 0),
    whole: all.every(Number.isInteger), lowest: Math.min(...all), highest: Math.max(...all),
    plus: all.filter((value) => value > 0).length, minus: all.filter((value) => value < 0).length,
  };
}

// The limits of all formats, in the order in which each format names its own. One that a format has
// not is undefined: nothing is above or below it.
const LIMITS = {
  value_out_of_bounds: (form, of, [least, most] = bounds(form)) => !of.whole || of.lowest < least || of.highest > most,
  two_territories: (form, of) => of.territories > 1,
  over_cap: (form, of) => of.cost > form.cap,
  too_many_plus: (form, of) => of.plus > form.most_plus,
  too_many_minus: (form, of) => of.minus > form.most_minus,
  too_few: (form, of) => of.n < form.min || (of.own && of.own < form.own?.min) || (of.general && of.general < form.general?.min),
  too_many: (form, of) => of.n > form.max || of.own > form.own?.max || of.general > form.general?.max,
  too_few_points: (form, of) => of.points < form.least_total,
  too_many_points: (form, of) => of.points > form.total,
  minus_over_plus: (form, of) => form.minus_needs_plus && of.minus > of.plus,
};
const MENDED_BY_MORE = ["too_few", "too_few_points", "minus_over_plus"];

// The codes of the limits that are broken, by a blank ballot none; and of those the first that saying
// more does not mend: it is told at once, the others before the ballot is cast.
export const broken = (form, of) => (of.n ? Object.keys(LIMITS).filter((code) => LIMITS[code](form, of)) : []);
export const above = (form, of) => broken(form, of).find((code) => !MENDED_BY_MORE.includes(code));

// Cents as the page writes them, 12 500 €: French but for the decimal mark.
export const money = (cents, lang) =>
  `${(cents / 100).toLocaleString("fr", { minimumFractionDigits: cents % 100 ? 2 : 0 }).replace(",", lang === "fr" ? "," : ".")}\u202f€`;

// A sentence with its figures: "{n} of 3 chosen", "{left} {left|point|points} left".
export function filled(sentence, figures, lang) {
  const word = (n, one, many) => (new Intl.PluralRules(lang).select(n) === "one" ? one : many);
  return sentence.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, name, one, many) =>
    one === undefined ? figures[name] : word(figures[name], one, many));
}

// In a random order that a seed always gives again, of what is numbered so.
export const shuffled = (all, seed, number = (each) => each) =>
  all.map((each) => [toHex(sha256(utf8(`${seed}/${number(each)}`))), each]).sort(byText).map(([, each]) => each);

// Text without case and accents, for the search.
export const plain = (written) => written.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
