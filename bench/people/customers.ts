import type { PersonRecord } from '../../domain/linkage/types.ts';
import { Dice } from './dice.ts';
import { misdate, mishear, mistype } from './errors.ts';
import { drawGiven, drawPlaceName, drawSurname, type GivenName } from './names.ts';

/** A record and whose it is. */
export interface Labelled {
  readonly record: PersonRecord;
  readonly person: number;
}

export interface CustomerSettings {
  readonly records: number;
  readonly seed: number;
  /** Whether records carry email addresses and phones at all. */
  readonly contact: boolean;
}

interface Home {
  readonly houseNumber: string;
  readonly street: string;
  readonly postcode: string;
  readonly city: string;
}

interface Person {
  readonly given: GivenName;
  readonly surname: string;
  readonly birthDate: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly homes: readonly Home[];
}

/** How careful a source is: shares of missing and wrong values. */
interface Source {
  readonly name: string;
  readonly missing: Readonly<
    Record<'given' | 'surname' | 'birthDate' | 'email' | 'phone' | 'address' | 'postcode', number>
  >;
  readonly wrong: number;
}

const SOURCES: readonly Source[] = [
  {
    name: 'web',
    wrong: 0.06,
    missing: {
      given: 0.03,
      surname: 0.05,
      birthDate: 0.45,
      email: 0.04,
      phone: 0.5,
      address: 0.3,
      postcode: 0.2,
    },
  },
  {
    name: 'pos',
    wrong: 0.14,
    missing: {
      given: 0.06,
      surname: 0.02,
      birthDate: 0.35,
      email: 0.5,
      phone: 0.3,
      address: 0.15,
      postcode: 0.08,
    },
  },
  {
    name: 'crm',
    wrong: 0.05,
    missing: {
      given: 0.01,
      surname: 0.01,
      birthDate: 0.12,
      email: 0.2,
      phone: 0.15,
      address: 0.05,
      postcode: 0.03,
    },
  },
  {
    name: 'contact-center',
    wrong: 0.18,
    missing: {
      given: 0.08,
      surname: 0.04,
      birthDate: 0.2,
      email: 0.4,
      phone: 0.1,
      address: 0.2,
      postcode: 0.1,
    },
  },
];
const MAILERS = [
  'gmail.com',
  'yahoo.com',
  'hotmail.com',
  'outlook.com',
  'icloud.com',
  'aol.com',
  'gmx.net',
  'mail.com',
];
const TYPES = ['street', 'road', 'avenue', 'lane', 'drive', 'court', 'place', 'way'];
const SHORT_TYPES: Readonly<Record<string, string>> = {
  street: 'st',
  road: 'rd',
  avenue: 'ave',
  lane: 'ln',
  drive: 'dr',
  court: 'ct',
};
/** People a town has for each of its postcodes. */
const CITIES = 2_500;

/** Customers of a company with several systems: households, moves, marriages, nicknames, errors and gaps by source. */
export function* customers({ records, seed, contact }: CustomerSettings): Generator<Labelled> {
  const dice = new Dice(seed);
  let [made, person] = [0, 0];
  while (made < records) {
    for (const someone of household(dice)) {
      const copies = 1 + dice.among([0.42, 0.27, 0.15, 0.09, 0.04, 0.03]);
      for (let copy = 0; copy < copies && made < records; copy += 1, made += 1)
        yield { person, record: observe(someone, `c${String(made).padStart(8, '0')}`, contact, dice) };
      person += 1;
    }
  }
}

