import type { PersonRecord } from '../../domain/linkage/types.ts';
import type { Labelled } from './customers.ts';
import { Dice } from './dice.ts';
import { misdate, mishear, mistype } from './errors.ts';
import { drawGiven, drawPlaceName, drawSurname, type GivenName } from './names.ts';

/** Names that were not written down in English first, and how else they are spelt. */
const ELSEWHERE = (
  'müller:mueller,muller jürgen:juergen,jurgen søren:soren,soeren łukasz:lukasz zoë:zoe josé:jose françois:francois ' +
  'muhammad:mohammed,mohamed,mohammad yusuf:yousef,youssef nguyễn:nguyen đặng:dang иванов:ivanov,iwanow анна:anna 田中:tanaka 王伟:wang,wei ' +
  "o'neill:oneill,o-neill d'angelo:dangelo björk:bjork çelik:celik"
)
  .split(' ')
  .map((entry) => entry.split(':').flatMap((part) => part.split(',')));
/** What a scanner takes for what. */
const MISREAD: readonly (readonly [string, string])[] = 'rn:m m:rn cl:d l:1 o:0 e:c h:b vv:w 1:l 0:o 5:s 8:b'
  .split(' ')
  .map((pair) => pair.split(':') as [string, string]);
const TRADES =
  'clerk,nurse,teacher,driver,farmer,cook,carpenter,fisher,baker,tailor,miner,weaver,mason,sailor,servant,labourer'.split(
    ',',
  );

export interface RegisterSettings {
  readonly records: number;
  readonly seed: number;
}

interface Person {
  readonly given: GivenName;
  readonly middle: string;
  readonly spellings: readonly string[];
  readonly married: string | undefined;
  readonly birthDate: string;
  readonly birthPlace: string;
  readonly gender: string;
  readonly trade: string;
  readonly homes: readonly (readonly [street: string, postcode: string, city: string])[];
}

/**
 * People as registers of several decades have them: middle names and initials, names spelt in several ways, women who
 * married, twins, dates turned round, scanner's errors, and each register with its own share of gaps, 10 to 40 %.
 */
export function* register({ records, seed }: RegisterSettings): Generator<Labelled> {
  const dice = new Dice(seed);
  let [made, label] = [0, 0];
  let person: Person | undefined;
  while (made < records) {
    person = drawPerson(dice, dice.chance(0.06) ? person : undefined);
    const copies = 1 + dice.among([0.3, 0.25, 0.2, 0.12, 0.08, 0.05]);
    for (let copy = 0; copy < copies && made < records; copy += 1, made += 1)
      yield { person: label, record: observe(person, `g${String(made).padStart(7, '0')}`, dice) };
    label += 1;
  }
}

function drawPerson(dice: Dice, twin: Person | undefined): Person {
  const gender = dice.chance(0.5) ? 'female' : 'male';
  const foreign = dice.chance(0.08) ? dice.pick(ELSEWHERE) : undefined;
  const birthDate = `${dice.int(1900, 2005)}-${two(dice.int(1, 13))}-${two(dice.int(1, 29))}`;
  return {
    ...{ gender, given: drawGiven(dice), middle: drawGiven(dice).name },
    spellings: twin?.spellings ?? foreign ?? [drawSurname(dice)],
    married: gender === 'female' && dice.chance(0.4) ? drawSurname(dice) : undefined,
    birthDate: twin?.birthDate ?? birthDate,
    birthPlace: twin?.birthPlace ?? drawPlaceName(dice, 2_000),
    trade: dice.pick(TRADES),
    homes: twin?.homes ?? Array.from({ length: dice.int(1, 4) }, () => drawHome(dice)),
  };
}

function drawHome(dice: Dice): readonly [string, string, string] {
  const city = dice.zipf(1_200, 20);
  const street = `${drawPlaceName(dice, 5_000)} ${dice.pick(['street', 'road', 'lane', 'way'])}`;
  return [
    `${dice.int(1, 200)} ${street}`,
    String(10_000 + city * 37 + dice.int(0, 5)),
    drawPlaceName(new Dice(city + 1), 100_000),
  ];
}

function observe(person: Person, id: string, dice: Dice): PersonRecord {
  const gaps = dice.pick([0.1, 0.2, 0.3, 0.4]);
  const kept = <T>(value: T, share = gaps): T | undefined => (dice.chance(share) ? undefined : value);
  const spoil = (text: string): string => {
    if (!dice.chance(0.12)) return text;
    return dice.pick([mistype, mishear, misread])(text, dice);
  };
  const { given, middle, married } = person;
  const called = dice.chance(0.1) && given.nicknames.length > 0 ? dice.pick(given.nicknames) : given.name;
  const surname = married !== undefined && dice.chance(0.5) ? married : dice.pick(person.spellings);
  const [address, postcode, city] = dice.pick(person.homes);
  return {
    ...{ id, given: kept(spoil(called), gaps / 3), surname: kept(spoil(surname), gaps / 3) },
    birthDate: kept(dice.chance(0.12) ? misdate(person.birthDate, dice) : person.birthDate),
    ...{ address: kept(spoil(address)), postcode: kept(postcode), city: kept(spoil(city)) },
    other: {
      middleName: kept(dice.chance(0.4) ? middle.charAt(0) : spoil(middle)),
      gender: kept(dice.chance(0.01) ? 'unknown' : person.gender),
      birthPlace: kept(spoil(person.birthPlace)),
      occupation: kept(dice.chance(0.2) ? dice.pick(TRADES) : person.trade),
    },
  };
}

/** As a scanner reads it. */
function misread(text: string, dice: Dice): string {
  const fitting = MISREAD.filter(([from]) => text.includes(from));
  if (fitting.length === 0) return mistype(text, dice);
  const [from, to] = dice.pick(fitting);
  return text.replace(from, to);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
