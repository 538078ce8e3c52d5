import type { PersonRecord } from '../../domain/linkage/types.ts';
import type { Labelled } from './customers.ts';
import { Dice } from './dice.ts';
import { misdate, mishear, mistype } from './errors.ts';
import { drawGiven, drawPlaceName, drawSurname, type GivenName } from './names.ts';

const OCCUPATIONS = (
  'politician,painter,writer,cricketer,footballer,engineer,architect,priest,botanist,composer,actor,actress,journalist,lawyer,' +
  'physician,soldier,merchant,banker,poet,historian,photographer,sculptor,judge,diplomat,naturalist,explorer,farmer,chemist,' +
  'translator,novelist,mathematician,geologist,surgeon,publisher,rower,military officer,tennis player,art historian,bishop'
).split(',');
const PLACES = 1_500;

export interface HistoricalSettings {
  readonly records: number;
  readonly seed: number;
}

interface Person {
  readonly names: readonly [GivenName, GivenName];
  readonly surnames: readonly string[];
  readonly year: number;
  readonly birthDate: string;
  readonly places: readonly [Place, Place];
  readonly occupations: readonly [string, string];
}

/** A place of birth: everyone from there has one of its few postcodes. */
interface Place {
  readonly name: string;
  readonly area: string;
  readonly postcodes: readonly string[];
}

/**
 * People of the past, as registers and biographies have them: many records a person, names that vary, years for dates, no
 * contact details. A postcode stands for the place of birth, so that countrymen share it; one in six is a relative of
 * another, of the same place and surname and often the same name.
 */
export function* historical({ records, seed }: HistoricalSettings): Generator<Labelled> {
  const dice = new Dice(seed);
  let [made, label] = [0, 0];
  let person: Person | undefined;
  while (made < records) {
    const copies = 1 + dice.zipf(22, 14);
    person = drawPerson(dice, dice.chance(0.16) ? person : undefined);
    for (let copy = 0; copy < copies && made < records; copy += 1, made += 1)
      yield { person: label, record: observe(person, `h${String(made).padStart(7, '0')}`, copy === 0, dice) };
    label += 1;
  }
}

function drawPerson(dice: Dice, relative: Person | undefined): Person {
  const year = relative
    ? relative.year + dice.int(-8, 40)
    : 1600 + Math.floor(Math.sqrt(dice.int(0, 90_000)));
  const name = relative && dice.chance(0.3) ? relative.names[0] : drawGiven(dice);
  const birthDate = dice.chance(0.15)
    ? `${year}-01-01`
    : `${year}-${two(dice.int(1, 13))}-${two(dice.int(1, 29))}`;
  return {
    names: [name, drawGiven(dice)],
    surnames: [relative?.surnames[0] ?? drawSurname(dice), ...(dice.chance(0.12) ? [drawSurname(dice)] : [])],
    ...{ year, birthDate },
    places: [relative?.places[0] ?? drawPlace(dice), drawPlace(dice)],
    occupations: [OCCUPATIONS[dice.zipf(OCCUPATIONS.length, 3)] ?? '', dice.pick(OCCUPATIONS)],
  };
}

function drawPlace(dice: Dice): Place {
  const own = new Dice(1 + dice.zipf(PLACES, 12));
  const letters = 'abdefghjlnpqrstuwxyz';
  const letter = (): string => letters.charAt(own.int(0, letters.length));
  const area = `${letter()}${letter()}${own.int(1, 40)}`;
  const code = (): string => `${area} ${own.int(1, 10)}${letter()}${letter()}`;
  return { name: drawPlaceName(own, 100_000), area, postcodes: [code(), code()] };
}

function observe(person: Person, id: string, faithful: boolean, dice: Dice): PersonRecord {
  const { names, surnames, birthDate, places, occupations } = person;
  const [place, elsewhere] = places;
  const home = place.postcodes[0];
  if (faithful)
    return {
      ...{ id, given: names[0].name, surname: surnames[0], birthDate, postcode: home },
      other: { birthPlace: place.name, occupation: occupations[0] },
    };
  const spoil = (text: string, share: number): string =>
    dice.chance(share) ? (dice.chance(0.5) ? mishear(text, dice) : mistype(text, dice)) : text;
  const name = dice.chance(0.06) ? names[1] : names[0];
  const called = dice.chance(0.15) && name.nicknames.length > 0 ? dice.pick(name.nicknames) : name.name;
  let [given, surname] = [spoil(called, 0.12), spoil(dice.pick(surnames), 0.12)];
  if (dice.chance(0.03)) [given, surname] = [surname, given];
  const kept = <T>(value: T, missing: number): T | undefined => (dice.chance(missing) ? undefined : value);
  const near = `${place.area} ${dice.int(1, 10)}${dice.pick(['ab', 'cd', 'ef', 'gh', 'jk', 'lm', 'np', 'qr'])}`;
  return {
    id,
    given: kept(given, 0.02),
    surname: kept(surname, 0.03),
    birthDate: kept(dice.chance(0.25) ? misdate(birthDate, dice) : birthDate, 0.12),
    postcode: kept(dice.chance(0.35) ? near : home, 0.15),
    other: {
      birthPlace: kept(spoil((dice.chance(0.1) ? elsewhere : place).name, 0.03), 0.15),
      occupation: kept(occupations[dice.chance(0.15) ? 1 : 0], 0.25),
    },
  };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
