import { isPlaceholder } from './placeholders.ts';
import { words } from './text.ts';

const TITLES = new Set(
  (
    'mr,mrs,ms,miss,mx,dr,prof,professor,sir,dame,lord,lady,rev,reverend,fr,hon,capt,captain,col,lt,sgt,maj,gen,' +
    'herr,frau,mme,mlle,madame,monsieur,sra,srta,dott,ing,dipl'
  ).split(','),
);
const SUFFIXES = new Set('jr,sr,junior,senior,ii,iii,iv,esq,phd,md,obe,mbe,cbe,kbe,bt'.split(','));

/**
 * A given name or a surname: folded, without titles before and suffixes after, words in one (typing errors put spaces
 * in and leave them out). Nothing for a placeholder.
 */
export function normalizeName(text: string): string {
  const parts = words(text);
  let [from, to] = [0, parts.length];
  while (to - from > 1 && TITLES.has(parts[from] as string)) from += 1;
  while (to - from > 1 && SUFFIXES.has(parts[to - 1] as string)) to -= 1;
  const name = to - from === 1 ? (parts[from] as string) : parts.slice(from, to).join('');
  return isPlaceholder(name) || isPlaceholder(parts.join(' ')) ? '' : name;
}
