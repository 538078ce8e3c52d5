/** What people and systems write when they have nothing to write. Folded to lower case, words parted by one space. */
const PLACEHOLDERS = new Set(
  (
    'n a,nil,null,none,nan,undefined,unknown,unkown,unk,not known,not given,not available,not applicable,missing,' +
    'blank,empty,test,tester,testing,dummy,default,anonymous,anon,no name,noname,fnu,lnu,nfn,nln,' +
    'object object,tbc,tbd,refused,withheld,deleted,redacted,to be advised,xx,xxx,zz,zzz'
  ).split(','),
);

/** One character over and over: `xxxx`, `0000`, `----`. */
const REPEATED = /^(.)\1{2,}$/;
const ASCENDING = '01234567890123456789';

/** Whether folded text stands for a missing value. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.has(text) || REPEATED.test(text);
}

/** Whether a string of digits is a filler: one digit over and over, or counting up. */
export function isFillerNumber(digits: string): boolean {
  return /^(\d)\1*$/.test(digits) || (digits.length >= 5 && ASCENDING.includes(digits));
}
