import { isPlaceholder } from './placeholders.ts';

const ASCII = /^[\x20-\x7e]*$/;
const MARKS = /\p{M}+/gu;
const NOT_WORD = /[^a-z0-9]+/g;
const NOT_WORD_ANY_SCRIPT = /[^\p{L}\p{N}]+/gu;
const LATIN = /\p{Script=Latin}/u;
const LOOK_ALIKE = /[\u0391-\u03c9\u0400-\u045f]/;

/** Letters that decomposing does not take apart. */
const FOLDED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};
const FOLDABLE = /[ßæœøđðłþı]/g;

/** Cyrillic and Greek letters that look like Latin ones, for words that mix the scripts: a slip or a disguise. */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  'аa еe оo рp сc уy хx іi јj ѕs кk мm тt нh вb οo αa ρp υu νv ιi κk τt'
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.charAt(1)]),
);

/** Lower case, without accents, in compatibility form; scripts other than Latin are kept. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const folded = text
    .normalize('NFKD')
    .replace(MARKS, '')
    .toLowerCase()
    .replace(FOLDABLE, (letter) => FOLDED[letter] ?? letter);
  return LATIN.test(folded) && LOOK_ALIKE.test(folded) ? withoutLookAlikes(folded) : folded;
}

function withoutLookAlikes(text: string): string {
  return text
    .split(' ')
    .map((word) =>
      LATIN.test(word) ? word.replace(/./gu, (letter) => LOOK_ALIKES.get(letter) ?? letter) : word,
    )
    .join(' ');
}

/** Words of folded text: letters and digits, apostrophes and dots dropped, everything else a gap. */
export function words(text: string): string[] {
  const folded = fold(text).replace(/['’`.]/g, '');
  const spaced = folded.replace(ASCII.test(folded) ? NOT_WORD : NOT_WORD_ANY_SCRIPT, ' ').trim();
  return spaced === '' ? [] : spaced.split(' ');
}

/** A value that is compared as it is: its words in one, or nothing where it is a placeholder. */
export function normalizePlain(text: string): string {
  const joined = words(text).join(' ');
  return isPlaceholder(joined) ? '' : joined;
}
