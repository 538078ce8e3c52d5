import type { Dice } from './dice.ts';

const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890'];
const SOUNDS: readonly (readonly [string, string])[] =
  'ph:f f:ph ck:k k:c c:k ee:ea ea:ee y:ie ie:y ll:l l:ll tt:t t:tt nn:n ou:u z:s s:z sch:sh er:ar ks:x ough:o gh:g th:t'
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]);

/** One error of typing: a neighbouring key, a letter left out or doubled, two swapped, or a space. */
export function mistype(text: string, dice: Dice): string {
  if (text.length < 2) return text;
  const at = dice.int(0, text.length);
  const letter = text.charAt(at);
  switch (dice.among([0.4, 0.2, 0.15, 0.2])) {
    case 0:
      return text.slice(0, at) + neighbour(letter, dice) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + letter + text.slice(at);
    case 3:
      return at === 0
        ? mistype(text, dice)
        : text.slice(0, at - 1) + letter + text.charAt(at - 1) + text.slice(at + 1);
    default:
      return `${text.slice(0, at)} ${text.slice(at)}`.trim();
  }
}

function neighbour(letter: string, dice: Dice): string {
  const row = ROWS.find((keys) => keys.includes(letter));
  if (!row) return letter;
  const at = row.indexOf(letter) + (dice.chance(0.5) ? 1 : -1);
  return row.charAt(at) || row.charAt(row.length - 2);
}

/** Written as it sounds. */
export function mishear(text: string, dice: Dice): string {
  const fitting = SOUNDS.filter(([from]) => text.includes(from));
  if (fitting.length === 0) return mistype(text, dice);
  const [from, to] = dice.pick(fitting);
  return text.replace(from, to);
}

/** An ISO date with one error: a digit, day and month swapped, the first of January, or another year. */
export function misdate(date: string, dice: Dice): string {
  const [year = '', month = '', day = ''] = date.split('-');
  switch (dice.among([0.45, 0.25, 0.15])) {
    case 0: {
      const at = dice.pick([2, 3, 5, 6, 8, 9]);
      return date.slice(0, at) + String(dice.int(0, 10)) + date.slice(at + 1);
    }
    case 1:
      return Number(day) <= 12 ? `${year}-${day}-${month}` : misdate(date, dice);
    case 2:
      return `${year}-01-01`;
    default:
      return `${Number(year) + dice.pick([-10, -2, -1, 1, 2, 10])}-${month}-${day}`;
  }
}
