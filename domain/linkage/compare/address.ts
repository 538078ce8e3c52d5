import type { Pool } from '../pool.ts';
import type { Prepared } from '../prepare.ts';
import { oneEdit } from './edits.ts';
import { plain, remembering, type Compare } from './fields.ts';
import { addressLevel } from './levels.ts';

/** Units at the end of a postcode that tell streets apart; what is before them names the area. */
const POSTCODE_STREET_UNITS = 3;
const AREA_MIN = 2;

/** Compares the addresses of two records as one: street, number and place are not independent of each other. */
export function addresses({ pool, columns }: Prepared): (a: number, b: number) => number {
  const { street, street2, houseNumber, postcode, city } = columns;
  const [streets, places, cities] = [plain(pool), postcodes(pool), plain(pool)];
  const streetsOf = (a: number, b: number): number => {
    const [left, right] = [street[a] as number, street[b] as number];
    const direct = left !== 0 && right !== 0 ? streets(left, right) : 0;
    if (direct > 1) return direct;
    const [left2, right2] = [street2[a] as number, street2[b] as number];
    if ((left !== 0 && left === right2) || (right !== 0 && right === left2)) return 3;
    return direct;
  };
  const numbersOf = (left: number, right: number): number => {
    if (left === 0 || right === 0) return 0;
    return left === right ? 3 : oneEdit(pool, left, right) ? 2 : 1;
  };
  const placesOf = (a: number, b: number): number => {
    const [left, right] = [postcode[a] as number, postcode[b] as number];
    const codes = left !== 0 && right !== 0 ? places(left, right) : 0;
    if (codes > 1) return codes;
    const [cityLeft, cityRight] = [city[a] as number, city[b] as number];
    if (cityLeft === 0 || cityRight === 0) return codes;
    return cities(cityLeft, cityRight) > 1 ? 2 : 1;
  };
  return (a, b) =>
    addressLevel(
      streetsOf(a, b),
      numbersOf(houseNumber[a] as number, houseNumber[b] as number),
      placesOf(a, b),
    );
}

/** Two postcodes: the same, one edit apart, of one area, or different. */
function postcodes(pool: Pool): Compare {
  return remembering(pool, (left, right) => {
    if (left === right) return 5;
    if (oneEdit(pool, left, right)) return 4;
    const area = Math.min(pool.length(left), pool.length(right)) - POSTCODE_STREET_UNITS;
    if (area < AREA_MIN || pool.length(left) !== pool.length(right)) return 1;
    const [one, two] = [pool.starts[left] as number, pool.starts[right] as number];
    for (let at = 0; at < area; at += 1) if (pool.units[one + at] !== pool.units[two + at]) return 1;
    return 3;
  });
}
