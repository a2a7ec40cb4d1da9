// Dates as people write them, and what they are in ISO 8601. A form is made of parts: the day of the week ahead, behind
// or nowhere; the day as a number, an ordinal or in words; the month as a number or a name; the year with four digits,
// with two, or in words; in one of three orders. Every part occurs in training, but not every combination: some forms
// are held out.
//
//   3/5/87                 month first, with slashes           5.3.1987       day first, with full stops
//   1987-03-05, 19870305   year first                          Thu, 5 Mar. '87
//   Thursday, March the fifth, nineteen eighty-seven           the 5th of MARCH 1987, Thu

import { Random } from '../../random';
import { readCoder, type SentenceCoder } from './coder';

/** A day of the calendar. */
export interface Day {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** How a date is written. */
export interface DateForm {
  /** The form in words, for tables: `day month year, long, in words, full, 4 digits`. */
  readonly name: string;
  write(date: Day): string;
}

const [FIRST_YEAR, YEARS] = [1950, 100];

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'].concat(
  ['October', 'November', 'December'],
);
const ONES = [
  '',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
].concat(['twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen']);
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
  twenty: 'twentieth',
  thirty: 'thirtieth',
};

/** 1 to 99 in words. */
const inWords = (n: number): string =>
  n < 20 ? ONES[n] : [TENS[Math.floor(n / 10)], ONES[n % 10]].filter(Boolean).join('-');

const ordinalInWords = (n: number): string =>
  inWords(n).replace(/[a-z]+$/, (last) => ORDINALS[last] ?? `${last}th`);

function yearInWords(year: number): string {
  if (year >= 2000 && year < 2010) return ['two thousand', ONES[year - 2000]].filter(Boolean).join(' ');
  return `${inWords(Math.floor(year / 100))} ${inWords(year % 100)}`;
}

const SUFFIXES = ['th', 'st', 'nd', 'rd'];
const suffix = (n: number): string => (n > 10 && n < 14 ? 'th' : (SUFFIXES[n % 10] ?? 'th'));

const two = (n: number): string => String(n).padStart(2, '0');
const weekdayOf = ({ year, month, day }: Day): string =>
  WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];

type Part = Readonly<Record<string, (date: Day) => string>>;

/** Where the day of the week stands beside the rest. */
const WEEKDAY: Readonly<Record<string, (rest: string, weekday: string) => string>> = {
  'no weekday': (rest) => rest,
  'short weekday': (rest, weekday) => `${weekday.slice(0, 3)}, ${rest}`,
  'long weekday': (rest, weekday) => `${weekday}, ${rest}`,
  'short weekday behind': (rest, weekday) => `${rest}, ${weekday.slice(0, 3)}`,
  'long weekday behind': (rest, weekday) => `${rest}, ${weekday}`,
};
const DAY: Part = {
  number: ({ day }) => String(day),
  ordinal: ({ day }) => `${day}${suffix(day)}`,
  'in words': ({ day }) => ordinalInWords(day),
};
const MONTH: Part = {
  full: ({ month }) => MONTHS[month - 1],
  short: ({ month }) => MONTHS[month - 1].slice(0, 3),
  'short with a stop': ({ month }) => `${MONTHS[month - 1].slice(0, 3)}.`,
  capitals: ({ month }) => MONTHS[month - 1].toUpperCase(),
};
const YEAR: Part = {
  'four digits': ({ year }) => String(year),
  'two digits': ({ year }) => `'${two(year % 100)}`,
  'year in words': ({ year }) => yearInWords(year),
};

/** The parts of a name in their order; an ordinal takes the words that belong to it. */
const ORDER: Readonly<
  Record<string, (day: string, month: string, year: string, ordinal: boolean) => string>
> = {
  'day month year': (day, month, year, ordinal) => `${ordinal ? `the ${day} of` : day} ${month} ${year}`,
  'month day year': (day, month, year, ordinal) => `${month} ${ordinal ? `the ${day}` : day}, ${year}`,
  'year month day': (day, month, year) => `${year}, ${month} ${day}`,
};

