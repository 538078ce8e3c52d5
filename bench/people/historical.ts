import type { PersonRecord } from '../../domain/linkage/types.ts';
import type { Labelled } from './customers.ts';
import { Dice } from './dice.ts';
import { misdate, mishear, mistype } from './errors.ts';
import { drawGiven, drawPlaceName, drawSurname } from './names.ts';

const OCCUPATIONS = (
  'politician,painter,writer,cricketer,footballer,engineer,architect,priest,botanist,composer,actor,actress,journalist,lawyer,' +
  'physician,soldier,merchant,banker,poet,historian,photographer,sculptor,judge,diplomat,naturalist,explorer,farmer,chemist,' +
  'translator,novelist,mathematician,geologist,surgeon,publisher,rower,military officer,tennis player,art historian,bishop'
).split(',');
const PLACES = 900;
const AREAS = 1_200;

export interface HistoricalSettings {
  readonly records: number;
  readonly seed: number;
}

/**
 * People of the past, as registers and biographies have them: many records a person, names that vary, years for dates, no
 * contact details; moves within an area.
 */
export function* historical({ records, seed }: HistoricalSettings): Generator<Labelled> {
  const dice = new Dice(seed);
  let [made, person] = [0, 0];
  while (made < records) {
    const copies = 1 + dice.zipf(22, 14);
    const observe = drawPerson(dice);
    for (let copy = 0; copy < copies && made < records; copy += 1, made += 1)
      yield { person, record: observe(`h${String(made).padStart(7, '0')}`, copy === 0) };
    person += 1;
  }
}

type Observe = (id: string, faithful: boolean) => PersonRecord;

function drawPerson(dice: Dice): Observe {
  const names = [drawGiven(dice), drawGiven(dice)] as const;
  const surnames = [drawSurname(dice), ...(dice.chance(0.12) ? [drawSurname(dice)] : [])];
  const year = 1600 + Math.floor(Math.sqrt(dice.int(0, 90_000)));
  const yearOnly = dice.chance(0.12);
  const birthDate = yearOnly ? `${year}-01-01` : `${year}-${two(dice.int(1, 13))}-${two(dice.int(1, 29))}`;
  const area = dice.zipf(AREAS, 60);
  const places = [drawPlaceName(dice, PLACES), drawPlaceName(dice, PLACES)] as const;
  const occupations = [
    OCCUPATIONS[dice.zipf(OCCUPATIONS.length, 3)] as string,
    dice.pick(OCCUPATIONS),
  ] as const;
  const home = postcode(area, dice);
  return (id, faithful) => {
    if (faithful)
      return record(id, names[0].name, surnames[0], birthDate, places[0], home, occupations[0]);
    const spoil = (text: string, share: number): string =>
      dice.chance(share) ? (dice.chance(0.5) ? mishear(text, dice) : mistype(text, dice)) : text;
    const name = dice.chance(0.06) ? names[1] : names[0];
    const called = dice.chance(0.15) && name.nicknames.length > 0 ? dice.pick(name.nicknames) : name.name;
    let [given, surname] = [spoil(called, 0.12), spoil(dice.pick(surnames), 0.12)];
    if (dice.chance(0.03)) [given, surname] = [surname, given];
    return record(
      id,
      dice.chance(0.02) ? undefined : given,
      dice.chance(0.03) ? undefined : surname,
      dice.chance(0.12) ? undefined : dice.chance(0.25) ? misdate(birthDate, dice) : birthDate,
      dice.chance(0.15) ? undefined : spoil(dice.chance(0.1) ? places[1] : places[0], 0.03),
      dice.chance(0.15) ? undefined : dice.chance(0.35) ? postcode(area, dice) : home,
      dice.chance(0.25) ? undefined : dice.chance(0.15) ? occupations[1] : occupations[0],
    );
  };
}

function record(
  id: string,
  given: string | undefined,
  surname: string | undefined,
  birthDate: string | undefined,
  birthPlace: string | undefined,
  code: string | undefined,
  occupation: string | undefined,
): PersonRecord {
  return { id, given, surname, birthDate, postcode: code, other: { birthPlace, occupation } };
}

/** A postcode of British form: the area before the space, the street after it. */
function postcode(area: number, dice: Dice): string {
  const letters = 'abdefghjlnpqrstuwxyz';
  const letter = (at: number): string => letters.charAt(at % letters.length);
  return `${letter(area)}${letter(area * 7 + 3)}${1 + (area % 30)} ${dice.int(1, 10)}${letter(dice.int(0, 20))}${letter(dice.int(0, 20))}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