function household(dice: Dice): Person[] {
  const surname = drawSurname(dice);
  const homes = [drawHome(dice), ...(dice.chance(0.2) ? [drawHome(dice)] : [])];
  const landline = `02${String(dice.int(10_000_000, 99_999_999))}`;
  const size = 1 + dice.among([0.35, 0.3, 0.15, 0.13, 0.07]);
  const parents = dice.int(1940, 1992);
  return Array.from({ length: size }, (_, at) => {
    const given = drawGiven(dice);
    const family = dice.chance(0.1) ? drawSurname(dice) : surname;
    const year = at < 2 ? parents + dice.int(-3, 4) : Math.min(2012, parents + dice.int(22, 38));
    const birthDate = `${year}-${two(dice.int(1, 13))}-${two(dice.int(1, 29))}`;
    const own = `04${String(dice.int(10_000_000, 99_999_999))}`;
    return {
      ...{ given, surname: family, birthDate, homes },
      emails: Array.from({ length: dice.chance(0.25) ? 2 : 1 }, () =>
        drawEmail(given.name, family, year, dice),
      ),
      phones: dice.chance(0.4) ? [own, landline] : [own],
    };
  });
}

function drawHome(dice: Dice): Home {
  const city = dice.zipf(CITIES, 30);
  const street = `${drawPlaceName(dice, 4_000)} ${dice.pick(TYPES)}`;
  const postcodes = 1 + Math.floor(400 / (city + 10));
  return {
    ...{ street, houseNumber: String(1 + dice.zipf(300, 30)) },
    ...{ postcode: String(10_000 + city * 41 + dice.int(0, postcodes)), city: cityName(city) },
  };
}

function cityName(city: number): string {
  return drawPlaceName(new Dice(city), 100_000);
}

/** An address of one person alone, as providers see to it: nearly all short forms are taken, and carry a number. */
function drawEmail(given: string, surname: string, year: number, dice: Dice): string {
  const mailer = MAILERS[dice.zipf(MAILERS.length, 1)] as string;
  const number = dice.chance(0.05) ? '' : String(dice.int(1, 10_000));
  const forms = [
    `${given}.${surname}${number}`,
    `${given.charAt(0)}${surname}${number}`,
    `${given}${surname}${year % 100}${number}`,
    `${given}${number}${surname.charAt(0)}`,
    `${surname}.${given.charAt(0)}${number}`,
  ];
  return `${dice.pick(forms)}@${mailer}`;
}

function observe(person: Person, id: string, contact: boolean, dice: Dice): PersonRecord {
  const source = dice.pick(SOURCES);
  const { missing, wrong } = source;
  const kept = (field: keyof Source['missing']): boolean => !dice.chance(missing[field]);
  const spoil = (text: string, share = wrong): string => {
    if (!dice.chance(share)) return text;
    const once = dice.chance(0.4) ? mishear(text, dice) : mistype(text, dice);
    return dice.chance(0.15) ? mistype(once, dice) : once;
  };
  const home = dice.pick(person.homes);
  const named =
    dice.chance(0.12) && person.given.nicknames.length > 0
      ? dice.pick(person.given.nicknames)
      : person.given.name;
  let given: string | undefined = dice.chance(0.02) ? named.charAt(0) : spoil(named);
  let surname: string | undefined = dice.chance(0.015) ? drawSurname(dice) : spoil(person.surname);
  if (dice.chance(0.01)) [given, surname] = [surname, given];
  if (!kept('given')) given = undefined;
  if (!kept('surname')) surname = undefined;
  const address = kept('address')
    ? { houseNumber: spoil(home.houseNumber, wrong / 2), street: spoil(abbreviate(home.street, dice)) }
    : {};
  return {
    ...{ id, source: source.name, given, surname, ...address },
    birthDate: kept('birthDate')
      ? dice.chance(wrong)
        ? misdate(person.birthDate, dice)
        : person.birthDate
      : undefined,
    postcode: kept('postcode') ? spoil(home.postcode, wrong / 2) : undefined,
    city: kept('postcode') ? spoil(home.city, wrong / 2) : undefined,
    ...(contact && kept('email') ? { email: spoil(dice.pick(person.emails), wrong / 2) } : {}),
    ...(contact && kept('phone') ? { phone: spoil(dice.pick(person.phones), wrong / 2) } : {}),
  };
}

function abbreviate(street: string, dice: Dice): string {
  const [name = '', type = ''] = street.split(' ');
  return `${name} ${dice.chance(0.3) ? (SHORT_TYPES[type] ?? type) : type}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