const NUMERIC: Part = {
  'm/d/yyyy': ({ year, month, day }) => `${month}/${day}/${year}`,
  'mm/dd/yyyy': ({ year, month, day }) => `${two(month)}/${two(day)}/${year}`,
  'm/d/yy': ({ year, month, day }) => `${month}/${day}/${two(year % 100)}`,
  'mm/dd/yy': ({ year, month, day }) => `${two(month)}/${two(day)}/${two(year % 100)}`,
  'd.m.yyyy': ({ year, month, day }) => `${day}.${month}.${year}`,
  'dd.mm.yyyy': ({ year, month, day }) => `${two(day)}.${two(month)}.${year}`,
  'd.m.yy': ({ year, month, day }) => `${day}.${month}.${two(year % 100)}`,
  'dd.mm.yy': ({ year, month, day }) => `${two(day)}.${two(month)}.${two(year % 100)}`,
  'yyyy-mm-dd': (date) => isoOf(date),
  'yyyy/mm/dd': (date) => isoOf(date).replaceAll('-', '/'),
  yyyymmdd: (date) => isoOf(date).replaceAll('-', ''),
};

/** The date as ISO 8601 has it: 1987-03-05. */
export const isoOf = ({ year, month, day }: Day): string => `${year}-${two(month)}-${two(day)}`;

function* namedForms(): Generator<DateForm> {
  for (const [order, put] of Object.entries(ORDER)) {
    for (const [weekday, beside] of Object.entries(WEEKDAY)) {
      for (const [days, day] of Object.entries(DAY)) {
        for (const [months, month] of Object.entries(MONTH)) {
          for (const [years, year] of Object.entries(YEAR)) {
            const ordinal = days !== 'number';
            yield {
              name: [order, weekday, days, months, years].join(', '),
              write: (date) => beside(put(day(date), month(date), year(date), ordinal), weekdayOf(date)),
            };
          }
        }
      }
    }
  }
}

function* numericForms(): Generator<DateForm> {
  for (const [weekday, beside] of Object.entries(WEEKDAY)) {
    for (const [name, digits] of Object.entries(NUMERIC)) {
      yield { name: `${name}, ${weekday}`, write: (date) => beside(digits(date), weekdayOf(date)) };
    }
  }
}

/** Forms of training, and those that are held out: about a fifth, drawn once for all. */
function divided(forms: readonly DateForm[], stream: string): { seen: DateForm[]; held: DateForm[] } {
  const order = new Random(8601).fork(stream).shuffle([...forms]);
  const held = Math.round(order.length / 5);
  return { seen: order.slice(held), held: order.slice(0, held) };
}

const NAMED = divided([...namedForms()], 'named');
const DIGITS = divided([...numericForms()], 'digits');

/** The forms that dates are drawn in; `held` occur in no training. */
export const DATE_FORMS = {
  seen: { named: NAMED.seen, digits: DIGITS.seen },
  held: { named: NAMED.held, digits: DIGITS.held },
} as const;

/** Which forms are drawn. */
export type DateForms = keyof typeof DATE_FORMS;

/** The part of all dates that has names of months: there are many more such forms. */
const NAMES = 0.75;

/** A date as it is written, and in ISO 8601. */
export interface WrittenDate {
  readonly source: string;
  readonly target: string;
  readonly form: DateForm;
}

/** A date of 1950 to 2049, each as likely, so that two digits say which year it is; in one of the forms. */
export function drawDate(random: Random, forms: DateForms): WrittenDate {
  const year = FIRST_YEAR + random.integer(YEARS);
  const month = 1 + random.integer(12);
  const day = 1 + random.integer(new Date(Date.UTC(year, month, 0)).getUTCDate());
  const { named, digits } = DATE_FORMS[forms];
  const list = random.uniform() < NAMES ? named : digits;
  const form = list[random.integer(list.length)];
  const date = { year, month, day };
  return { source: form.write(date), target: isoOf(date), form };
}

/** The most characters of a date as it is written. */
export const LONGEST_DATE = 'Wednesday, the twenty-seventh of SEPTEMBER nineteen seventy-seven'.length;

/** The characters of all forms. */
export const dateCoder = (): SentenceCoder =>
  readCoder(
    {
      unit: 'character',
      tokens: [
        ...new Set(`0123456789-/.,' ${[...WEEKDAYS, ...MONTHS].join('')}${LOWER}${LOWER.toUpperCase()}`),
      ],
    },
    'dates',
  );

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
