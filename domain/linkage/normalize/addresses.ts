import { isPlaceholder } from './placeholders.ts';
import { fold, words } from './text.ts';

const SHORT: ReadonlyMap<string, string> = new Map(
  (
    'st street,str street,rd road,ave avenue,av avenue,avn avenue,dr drive,drv drive,ln lane,ct court,crt court,' +
    'cres crescent,crs crescent,cr crescent,pl place,sq square,blvd boulevard,bvd boulevard,pde parade,pky parkway,' +
    'pkwy parkway,hwy highway,tce terrace,ter terrace,terr terrace,cl close,cct circuit,cir circle,gdns gardens,' +
    'gdn garden,gr grove,gve grove,hts heights,mt mount,n north,s south,e east,w west,ne northeast,nw northwest,' +
    'se southeast,sw southwest,apt unit,apartment unit,flat unit,ste suite,fl floor,pt point,rdg ridge,vlg village,' +
    'vlge village,trl trail,wy way,xing crossing,plz plaza,esp esplanade,strasse str'
  )
    .split(',')
    .map((pair) => pair.split(' ') as [string, string]),
);

const LEADING_NUMBER =
  /^(?:(?:flat|unit|apt|apartment|suite)\s*\w+\s*,?\s+)?(\d+[a-z]?(?:[-/]\d+[a-z]?)?)[\s,]+(.*)$/;
const TRAILING_NUMBER = /^([^\d,]+?)\s+(\d+\s?[a-z]?)\b(.*)$/;

/** A street: folded, abbreviations written out, words in one. Nothing for a placeholder. */
export function normalizeStreet(text: string): string {
  const parts = words(text);
  const street = parts.map((word) => SHORT.get(word) ?? word).join('');
  return isPlaceholder(street) ? '' : street;
}

/** A house number: `12 A` and `12a` are one, leading zeros go. */
export function normalizeHouseNumber(text: string): string {
  const number = words(text)
    .join('')
    .replace(/^0+(?=\w)/, '');
  return isPlaceholder(number) ? '' : number;
}

/** A postcode: letters and digits only. */
export function normalizePostcode(text: string): string {
  const code = words(text).join('');
  return isPlaceholder(code) ? '' : code;
}

/** Takes a line apart into house number and street, whichever comes first; what follows a comma is left out. */
export function splitAddress(line: string): { readonly number: string; readonly street: string } {
  const text = fold(line).trim();
  const leading = LEADING_NUMBER.exec(text);
  if (leading) return { number: leading[1] ?? '', street: (leading[2] ?? '').split(',')[0] ?? '' };
  const trailing = TRAILING_NUMBER.exec(text);
  if (trailing) return { number: trailing[2] ?? '', street: trailing[1] ?? '' };
  return { number: '', street: text.split(',')[0] ?? '' };
}
